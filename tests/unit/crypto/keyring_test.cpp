#include "crypto/keyring.h"

#include <gtest/gtest.h>

#include "base/document.h"
#include "base/encoding.h"
#include "base/text.h"
#include "support/world.h"

namespace bulwark::crypto {
namespace {

// The least that Argon2id takes: these tests are about files.
constexpr Argon2 kCheap{.passes = 1, .kibibytes = 8, .lanes = 1};

class KeyringTest : public testing::Test {
 protected:
  [[nodiscard]] static Protector passphrase(std::string_view text) {
    return {.secret = Secret(bytes_of(text)), .argon2 = kCheap};
  }
  [[nodiscard]] static Unlock with(std::string text) {
    return [text](const KeyFile&) -> Result<Secret> { return Secret(bytes_of(text)); };
  }
  // No secret may be asked for.
  [[nodiscard]] static Unlock never() {
    return [](const KeyFile& key) -> Result<Secret> {
      ADD_FAILURE() << "the secret of " << key.name << " was asked for";
      return fail(Code::Denied, "never");
    };
  }
  [[nodiscard]] std::string text_of_file(const std::string& name) const {
    const auto content = files_.content("keys/" + name + ".key");
    return std::string(text_of(content));
  }
  void set_text(const std::string& name, std::string_view text) {
    files_.set_content("keys/" + name + ".key", bytes_of(text));
  }
  void replace_in(const std::string& name, std::string_view from, std::string_view to) {
    std::string text = text_of_file(name);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in\n" << text;
    set_text(name, text.replace(at, from.size(), to));
  }

  test::MemoryFileSystem files_;
  test::SeededRandom random_;
  test::SteppingWallClock clock_;
  Keyring ring_{files_, random_, clock_, "keys"};
};

TEST_F(KeyringTest, SigningKeysOfEveryTypeAreKept) {
  for (const KeyType type : {KeyType::P256, KeyType::P384, KeyType::P521, KeyType::Ed25519}) {
    const std::string name(name_of(type));
    const auto made = ring_.create(name, type, passphrase("swordfish"));
    ASSERT_TRUE(made) << made.error().message;
    const auto key = ring_.signing_key(name, with("swordfish"));
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_TRUE(key->public_key() == *made->active()->public_key);
    const auto signature = key->sign(bytes_of("x"));
    EXPECT_TRUE(key->public_key().verify(hash_for(type), bytes_of("x"), *signature));
    EXPECT_TRUE(ring_.verify(name, with("swordfish")));
  }
  EXPECT_EQ(ring_.list()->keys.size(), 4U);
}

TEST_F(KeyringTest, AnAbsentFolderHoldsNothing) {
  EXPECT_TRUE(ring_.list()->keys.empty());
  EXPECT_EQ(ring_.find("release").error().code, Code::NotFound);
  EXPECT_EQ(ring_.signing_key("release", never()).error().code, Code::NotFound);
}

TEST_F(KeyringTest, ListingAndFindingAskForNoSecret) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(ring_.create("store", std::nullopt, passphrase("swordfish")));
  const auto listing = ring_.list();
  ASSERT_EQ(listing->keys.size(), 2U);
  EXPECT_EQ(listing->keys[0].name, "release");
  EXPECT_EQ(listing->keys[0].type_name(), "p256");
  EXPECT_EQ(listing->keys[1].kind, KeyKind::KeyEncryption);
  EXPECT_EQ(listing->keys[1].type_name(), "aes256");
}

TEST_F(KeyringTest, NamesAreFilesAndNeverPaths) {
  for (const std::string_view wrong : {"", "../x", "a/b", "a.b", "Release", "-a", "_a", "a b", "\xC3\xA4"}) {
    EXPECT_EQ(ring_.create(wrong, KeyType::P256, passphrase("swordfish")).error().code, Code::InvalidInput);
    EXPECT_EQ(ring_.find(wrong).error().code, Code::InvalidInput) << wrong;
  }
  EXPECT_FALSE(is_key_name(std::string(65, 'a')));
  EXPECT_TRUE(is_key_name(std::string(64, 'a')));
  EXPECT_TRUE(is_key_name("release-2_a"));
  EXPECT_TRUE(files_.all_files().empty());
}

TEST_F(KeyringTest, ANameIsUsedOnce) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  EXPECT_EQ(ring_.create("release", KeyType::P256, passphrase("swordfish")).error().code, Code::InvalidInput);
  ASSERT_TRUE(ring_.destroy("release", std::nullopt, "moved to a token", never()));
  EXPECT_EQ(ring_.create("release", KeyType::P256, passphrase("swordfish")).error().code, Code::InvalidInput);
}

