// The worked example of docs/formats/store.md: its bytes are a store that opens, and are what we write.

#include <gtest/gtest.h>

#include "support/support.h"
#include "unit/store/world.h"

namespace bulwark::store {
namespace {

constexpr std::string_view kFence = "```";

// Version 1 of the key-encryption key is 00 01 02 … 1f.
class ExampleKeys : public crypto::KeyEncryption {
 public:
  [[nodiscard]] Result<std::uint32_t> current() const override { return std::uint32_t{1}; }
  [[nodiscard]] Result<std::vector<std::uint8_t>> wrap(std::uint32_t version, Bytes key) const override {
    (void)version;
    return crypto::wrap_key(kek(), key);
  }
  [[nodiscard]] Result<crypto::Secret> unwrap(std::uint32_t version, Bytes wrapped) const override {
    (void)version;
    return crypto::unwrap_key(kek(), wrapped);
  }

 private:
  static std::vector<std::uint8_t> kek() {
    std::vector<std::uint8_t> key(32);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    return key;
  }
};

// Files of the document: a fence whose first line is "PATH (n bytes)", then hex.
std::map<std::string, std::vector<std::uint8_t>> files_of_document() {
  const std::string text = test::read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/store.md");
  std::map<std::string, std::vector<std::uint8_t>> files;
  std::vector<std::uint8_t>* current = nullptr;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("```store ")) {
      current = &files[std::string(line.substr(9))];
    } else if (line.starts_with(kFence)) {
      current = nullptr;
    } else if (current != nullptr) {
      for (const std::string_view word : words(line)) {
        std::vector<std::uint8_t> bytes(word.size() / 2);
        EXPECT_TRUE(read_hex(word, bytes)) << line;
        current->insert(current->end(), bytes.begin(), bytes.end());
      }
    }
  }
  return files;
}

std::string as_document(const std::map<std::string, std::vector<std::uint8_t>>& files) {
  std::string text;
  for (const auto& [path, bytes] : files) {
    text += "```store " + path + "\n";
    for (std::size_t at = 0; at < bytes.size(); at += 48)
      text += hex(Bytes(bytes).subspan(at, std::min<std::size_t>(48, bytes.size() - at))) + "\n";
    text += "```\n\n";
  }
  return text;
}

std::map<std::string, std::vector<std::uint8_t>> files_that_we_write() {
  test::MemoryFileSystem files;
  test::SeededRandom random{2026};
  const test::SteppingWallClock clock;
  const ExampleKeys keys;
  EXPECT_TRUE(files.make_directory("/store"));
  LocalStorage storage(files, random, "/store");
  auto store = Store::create(
      {.storage = storage, .keys = keys, .random = random, .clock = clock, .wait = {}, .cutting = {}},
      "store");
  EXPECT_TRUE(store);
  EXPECT_TRUE(put(*store, source_of(bytes_of("hello\n")), {}));
  std::map<std::string, std::vector<std::uint8_t>> written;
  for (const std::string& path : files.all_files()) {
    const std::string name = path.substr(7);
    if (name.starts_with("lock/") || name == kRootCopyName) continue;
    written[name] = files.content(path);
  }
  return written;
}

TEST(StoreDocument, ItsExampleIsWhatWeWrite) {
  const auto expected = files_that_we_write();
  EXPECT_TRUE(files_of_document() == expected) << "docs/formats/store.md should hold:\n"
                                               << as_document(expected);
}

TEST(StoreDocument, ItsExampleOpens) {
  test::MemoryFileSystem files;
  test::SeededRandom random;
  const test::SteppingWallClock clock;
  const ExampleKeys keys;
  ASSERT_TRUE(files.make_directory("/store"));
  LocalStorage storage(files, random, "/store");
  for (const auto& [path, bytes] : files_of_document()) ASSERT_TRUE(storage.replace(path, bytes)) << path;
  const auto store = Store::open(
      {.storage = storage, .keys = keys, .random = random, .clock = clock, .wait = {}, .cutting = {}});
  ASSERT_TRUE(store) << store.error().message;
  const auto object = resolve(*store, "sha256:" + hex(crypto::sha256_bytes(bytes_of("hello\n"))));
  ASSERT_TRUE(object);
  const auto content = content_of(*store, *object);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(text_of(*content), "hello\n");
}

// The table of damages in the document is the one of the program.
TEST(StoreDocument, NamesEveryDamage) {
  const std::string text = test::read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/store.md");
  for (const DamageText& damage : damage_texts()) {
    const std::string row = "| `" + std::string(damage.name) + "` | " + std::string(damage.meaning) + " | " +
                            std::string(damage.repair) + " |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace bulwark::store
