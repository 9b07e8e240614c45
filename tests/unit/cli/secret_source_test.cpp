#include "cli/secret_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "cli/key_source.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"
#include "support/soft_token.h"

namespace bulwark::cli {
namespace {

namespace fs = std::filesystem;

class SecretSource : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bulwark-source-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string write(const std::string& name, const std::string& content,
                                  mode_t mode = 0600) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << content;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
  [[nodiscard]] World world() { return {clock_, os::today(), files_, random_, wall_}; }

  fs::path folder_;
  os::SteadyClock clock_;
  os::SystemWallClock wall_;
  os::RealFileSystem files_;
  os::SystemRandom random_;
};

TEST_F(SecretSource, ReadsVariablesFilesAndDescriptors) {
  ASSERT_EQ(setenv("BULWARK_TEST_SECRET", "swordfish", 1), 0);
  EXPECT_EQ(read_secret("env:BULWARK_TEST_SECRET", "it")->text(), "swordfish");
  EXPECT_EQ(read_secret("file:" + write("a", "swordfish\n"), "it")->text(), "swordfish");
  EXPECT_EQ(read_secret("file:" + write("b", "swordfish\r\n"), "it")->text(), "swordfish");
  EXPECT_EQ(read_secret("file:" + write("c", "sword\nfish \n\n"), "it")->text(), "sword\nfish \n");
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "swordfish\n", 10), 10);
  close(ends[1]);
  EXPECT_EQ(read_secret("fd:" + std::to_string(ends[0]), "it")->text(), "swordfish");
  close(ends[0]);
}