TEST_F(KeyringTest, TheWrongPassphraseIsDenied) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  const auto refused = ring_.signing_key("release", with("sardine"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Denied);
  EXPECT_NE(refused.error().message.find("key 'release': the passphrase does not open it"),
            std::string::npos);
  EXPECT_EQ(ring_.rotate("release", with("sardine")).error().code, Code::Denied);
  EXPECT_EQ(ring_.revoke("release", {}, "lost", with("sardine")).error().code, Code::Denied);
  EXPECT_EQ(ring_.destroy("release", 1, "lost", with("sardine")).error().code, Code::Denied);
  EXPECT_EQ(ring_.protect("release", with("sardine"), passphrase("x")).error().code, Code::Denied);
  EXPECT_TRUE(ring_.signing_key("release", with("swordfish")));
}

TEST_F(KeyringTest, RotationRetiresTheVersionBefore) {
  ASSERT_TRUE(ring_.create("release", KeyType::Ed25519, passphrase("swordfish")));
  const auto before = ring_.signing_key("release", with("swordfish"));
  const auto rotated = ring_.rotate("release", with("swordfish"));
  ASSERT_TRUE(rotated) << rotated.error().message;
  ASSERT_EQ(rotated->versions.size(), 2U);
  EXPECT_EQ(rotated->versions[0].state, KeyState::Retired);
  EXPECT_GT(rotated->versions[0].changed, rotated->versions[0].created);
  EXPECT_EQ(rotated->active()->number, 2U);
  const auto after = ring_.signing_key("release", with("swordfish"));
  EXPECT_FALSE(before->public_key() == after->public_key());
}

TEST_F(KeyringTest, KeyEncryptionWrapsWithTheNewestAndUnwrapsAll) {
  ASSERT_TRUE(ring_.create("store", std::nullopt, passphrase("swordfish")));
  const auto first = ring_.key_encryption("store", with("swordfish"));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(*(*first)->current(), 1U);
  const auto wrapped = (*first)->wrap(1, bytes_of("a data key"));
  ASSERT_TRUE(ring_.rotate("store", with("swordfish")));
  const auto second = ring_.key_encryption("store", with("swordfish"));
  EXPECT_EQ(*(*second)->current(), 2U);
  EXPECT_EQ((*second)->unwrap(1, *wrapped)->text(), "a data key");
  EXPECT_EQ((*second)->unwrap(2, *wrapped).error().code, Code::Corrupt);
  EXPECT_EQ((*second)->unwrap(3, *wrapped).error().code, Code::NotFound);
  EXPECT_EQ((*first)->unwrap(2, *wrapped).error().code, Code::NotFound);
}

TEST_F(KeyringTest, RevokedVersionsWrapNothingMoreAndStillUnwrap) {
  ASSERT_TRUE(ring_.create("store", std::nullopt, passphrase("swordfish")));
  const auto wrapped = (*ring_.key_encryption("store", with("swordfish")))->wrap(1, bytes_of("a data key"));
  const auto revoked = ring_.revoke("store", {}, "seen in a log", with("swordfish"));
  ASSERT_TRUE(revoked) << revoked.error().message;
  EXPECT_EQ(revoked->versions[0].state, KeyState::Revoked);
  EXPECT_EQ(revoked->versions[0].reason, "seen in a log");
  const auto key = ring_.key_encryption("store", with("swordfish"));
  EXPECT_EQ((*key)->current().error().code, Code::Denied);
  EXPECT_EQ((*key)->wrap(1, bytes_of("x")).error().code, Code::Denied);
  EXPECT_EQ((*key)->unwrap(1, *wrapped)->text(), "a data key");
  EXPECT_EQ(ring_.revoke("store", 1, "again", with("swordfish")).error().code, Code::InvalidInput);
  ASSERT_TRUE(ring_.rotate("store", with("swordfish")));
  EXPECT_EQ(*(*ring_.key_encryption("store", with("swordfish")))->current(), 2U);
  EXPECT_EQ(ring_.find("store")->versions[0].state, KeyState::Revoked);
}

