// C2SP chunked encryption against the Wycheproof vectors in shared/vectors/crypto, through every way of
// reading: as a stream in pieces, at any place, whole in memory, and without the header.

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "base/document.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/chunked.h"
#include "support/support.h"

namespace bulwark::store {
namespace {

std::vector<std::uint8_t> unhex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(digit(text[i]) * 16 + digit(text[i + 1])));
  return bytes;
}

std::vector<std::uint8_t> inflated(const std::vector<std::uint8_t>& packed) {
  std::vector<std::uint8_t> out(std::size_t{8} << 20);
  uLongf size = out.size();
  EXPECT_EQ(uncompress(out.data(), &size, packed.data(), packed.size()), Z_OK);
  out.resize(size);
  return out;
}

class InMemory : public ReadableFile {
 public:
  explicit InMemory(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] Result<std::uint64_t> size() const override { return bytes_.size(); }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset,
                                            std::span<std::uint8_t> out) const override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(out.size(), bytes_.size() - offset);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

struct Case {
  Suite suite = Suite::Cobblestone256;
  std::int64_t id = 0;
  std::vector<std::uint8_t> key, context, sealed, aead_key, base_nonce;
  std::optional<std::int64_t> size;
  std::string sha512;
  bool valid = false;
  std::vector<std::string> flags;
  [[nodiscard]] bool has(std::string_view flag) const {
    return std::ranges::find(flags, flag) != flags.end();
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  const std::string shared = test::shared_folder();
  if (shared.empty()) return all;
  for (const auto suite : {Suite::Cobblestone128, Suite::Cobblestone256}) {
    const std::string bits = suite == Suite::Cobblestone128 ? "128" : "256";
    const std::string text = test::read_file(
        shared + "/vectors/crypto/wycheproof/c2sp_chunked_encryption_aes_" + bits + "_gcm_test.json");
    const auto parsed = parse_json(text, Limits{});
    if (!parsed) continue;
    for (const Document& group : parsed->root.find("testGroups")->list) {
      for (const Document& test : group.find("tests")->list) {
        Case& c = all.emplace_back();
        c.suite = suite;
        c.id = test.find("tcId")->integer;
        c.key = unhex(test.text("key"));
        c.context = unhex(test.text("ctx"));
        c.sealed = inflated(unhex(test.text("ct")));
        c.aead_key = unhex(test.text("aeadKey"));
        c.base_nonce = unhex(test.text("baseNonce"));
        if (const Document* size = test.find("msgLength")) c.size = size->integer;
        c.sha512 = test.text("msgSha512");
        c.valid = test.text("result") == "valid";
        for (const Document& flag : test.find("flags")->list) c.flags.push_back(flag.string);
      }
    }
  }
  return all;
}

std::string sha512(Bytes bytes) {
  return hex(crypto::hash(crypto::HashAlgorithm::Sha512, bytes));
}

std::string name_of(const Case& c) {
  return std::to_string(c.suite == Suite::Cobblestone128 ? 128 : 256) + " case " + std::to_string(c.id);
}

// Whatever was given out is the message (valid) or a prefix of what authenticates.
void expect_message(const Case& c, Bytes message, bool whole) {
  if (whole || (c.size && static_cast<std::int64_t>(message.size()) == *c.size)) {
    ASSERT_TRUE(c.size) << name_of(c);
    EXPECT_EQ(static_cast<std::int64_t>(message.size()), *c.size) << name_of(c);
    EXPECT_EQ(sha512(message), c.sha512) << name_of(c);
  } else {
    EXPECT_LE(static_cast<std::int64_t>(message.size()), c.size.value_or(0)) << name_of(c);
  }
}

class ChunkedVectors : public testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_folder().empty()) GTEST_SKIP() << "no shared vectors beside the project";
    all = cases();
    ASSERT_GE(all.size(), 70U);
  }
  std::vector<Case> all;
};