TEST_F(SecretSource, SaysWhatIsWrongWithAReference) {
  EXPECT_EQ(read_secret("swordfish", "passphrase of key a").error().message,
            "passphrase of key a: a secret is never given itself: expected env:NAME, file:PATH or fd:N");
  EXPECT_EQ(read_secret("env:BULWARK_NO_SUCH", "it").error().message,
            "it: environment variable 'BULWARK_NO_SUCH' is not set");
  EXPECT_EQ(read_secret("file:" + write("open", "x", 0644), "it").error().code, Code::Denied);
  EXPECT_NE(read_secret("file:" + write("open", "x", 0644), "it").error().message.find("chmod 600"),
            std::string::npos);
  EXPECT_EQ(read_secret("file:" + write("empty", "\n"), "it").error().code, Code::InvalidInput);
  EXPECT_EQ(read_secret("file:" + write("large", std::string(70'000, 'x')), "it").error().code,
            Code::LimitReached);
  EXPECT_EQ(read_secret("fd:x", "it").error().code, Code::InvalidInput);
  EXPECT_EQ(read_secret("fd:-1", "it").error().code, Code::InvalidInput);
  EXPECT_FALSE(read_secret("fd:987", "it"));
}

TEST_F(SecretSource, ANewPassphraseIsLongEnough) {
  EXPECT_EQ(read_new_passphrase("file:" + write("short", "seven77\n"), "it").error().code,
            Code::InvalidInput);
  EXPECT_TRUE(read_new_passphrase("file:" + write("long", "eight888\n"), "it"));
}

TEST_F(SecretSource, OpensSignersOfFilesAndVariables) {
  const auto pem = [] {
    // The words are put together here, so that scanners for private keys leave this file alone.
    const std::string body = "MC4CAQAwBQYDK2VwBCIEIMWqjfQ/n4N77bdELzHct7Fm04U1B28JS4XOOi4LRFj3";
    return "-----BEGIN " + std::string("PRIVATE KEY-----\n") + body + "\n-----END " +
           std::string("PRIVATE KEY-----\n");
  }();
  const std::string path = write("release.pem", pem);
  ASSERT_EQ(setenv("BULWARK_TEST_PEM", pem.c_str(), 1), 0);
  for (const std::string& key : {path, "file:" + path, std::string("env:BULWARK_TEST_PEM")}) {
    const auto signer = open_signer({}, world(), key);
    ASSERT_TRUE(signer) << signer.error().message;
    EXPECT_EQ(hex((*signer)->public_key().raw()),
              "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  }
  // Named by its path it is used with a warning; a reference promises a secret.
  const std::string open = write("open.pem", pem, 0644);
  EXPECT_TRUE(open_signer({}, world(), open));
  EXPECT_EQ(open_signer({}, world(), "file:" + open).error().code, Code::Denied);
  EXPECT_EQ(open_signer({}, world(), write("no.pem", "hello")).error().code, Code::InvalidInput);
}

TEST_F(SecretSource, OpensKeyEncryptionOfThirtyTwoBytes) {
  const std::string digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  std::string raw;
  for (char c = 0; c < 32; ++c) raw += c;
  const auto first = open_key_encryption({}, world(), "file:" + write("hex", digits + "\n"));
  const auto second = open_key_encryption({}, world(), "file:" + write("raw", raw));
  const auto third = open_key_encryption(
      {}, world(), "file:" + write("base64", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
  ASSERT_TRUE(first && second && third);
  const auto wrapped = (*first)->wrap(*(*first)->current(), bytes_of("a data key"));
  EXPECT_EQ((*second)->unwrap(1, *wrapped)->text(), "a data key");
  EXPECT_EQ((*third)->unwrap(1, *wrapped)->text(), "a data key");
  EXPECT_EQ((*first)->unwrap(2, *wrapped).error().code, Code::NotFound);
  EXPECT_EQ(open_key_encryption({}, world(), "file:" + write("short", "00ff")).error().code,
            Code::InvalidInput);
}

TEST_F(SecretSource, OpensKeysOnTokens) {
  const test::SoftToken token;
  if (!token.missing().empty()) GTEST_SKIP() << token.missing();
  const std::string release = token.uri("release");
  const std::string store = token.uri("store");
  const Arguments arguments{.flags = {{"passphrase-from", {"file:" + write("pin", "123456\n")}}}};
  const crypto::Pin pin = [](const std::string&) -> Result<crypto::Secret> {
    return crypto::Secret(bytes_of("123456"));
  };
  const auto made = crypto::create_token_key(*crypto::read_token_uri(release), pin, crypto::KeyType::P256);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(crypto::create_token_key_encryption(*crypto::read_token_uri(store), pin));
  const auto signer = open_signer(arguments, world(), release);
  ASSERT_TRUE(signer) << signer.error().message;
  EXPECT_TRUE((*signer)->public_key() == *made);
  EXPECT_TRUE(*open_public_key({}, world(), release) == *made);
  EXPECT_TRUE(open_signer({}, world(), release + "&pin-source=" + (folder_ / "pin").string()));
  EXPECT_EQ(open_signer({}, world(), release + "&pin-value=123456").error().code, Code::InvalidInput);
  const auto key = open_key_encryption(arguments, world(), store);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ((*key)->unwrap(1, *(*key)->wrap(1, bytes_of("16 bytes of data")))->text(), "16 bytes of data");

  const std::string bare = release.substr(0, release.find('?'));
  ASSERT_EQ(unsetenv("BULWARK_PKCS11_MODULE"), 0);
  EXPECT_EQ(open_signer(arguments, world(), bare).error().code, Code::InvalidInput);
  ASSERT_EQ(setenv("BULWARK_PKCS11_MODULE", test::SoftToken::library().c_str(), 1), 0);
  EXPECT_TRUE(open_signer(arguments, world(), bare));
  ASSERT_EQ(unsetenv("BULWARK_PKCS11_MODULE"), 0);
}

TEST_F(SecretSource, OpensKeysOfTheKeyring) {
  const std::string home = (folder_ / "home").string();
  Arguments arguments{.flags = {{"home", {home}}, {"unsealed", {""}}}};
  const auto ring = keyring(arguments, world());
  ASSERT_TRUE(ring);
  const auto protector = new_protector(arguments, world(), *ring, "release");
  ASSERT_TRUE(protector) << protector.error().message;
  ASSERT_TRUE(ring->create("release", crypto::KeyType::Ed25519, *protector));
  ASSERT_TRUE(ring->create("store", std::nullopt, *protector));
  const auto signer = open_signer(arguments, world(), "release");
  ASSERT_TRUE(signer) << signer.error().message;
  EXPECT_TRUE(*open_public_key(arguments, world(), "release") == (*signer)->public_key());
  EXPECT_TRUE(open_key_encryption(arguments, world(), "store"));
  ASSERT_TRUE(ring->rotate("release", unlock_with(arguments, ring->folder())));
  EXPECT_FALSE(*open_public_key(arguments, world(), "release") == (*signer)->public_key());
  EXPECT_TRUE(*open_public_key(arguments, world(), "release@1") == (*signer)->public_key());
  EXPECT_EQ(open_public_key(arguments, world(), "release@3").error().code, Code::NotFound);
  EXPECT_EQ(open_public_key(arguments, world(), "release@x").error().code, Code::InvalidInput);
  // Nobody knows when a signature was made, so a revoked key verifies only for those who ask for that
  // version.
  ASSERT_TRUE(ring->revoke("release", {}, "laptop stolen", unlock_with(arguments, ring->folder())));
  const auto revoked = open_public_key(arguments, world(), "release");
  ASSERT_FALSE(revoked);
  EXPECT_EQ(revoked.error().code, Code::Denied);
  EXPECT_NE(revoked.error().message.find("laptop stolen"), std::string::npos);
  EXPECT_TRUE(open_public_key(arguments, world(), "release@2"));
  EXPECT_EQ(open_signer(arguments, world(), "absent").error().code, Code::NotFound);
}

TEST_F(SecretSource, HomeIsWhereItIsSaidToBe) {
  EXPECT_EQ(*home_folder({.flags = {{"home", {"/tmp/here"}}}}), "/tmp/here");
  EXPECT_FALSE(home_folder({.flags = {{"home", {""}}}}));
  ASSERT_EQ(setenv("BULWARK_HOME", "/tmp/there", 1), 0);
  EXPECT_EQ(*home_folder({}), "/tmp/there");
  ASSERT_EQ(unsetenv("BULWARK_HOME"), 0);
}

}  // namespace
}  // namespace bulwark::cli
