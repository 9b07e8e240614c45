#pragma once
// A store in memory, with keys that a test holds.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crypto/key_encryption.h"
#include "crypto/seal.h"
#include "store/fsck.h"
#include "store/gc.h"
#include "store/limits.h"
#include "store/local_storage.h"
#include "store/names.h"
#include "store/object_reader.h"
#include "store/put.h"
#include "store/rotate.h"
#include "store/shred.h"
#include "support/world.h"

namespace bulwark::store {

// Versions of a key-encryption key, made from a seed.
class TestKeys : public crypto::KeyEncryption {
 public:
  explicit TestKeys(std::uint8_t seed = 1) : seed_(seed) {}
  [[nodiscard]] Result<std::uint32_t> current() const override { return version; }
  [[nodiscard]] Result<std::vector<std::uint8_t>> wrap(std::uint32_t of, Bytes key) const override {
    if (gone.contains(of) || of > version) return fail(Code::NotFound, "no version " + std::to_string(of));
    return crypto::wrap_key(kek(of), key);
  }
  [[nodiscard]] Result<crypto::Secret> unwrap(std::uint32_t of, Bytes wrapped) const override {
    if (gone.contains(of) || of > version) return fail(Code::NotFound, "no version " + std::to_string(of));
    return crypto::unwrap_key(kek(of), wrapped);
  }

  std::uint32_t version = 1;
  std::set<std::uint32_t> gone;

 private:
  [[nodiscard]] std::vector<std::uint8_t> kek(std::uint32_t of) const {
    std::vector<std::uint8_t> key(32, seed_);
    key[31] = static_cast<std::uint8_t>(of);
    return key;
  }
  std::uint8_t seed_;
};

inline Source source_of(Bytes content) {
  return [content, at = std::size_t{0}](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(out.size(), content.size() - at);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
    at += count;
    return count;
  };
}

inline std::vector<std::uint8_t> random_bytes(std::uint64_t seed, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  test::SeededRandom(seed).fill(bytes);
  return bytes;
}

inline Result<std::vector<std::uint8_t>> content_of(const Store& store, const ObjectId& object) {
  ObjectReader reader = TRY(ObjectReader::open(store, object));
  std::vector<std::uint8_t> content(reader.size());
  const std::size_t got = TRY(reader.read_at(0, content));
  content.resize(got);
  return content;
}

// One store and what stands around it.
class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    EXPECT_TRUE(files.make_directory("/store"));
    auto made = Store::create(around(), "default");
    EXPECT_TRUE(made) << made.error().message;
    store = std::make_unique<Store>(std::move(*made));
  }
  [[nodiscard]] Surroundings around() {
    return {.storage = storage, .keys = keys, .random = random, .clock = clock, .wait = {}};
  }
  void reopen() {
    auto opened = Store::open(around());
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::make_unique<Store>(std::move(*opened));
  }
  PutResult must_put(Bytes content, const PutOptions& options = {}) {
    auto result = put(*store, source_of(content), options);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : PutResult{};
  }
  // Names of the damages that fsck finds, in its order.
  [[nodiscard]] std::vector<std::string> damages(bool mend = false) {
    const auto checked = mend ? repair(*store, Depth::Everything, [] { return true; })
                              : fsck(*store, Depth::Everything, [] { return true; });
    EXPECT_TRUE(checked) << (checked ? "" : checked.error().message);
    std::vector<std::string> names;
    if (checked)
      for (const Damage& damage : checked->damages) names.emplace_back(about(damage.kind).name);
    return names;
  }
  [[nodiscard]] std::string disk(const std::string& path) const { return "/store/" + path; }

  test::MemoryFileSystem files;
  test::SeededRandom random{7};
  test::SteppingWallClock clock;
  TestKeys keys;
  LocalStorage storage{files, random, "/store"};
  std::unique_ptr<Store> store;
};

}  // namespace bulwark::store