TEST_F(KeyringTest, ARevokedKeySignsNothingMore) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(ring_.revoke("release", {}, "laptop stolen", with("swordfish")));
  const auto refused = ring_.signing_key("release", with("swordfish"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Denied);
  EXPECT_NE(refused.error().message.find("laptop stolen"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("bulwark key rotate release"), std::string::npos);
}

TEST_F(KeyringTest, DestroyedVersionsHaveNoSecret) {
  ASSERT_TRUE(ring_.create("store", std::nullopt, passphrase("swordfish")));
  const auto wrapped = (*ring_.key_encryption("store", with("swordfish")))->wrap(1, bytes_of("a data key"));
  ASSERT_TRUE(ring_.rotate("store", with("swordfish")));
  const auto destroyed = ring_.destroy("store", 1, "all objects rotated", with("swordfish"));
  ASSERT_TRUE(destroyed) << destroyed.error().message;
  EXPECT_TRUE(destroyed->versions[0].sealed.empty());
  const auto key = ring_.key_encryption("store", with("swordfish"));
  EXPECT_EQ((*key)->unwrap(1, *wrapped).error().code, Code::NotFound);
  EXPECT_EQ(ring_.destroy("store", 1, "again", with("swordfish")).error().code, Code::InvalidInput);
  EXPECT_EQ(ring_.destroy("store", 7, "again", with("swordfish")).error().code, Code::NotFound);
}

TEST_F(KeyringTest, AWholeKeyIsDestroyedWithoutItsSecret) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(ring_.rotate("release", with("swordfish")));
  const auto destroyed = ring_.destroy("release", std::nullopt, "passphrase lost", never());
  ASSERT_TRUE(destroyed) << destroyed.error().message;
  EXPECT_EQ(text_of_file("release").find("sealed"), std::string::npos);
  EXPECT_EQ(ring_.find("release")->versions[1].reason, "passphrase lost");
  EXPECT_TRUE(ring_.find("release")->versions[1].public_key);
  const auto refused = ring_.signing_key("release", never());
  EXPECT_EQ(refused.error().code, Code::Denied);
  EXPECT_EQ(ring_.rotate("release", never()).error().code, Code::Denied);
}

TEST_F(KeyringTest, APassphraseCanBeChanged) {
  ASSERT_TRUE(ring_.create("store", std::nullopt, passphrase("swordfish")));
  ASSERT_TRUE(ring_.rotate("store", with("swordfish")));
  const auto wrapped = (*ring_.key_encryption("store", with("swordfish")))->wrap(1, bytes_of("a data key"));
  ASSERT_TRUE(ring_.protect("store", with("swordfish"), passphrase("another")));
  EXPECT_EQ(ring_.key_encryption("store", with("swordfish")).error().code, Code::Denied);
  EXPECT_EQ((*ring_.key_encryption("store", with("another")))->unwrap(1, *wrapped)->text(), "a data key");
}

TEST_F(KeyringTest, ARootKeyOpensInsteadOfAPassphrase) {
  const std::string root(32, 'r');
  ASSERT_TRUE(ring_.create(
      "store", std::nullopt,
      {.method = Protection::Method::RootKey, .secret = Secret(bytes_of(root)), .reference = "env:ROOT"}));
  EXPECT_EQ(ring_.find("store")->protection.root_key, "env:ROOT");
  EXPECT_TRUE(ring_.key_encryption("store", with(root)));
  EXPECT_EQ(ring_.key_encryption("store", with(std::string(32, 'x'))).error().code, Code::Denied);
  EXPECT_EQ(ring_.key_encryption("store", with("short")).error().code, Code::InvalidInput);
}

TEST_F(KeyringTest, KeysOfOthersAreImported) {
  const auto key = PrivateKey::generate(KeyType::P384);
  ASSERT_TRUE(ring_.import("theirs", *key, passphrase("swordfish")));
  EXPECT_TRUE(ring_.signing_key("theirs", with("swordfish"))->public_key() == key->public_key());
  ASSERT_TRUE(ring_.import("kek", Secret(bytes_of(std::string(32, 'k'))), passphrase("swordfish")));
  EXPECT_TRUE(ring_.key_encryption("kek", with("swordfish")));
  EXPECT_FALSE(ring_.import("short", Secret(bytes_of("k")), passphrase("swordfish")));
}

