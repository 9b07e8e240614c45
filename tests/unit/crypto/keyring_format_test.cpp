// The worked example of docs/formats/keyring.md is what the program reads.

#include <gtest/gtest.h>

#include "base/text.h"
#include "crypto/keyring.h"
#include "support/support.h"
#include "support/world.h"

namespace bulwark::crypto {
namespace {

std::string between(const std::string& text, std::string_view from, std::string_view to) {
  const std::size_t start = text.find(from);
  if (start == std::string::npos) return {};
  const std::size_t end = text.find(to, start + from.size());
  return text.substr(start + from.size(), end - start - from.size());
}

TEST(KeyringFormat, TheExampleOpensAsDescribed) {
  const std::string page = test::read_file("docs/formats/keyring.md");
  const std::string file = between(page, "```json\n", "```");
  const auto key = read_key_file(file);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(write_key_file(*key), file);

  test::MemoryFileSystem files;
  test::SeededRandom random;
  const test::SteppingWallClock clock;
  ASSERT_TRUE(files.make_directory("keys"));
  ASSERT_TRUE(files.create("keys/store.key"));
  files.set_content("keys/store.key", bytes_of(file));
  const Keyring ring(files, random, clock, "keys");
  const auto opened = ring.key_encryption("store", [](const KeyFile&) -> Result<Secret> {
    return Secret(bytes_of("correct horse battery staple"));
  });
  ASSERT_TRUE(opened) << opened.error().message;
  std::vector<std::uint8_t> kek(32);
  for (std::uint8_t i = 0; i < 32; ++i) kek[i] = i;
  EXPECT_EQ((*opened)->unwrap(1, *wrap_key(kek, bytes_of("a data key")))->text(), "a data key");
}

TEST(KeyringFormat, TheDerivedKeysAreTheTable) {
  const std::string page = test::read_file("docs/formats/keyring.md");
  const auto key = read_key_file(between(page, "```json\n", "```"));
  ASSERT_TRUE(key);
  const auto master =
      argon2id(key->protection.argon2, bytes_of("correct horse battery staple"), key->protection.salt, 32);
  EXPECT_EQ(hex(master->bytes()), between(page, "| master | `", "`"));
  for (const std::string purpose : {"check", "seal", "mac"}) {
    const std::string expected = between(page, "\n| " + purpose + " | `", "`");
    const auto derived = hkdf_expand(HashAlgorithm::Sha256, master->bytes(),
                                     bytes_of("bulwark.keyring/1 " + purpose), expected.size() / 2);
    EXPECT_EQ(hex(derived->bytes()), expected) << purpose;
  }
}

}  // namespace
}  // namespace bulwark::crypto