TEST_F(ChunkedVectors, StreamInPiecesOfManySizes) {
  for (const Case& c : all) {
    for (const std::size_t step : {1U, 7U, 56U, 16'384U, 16'400U, 100'000U}) {
      if (step < 100 && c.sealed.size() > 100'000) continue;
      auto opener = ChunkOpener::create(c.suite, c.key, c.context);
      if (c.has("InvalidKeySize")) {
        EXPECT_FALSE(opener) << name_of(c);
        continue;
      }
      ASSERT_TRUE(opener) << name_of(c);
      std::vector<std::uint8_t> message;
      bool good = true;
      for (std::size_t at = 0; at < c.sealed.size(); at += step)
        good = opener->update(Bytes(c.sealed).subspan(at, std::min(step, c.sealed.size() - at)), message) &&
               good;
      good = opener->finish(message).has_value() && good;
      EXPECT_EQ(good, c.valid) << name_of(c) << " step " << step;
      if (!c.valid) {
        EXPECT_FALSE(opener->finish(message)) << name_of(c) << ": the error stays";
        EXPECT_FALSE(opener->update(c.sealed, message)) << name_of(c);
      }
      expect_message(c, message, c.valid);
    }
  }
}

TEST_F(ChunkedVectors, AtAnyPlace) {
  for (const Case& c : all) {
    auto reader = ChunkReader::open(c.suite, c.key, c.context, std::make_unique<InMemory>(c.sealed));
    if (c.has("HeaderFailure")) {
      EXPECT_FALSE(reader) << name_of(c);
      continue;
    }
    if (!reader) {
      EXPECT_FALSE(c.valid) << name_of(c);
      continue;
    }
    const bool ends_here = reader->authenticate_size().has_value();
    if (c.valid) {
      EXPECT_TRUE(ends_here) << name_of(c);
    } else if (!c.has("ValidFinalChunk")) {
      EXPECT_FALSE(ends_here) << name_of(c);
    }
    std::vector<std::uint8_t> message(reader->size() + 10);
    const auto got = reader->read_at(0, message);
    EXPECT_EQ(ends_here && got.has_value(), c.valid) << name_of(c);
    if (!c.valid || !got) continue;
    message.resize(*got);
    expect_message(c, message, true);
    for (std::uint64_t at = 0; at < message.size(); at += 9'973) {
      std::vector<std::uint8_t> part(20'000);
      const auto some = reader->read_at(at, part);
      ASSERT_TRUE(some) << name_of(c);
      EXPECT_EQ(*some, std::min<std::uint64_t>(part.size(), message.size() - at));
      EXPECT_TRUE(std::equal(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(*some),
                             message.begin() + static_cast<std::ptrdiff_t>(at)))
          << name_of(c) << " at " << at;
    }
  }
}

TEST_F(ChunkedVectors, WholeInMemoryAndRaw) {
  for (const Case& c : all) {
    if (c.has("HeaderFailure")) continue;
    auto cipher = ChunkCipher::open(c.suite, c.key, c.context, c.sealed);
    ASSERT_TRUE(cipher) << name_of(c);
    const auto size = plain_size(c.sealed.size());
    std::vector<std::uint8_t> message(size.value_or(0));
    const bool good = size && open_message(*cipher, c.sealed, message);
    EXPECT_EQ(good, c.valid) << name_of(c);
    std::vector<std::uint8_t> again(size.value_or(0));
    ChunkCipher raw = ChunkCipher::raw(c.aead_key, c.base_nonce);
    EXPECT_EQ(size && open_message(raw, c.sealed, again), c.valid) << name_of(c);
    EXPECT_TRUE(!c.valid || again == message) << name_of(c);
  }
}

TEST_F(ChunkedVectors, SealingWithTheirSaltGivesTheirBytes) {
  for (const Case& c : all) {
    if (!c.valid) continue;
    auto opener = ChunkOpener::create(c.suite, c.key, c.context);
    std::vector<std::uint8_t> message;
    ASSERT_TRUE(opener && opener->update(c.sealed, message) && opener->finish(message));
    Salt salt{};
    std::copy_n(c.sealed.begin(), salt.size(), salt.begin());
    auto cipher = ChunkCipher::derive(c.suite, c.key, c.context, salt);
    ASSERT_TRUE(cipher);
    EXPECT_EQ(sealed_size(message.size()), c.sealed.size());
    std::vector<std::uint8_t> sealed(sealed_size(message.size()));
    seal_message(*cipher, message, sealed);
    EXPECT_TRUE(sealed == c.sealed) << name_of(c);
    ChunkSealer sealer(std::move(*cipher));
    std::vector<std::uint8_t> streamed;
    for (std::size_t at = 0; at < message.size(); at += 10'007)
      ASSERT_TRUE(sealer.update(
          Bytes(message).subspan(at, std::min<std::size_t>(10'007, message.size() - at)), streamed));
    ASSERT_TRUE(sealer.finish(streamed));
    EXPECT_TRUE(streamed == c.sealed) << name_of(c);
  }
}

}  // namespace
}  // namespace bulwark::store
