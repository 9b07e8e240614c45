// Every primitive that we use against the Wycheproof files of shared/vectors/crypto, read in place: each
// valid case must pass, each invalid one be refused. Files of primitives that we do not use are named at the
// end.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "base/document.h"
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/hash.h"
#include "crypto/seal.h"
#include "crypto/signing.h"
#include "support/support.h"

namespace bulwark::crypto {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer field(const Document& record, std::string_view name) {
  const auto bytes = unhex(record.text(name));
  EXPECT_TRUE(bytes) << name;
  return bytes.value_or(Buffer());
}

std::int64_t number(const Document& record, std::string_view name) {
  const Document* found = record.find(name);
  EXPECT_NE(found, nullptr) << name;
  return found == nullptr ? -1 : found->integer;
}

enum class Outcome : std::uint8_t {
  Accepts,
  Refuses,
  NotOffered,  // sizes that our interface cannot even be asked for
};

struct Counts {
  std::size_t valid = 0;
  std::size_t invalid = 0;
  std::size_t not_offered = 0;
  std::vector<std::int64_t> acceptable_accepted;
  std::vector<std::int64_t> acceptable_refused;
};

using Judge = std::function<Outcome(const Document& group, const Document& test)>;

std::string folder() {
  const std::string shared = test::shared_folder();
  return shared.empty() ? shared : shared + "/vectors/crypto/wycheproof/";
}

void judge_test(const Document& group, const Document& each, const Judge& judge, Counts& counts) {
  const std::int64_t id = number(each, "tcId");
  const Outcome outcome = judge(group, each);
  const std::string_view expected = each.text("result");
  if (outcome == Outcome::NotOffered) {
    ++counts.not_offered;
  } else if (expected == "valid") {
    EXPECT_EQ(outcome, Outcome::Accepts) << "case " << id << ": " << each.text("comment");
    ++counts.valid;
  } else if (expected == "invalid") {
    EXPECT_EQ(outcome, Outcome::Refuses) << "case " << id << ": " << each.text("comment");
    ++counts.invalid;
  } else {
    (outcome == Outcome::Accepts ? counts.acceptable_accepted : counts.acceptable_refused).push_back(id);
  }
}

Counts judge_file(const std::string& name, const Judge& judge) {
  Counts counts;
  const std::string text = test::read_file(folder() + name);
  const auto document = parse_json(text, Limits{});
  EXPECT_TRUE(document) << name;
  const Document* groups = document ? document->root.find("testGroups") : nullptr;
  EXPECT_NE(groups, nullptr) << name;
  if (groups == nullptr) return counts;
  std::size_t total = 0;
  for (const Document& group : groups->list) {
    for (const Document& each : group.find("tests")->list) {
      judge_test(group, each, judge, counts);
      ++total;
    }
  }
  EXPECT_EQ(total, static_cast<std::size_t>(number(document->root, "numberOfTests"))) << name;
  return counts;
}

#define BW_NEEDS_VECTORS() \
  if (folder().empty()) GTEST_SKIP() << "../shared is not there"

Outcome outcome_of(bool accepted) {
  return accepted ? Outcome::Accepts : Outcome::Refuses;
}

Outcome judge_gcm(const Document& /*group*/, const Document& each) {
  const Buffer key = field(each, "key");
  const Buffer nonce = field(each, "iv");
  // AES-192 buys nothing, and nonces of other sizes are hashed to 12 bytes, with worse bounds (SP
  // 800-38D, 8.3).
  if (key.size() == 24 || nonce.size() != 12) return Outcome::NotOffered;
  const Buffer plain = field(each, "msg");
  Buffer expected = field(each, "ct");
  const Buffer tag = field(each, "tag");
  expected.insert(expected.end(), tag.begin(), tag.end());
  AesGcm cipher(key);
  Buffer sealed(plain.size() + kTagBytes);
  cipher.seal(nonce, field(each, "aad"), plain, sealed);
  Buffer opened(expected.size() - kTagBytes);
  const bool opens = cipher.open(nonce, field(each, "aad"), expected, opened).has_value();
  EXPECT_EQ(opens, sealed == expected) << number(each, "tcId");
  return outcome_of(opens && opened == plain);
}

TEST(Wycheproof, AesGcm) {
  BW_NEEDS_VECTORS();
  const Counts counts = judge_file("aes_gcm_test.json", judge_gcm);
  EXPECT_EQ(counts.valid + counts.invalid, 133U);
  EXPECT_EQ(counts.not_offered, 316U - 133U);
}

TEST(Wycheproof, AesKeyWrapWithPadding) {
  BW_NEEDS_VECTORS();
  const Counts counts = judge_file("aes_kwp_test.json", [](const Document&, const Document& each) {
    const Buffer key = field(each, "key");
    const Buffer plain = field(each, "msg");
    const Buffer wrapped = field(each, "ct");
    const auto unwrapped = unwrap_key(key, wrapped);
    const bool opens = unwrapped && std::ranges::equal(unwrapped->bytes(), plain);
    const auto again = wrap_key(key, plain);
    EXPECT_EQ(opens, again && *again == wrapped) << number(each, "tcId");
    return outcome_of(opens);
  });
  EXPECT_EQ(counts.valid, 77U);
  EXPECT_EQ(counts.invalid, 177U);
}

Judge hkdf(HashAlgorithm algorithm) {
  return [algorithm](const Document&, const Document& each) {
    const Secret key = hkdf_extract(algorithm, field(each, "salt"), field(each, "ikm"));
    const auto size = static_cast<std::size_t>(number(each, "size"));
    const auto derived = hkdf_expand(algorithm, key.bytes(), field(each, "info"), size);
    return outcome_of(derived && std::ranges::equal(derived->bytes(), field(each, "okm")));
  };
}

TEST(Wycheproof, Hkdf) {
  BW_NEEDS_VECTORS();
  EXPECT_EQ(judge_file("hkdf_sha256_test.json", hkdf(HashAlgorithm::Sha256)).valid, 83U);
  EXPECT_EQ(judge_file("hkdf_sha384_test.json", hkdf(HashAlgorithm::Sha384)).valid, 80U);
  EXPECT_EQ(judge_file("hkdf_sha512_test.json", hkdf(HashAlgorithm::Sha512)).valid, 80U);
}

Judge hmac_with(HashAlgorithm algorithm) {
  return [algorithm](const Document& group, const Document& each) {
    Buffer tag = hmac(algorithm, field(each, "key"), field(each, "msg"));
    tag.resize(static_cast<std::size_t>(number(group, "tagSize")) / 8);
    return outcome_of(equal_in_constant_time(tag, field(each, "tag")));
  };
}

TEST(Wycheproof, Hmac) {
  BW_NEEDS_VECTORS();
  EXPECT_EQ(judge_file("hmac_sha256_test.json", hmac_with(HashAlgorithm::Sha256)).invalid, 108U);
  EXPECT_EQ(judge_file("hmac_sha512_test.json", hmac_with(HashAlgorithm::Sha512)).invalid, 108U);
}

TEST(Wycheproof, HmacInPieces) {
  BW_NEEDS_VECTORS();
  judge_file("hmac_sha256_test.json", [](const Document& group, const Document& each) {
    Hmac256 running(field(each, "key"));
    const Buffer message = field(each, "msg");
    running.update(Bytes(message).first(message.size() / 3));
    running.update(Bytes(message).subspan(message.size() / 3));
    const Hash256 tag = running.finish();
    return outcome_of(equal_in_constant_time(
        Bytes(tag).first(static_cast<std::size_t>(number(group, "tagSize")) / 8), field(each, "tag")));
  });
}

TEST(Wycheproof, Pbkdf2) {
  BW_NEEDS_VECTORS();
  const Counts counts = judge_file("pbkdf2_hmacsha256_test.json", [](const Document&, const Document& each) {
    const auto derived = pbkdf2(HashAlgorithm::Sha256, field(each, "password"), field(each, "salt"),
                                static_cast<std::uint32_t>(number(each, "iterationCount")),
                                static_cast<std::size_t>(number(each, "dkLen")));
    return outcome_of(derived && std::ranges::equal(derived->bytes(), field(each, "dk")));
  });
  EXPECT_EQ(counts.valid, 60U);
}

PublicKey key_of(const Document& group) {
  const auto from_der = PublicKey::from_spki(field(group, "publicKeyDer"));
  const auto from_pem = PublicKey::from_pem(group.text("publicKeyPem"));
  EXPECT_TRUE(from_der && from_pem && *from_der == *from_pem);
  return from_der.value();
}

Judge verifies_with(HashAlgorithm algorithm, Padding padding = Padding::None) {
  return [algorithm, padding](const Document& group, const Document& each) {
    return outcome_of(
        key_of(group).verify(algorithm, field(each, "msg"), field(each, "sig"), padding).has_value());
  };
}

TEST(Wycheproof, Ecdsa) {
  BW_NEEDS_VECTORS();
  EXPECT_EQ(judge_file("ecdsa_secp256r1_sha256_test.json", verifies_with(HashAlgorithm::Sha256)).invalid,
            310U);
  EXPECT_EQ(judge_file("ecdsa_secp384r1_sha384_test.json", verifies_with(HashAlgorithm::Sha384)).invalid,
            310U);
  EXPECT_EQ(judge_file("ecdsa_secp521r1_sha512_test.json", verifies_with(HashAlgorithm::Sha512)).invalid,
            310U);
}

TEST(Wycheproof, EcdsaAsTokensWriteIt) {
  BW_NEEDS_VECTORS();
  const Counts counts =
      judge_file("ecdsa_secp256r1_sha256_p1363_test.json", [](const Document& group, const Document& each) {
        const auto der = ecdsa_der(field(each, "sig"), 32);
        return outcome_of(der &&
                          key_of(group).verify(HashAlgorithm::Sha256, field(each, "msg"), *der).has_value());
      });
  EXPECT_EQ(counts.valid, 173U);
  EXPECT_EQ(counts.invalid, 89U);
}

TEST(Wycheproof, Ed25519) {
  BW_NEEDS_VECTORS();
  const Counts counts = judge_file("ed25519_test.json", [](const Document& group, const Document& each) {
    const auto raw = PublicKey::from_ed25519(field(*group.find("publicKey"), "pk"));
    EXPECT_TRUE(raw && *raw == key_of(group));
    return verifies_with(HashAlgorithm::Sha512)(group, each);
  });
  EXPECT_EQ(counts.valid, 88U);
  EXPECT_EQ(counts.invalid, 63U);
}

TEST(Wycheproof, Rsa) {
  BW_NEEDS_VECTORS();
  const Counts pss = judge_file("rsa_pss_2048_sha256_mgf1_32_test.json",
                                verifies_with(HashAlgorithm::Sha256, Padding::RsaPss));
  EXPECT_EQ(pss.valid, 63U);
  EXPECT_EQ(pss.invalid, 45U);
  const Counts pkcs1 = judge_file("rsa_signature_2048_sha256_test.json",
                                  verifies_with(HashAlgorithm::Sha256, Padding::RsaPkcs1));
  EXPECT_EQ(pkcs1.valid, 9U);
  EXPECT_EQ(pkcs1.invalid, 249U);
  // Case 8, the digest's NULL parameters left out: RFC 8017 (9.2) wants the one DER encoding, so we refuse.
  EXPECT_EQ(pkcs1.acceptable_refused, (std::vector<std::int64_t>{8}));
  EXPECT_TRUE(pkcs1.acceptable_accepted.empty());
}

TEST(Wycheproof, EveryFileIsUsedOrNamed) {
  BW_NEEDS_VECTORS();
  const std::map<std::string, std::string> elsewhere = {
      {"c2sp_chunked_encryption_aes_128_gcm_test.json", "tested with the store"},
      {"c2sp_chunked_encryption_aes_256_gcm_test.json", "tested with the store"},
  };
  // Primitives that nothing here uses; whoever brings one in moves its file up.
  const std::map<std::string, std::string> unused = {
      {"aes_gcm_siv_test.json", "AES-GCM-SIV"},
      {"chacha20_poly1305_test.json", "ChaCha20-Poly1305"},
      {"json_web_key_test.json", "JSON Web Key"},
      {"json_web_signature_test.json", "JSON Web Signature"},
      {"x25519_test.json", "X25519"},
      {"xchacha20_poly1305_test.json", "XChaCha20-Poly1305"},
  };
  const std::set<std::string> used = {
      "aes_gcm_test.json",
      "aes_kwp_test.json",
      "ecdsa_secp256r1_sha256_p1363_test.json",
      "ecdsa_secp256r1_sha256_test.json",
      "ecdsa_secp384r1_sha384_test.json",
      "ecdsa_secp521r1_sha512_test.json",
      "ed25519_test.json",
      "hkdf_sha256_test.json",
      "hkdf_sha384_test.json",
      "hkdf_sha512_test.json",
      "hmac_sha256_test.json",
      "hmac_sha512_test.json",
      "pbkdf2_hmacsha256_test.json",
      "rsa_pss_2048_sha256_mgf1_32_test.json",
      "rsa_signature_2048_sha256_test.json",
  };
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".json")) continue;
    EXPECT_TRUE(used.contains(name) || elsewhere.contains(name) || unused.contains(name))
        << name << ": neither used nor named as unused";
  }
}

}  // namespace
}  // namespace bulwark::crypto