TEST_F(KeyringTest, KeysAreUsedForWhatTheyAreFor) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(ring_.create("store", std::nullopt, passphrase("swordfish")));
  EXPECT_EQ(ring_.signing_key("store", never()).error().code, Code::InvalidInput);
  EXPECT_EQ(ring_.key_encryption("release", never()).error().code, Code::InvalidInput);
}

TEST_F(KeyringTest, ReasonsAreNeeded) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  for (const std::string& wrong :
       {std::string(), std::string("  "), std::string(1'001, 'x'), std::string("\xFF")}) {
    EXPECT_EQ(ring_.revoke("release", {}, wrong, never()).error().code, Code::InvalidInput);
    EXPECT_EQ(ring_.destroy("release", {}, wrong, never()).error().code, Code::InvalidInput);
  }
}

TEST_F(KeyringTest, RevivingARevokedVersionIsSeen) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(ring_.revoke("release", {}, "laptop stolen", with("swordfish")));
  replace_in("release", "\"revoked\"", "\"active\"");
  const auto refused = ring_.signing_key("release", with("swordfish"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Corrupt);
  EXPECT_NE(refused.error().message.find("was edited"), std::string::npos) << refused.error().message;
}

TEST_F(KeyringTest, EditedReasonsAndTimesAreSeen) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(ring_.revoke("release", {}, "laptop stolen", with("swordfish")));
  const std::string before = text_of_file("release");
  replace_in("release", "laptop stolen", "laptop broken");
  EXPECT_EQ(ring_.verify("release", with("swordfish")).error().code, Code::Corrupt);
  set_text("release", before);
  replace_in("release", "2026-01-01", "2025-01-01");
  EXPECT_EQ(ring_.verify("release", with("swordfish")).error().code, Code::Corrupt);
}

TEST_F(KeyringTest, RemovingAVersionIsSeen) {
  ASSERT_TRUE(ring_.create("store", std::nullopt, passphrase("swordfish")));
  const auto first = ring_.find("store");
  ASSERT_TRUE(ring_.rotate("store", with("swordfish")));
  auto second = ring_.find("store");
  second->versions.pop_back();
  second->versions[0].state = KeyState::Active;
  set_text("store", write_key_file(*second));
  EXPECT_EQ(ring_.key_encryption("store", with("swordfish")).error().code, Code::Corrupt);
}

TEST_F(KeyringTest, SwappedFilesAreSeen) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(ring_.create("test", KeyType::P256, passphrase("swordfish")));
  const std::string release = text_of_file("release");
  const std::string other = text_of_file("test");
  set_text("release", other);
  const auto refused = ring_.signing_key("release", with("swordfish"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Corrupt);
  EXPECT_NE(refused.error().message.find("holds key 'test'"), std::string::npos) << refused.error().message;
  // With the name put right it is the MAC that sees it.
  std::string renamed = other;
  renamed.replace(renamed.find("\"test\""), 6, "\"release\"");
  set_text("release", renamed);
  EXPECT_EQ(ring_.signing_key("release", with("swordfish")).error().code, Code::Corrupt);
}

TEST_F(KeyringTest, SecretsMovedBetweenVersionsAreSeen) {
  ASSERT_TRUE(ring_.create("store", std::nullopt, passphrase("swordfish")));
  ASSERT_TRUE(ring_.rotate("store", with("swordfish")));
  auto file = ring_.find("store");
  std::swap(file->versions[0].sealed, file->versions[1].sealed);
  std::swap(file->versions[0].nonce, file->versions[1].nonce);
  set_text("store", write_key_file(*file));
  EXPECT_EQ(ring_.key_encryption("store", with("swordfish")).error().code, Code::Corrupt);
}

TEST_F(KeyringTest, EveryChangedCharacterIsSeenOrMeansNothing) {
  ASSERT_TRUE(ring_.create("release", KeyType::Ed25519, passphrase("swordfish")));
  ASSERT_TRUE(ring_.revoke("release", {}, "why", with("swordfish")));
  ASSERT_TRUE(ring_.rotate("release", with("swordfish")));
  const std::string text = text_of_file("release");
  const auto original = authenticated_text(*ring_.find("release"));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 0x01);
    set_text("release", changed);
    const auto key = ring_.verify("release", with("swordfish"));
    if (key) {
      EXPECT_EQ(*authenticated_text(*key), *original) << at;
    } else {
      EXPECT_TRUE(key.error().code == Code::Corrupt || key.error().code == Code::Denied ||
                  key.error().code == Code::Unsupported || key.error().code == Code::InvalidInput)
          << key.error().message;
    }
  }
}

TEST_F(KeyringTest, FilesCutAtEveryLengthAreRefused) {
  ASSERT_TRUE(ring_.create("release", KeyType::Ed25519, passphrase("swordfish")));
  const std::string text = text_of_file("release");
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    set_text("release", std::string_view(text).substr(0, size));
    const auto refused = ring_.signing_key("release", never());
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, Code::Corrupt) << refused.error().message;
  }
}

TEST_F(KeyringTest, ADamagedFileDoesNotHideTheOthers) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(ring_.create("test", KeyType::P256, passphrase("swordfish")));
  set_text("release", "{");
  const auto listing = ring_.list();
  ASSERT_EQ(listing->keys.size(), 1U);
  ASSERT_EQ(listing->damaged.size(), 1U);
  EXPECT_EQ(listing->damaged[0].name, "release");
}

TEST_F(KeyringTest, TheSecondWriterIsToldToTryAgain) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  const auto held = files_.lock("keys/lock");
  const auto refused = ring_.rotate("release", never());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Unavailable);
  EXPECT_EQ(refused.error().message, "keys: another process is changing this keyring; try again");
  EXPECT_TRUE(ring_.signing_key("release", with("swordfish")));  // readers need no lock
}

TEST_F(KeyringTest, WhatACrashLeftIsNotInTheWay) {
  ASSERT_TRUE(ring_.create("release", KeyType::P256, passphrase("swordfish")));
  ASSERT_TRUE(files_.create("keys/release.key.new"));
  ASSERT_TRUE(ring_.rotate("release", with("swordfish")));
  EXPECT_TRUE(ring_.list()->damaged.empty());
}

TEST_F(KeyringTest, NoSecretIsInTheFiles) {
  const Secret kek(bytes_of("0123456789abcdef0123456789abcdef"));
  ASSERT_TRUE(ring_.import("store", kek, passphrase("swordfish")));
  const std::string text = text_of_file("store");
  EXPECT_EQ(text.find(encode_base64(kek.bytes())), std::string::npos);
  EXPECT_EQ(text.find("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(text.find("swordfish"), std::string::npos);
}

TEST(KeyFile, ParametersThatWouldStopTheMachineAreRefused) {
  test::MemoryFileSystem files;
  test::SeededRandom random;
  const test::SteppingWallClock clock;
  const Keyring ring(files, random, clock, "keys");
  ASSERT_TRUE(
      ring.create("store", std::nullopt, {.secret = Secret(bytes_of("swordfish")), .argon2 = kCheap}));
  auto file = ring.find("store");
  file->protection.argon2.kibibytes = 4'000'000'000;
  const std::string text = write_key_file(*file);
  files.set_content("keys/store.key", bytes_of(text));
  const auto refused =
      ring.verify("store", [](const KeyFile&) -> Result<Secret> { return Secret(bytes_of("swordfish")); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidInput) << refused.error().message;
}

TEST(KeyFile, SaysWhatIsWrong) {
  const auto message = [](std::string_view text) { return read_key_file(text).error().message; };
  EXPECT_EQ(message("[]"), "key file: key: expected an object");
  EXPECT_EQ(message("{}"), "key file: key: expected text as 'format'");
  EXPECT_EQ(message(R"({"format":"bulwark.keyring/2"})"),
            "key file: format 'bulwark.keyring/2'; this program reads bulwark.keyring/1");
  EXPECT_EQ(read_key_file(R"({"format":"bulwark.keyring/2"})").error().code, Code::Unsupported);
  EXPECT_EQ(message(R"({"format":"bulwark.keyring/1","x":1})"), "key file: key: 'x' does not belong here");
  EXPECT_EQ(message(R"({"format":"bulwark.keyring/1","format":"bulwark.keyring/1"})"),
            "key file: 'format' comes twice");
  EXPECT_EQ(message(R"({"format":"bulwark.keyring/1","name":"../a"})"),
            "key file: '../a' is no name of a key");
  EXPECT_EQ(message(R"({"format":"bulwark.keyring/1","name":"a","kind":"signing","type":"rsa"})"),
            "key file: 'rsa' is no type of a signing key");
}

}  // namespace
}  // namespace bulwark::crypto
