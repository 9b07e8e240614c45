#include "crypto/token.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/encoding.h"
#include "base/text.h"
#include "support/sanitizer.h"
#include "support/soft_token.h"

namespace bulwark::crypto {
namespace {

TEST(TokenUri, IsReadAsRfc7512SaysIt) {
  const auto uri = read_token_uri(
      "pkcs11:token=The%20Software%20PKCS%2311;manufacturer=Snake%20Oil;model=1.0;serial=ab12;object=my-key;"
      "id=%01%ff;type=private;slot-id=7?module-path=/usr/lib/p11.so&pin-source=/run/pin");
  ASSERT_TRUE(uri) << uri.error().message;
  EXPECT_EQ(uri->token, "The Software PKCS#11");
  EXPECT_EQ(uri->manufacturer, "Snake Oil");
  EXPECT_EQ(uri->model, "1.0");
  EXPECT_EQ(uri->serial, "ab12");
  EXPECT_EQ(uri->object, "my-key");
  EXPECT_EQ(uri->id, (std::vector<std::uint8_t>{0x01, 0xff}));
  EXPECT_EQ(uri->slot, 7U);
  EXPECT_EQ(uri->module_path, "/usr/lib/p11.so");
  EXPECT_EQ(uri->pin_source, "file:/run/pin");
  EXPECT_EQ(read_token_uri("pkcs11:?pin-source=file:///run/pin")->pin_source, "file:/run/pin");
  EXPECT_EQ(read_token_uri("pkcs11:?pin-source=env:PIN")->pin_source, "env:PIN");
  EXPECT_TRUE(read_token_uri("pkcs11:"));
}

TEST(TokenUri, SaysWhatIsWrong) {
  const auto message = [](std::string_view text) { return read_token_uri(text).error().message; };
  EXPECT_EQ(message("release"), "pkcs11 URI: expected pkcs11:token=…;object=…");
  EXPECT_EQ(message("pkcs11:token"), "pkcs11 URI: 'token': expected name=value");
  EXPECT_EQ(message("pkcs11:token=a;token=b"), "pkcs11 URI: attribute 'token' comes twice");
  EXPECT_EQ(message("pkcs11:colour=red"), "pkcs11 URI: attribute 'colour' is not known");
  EXPECT_EQ(message("pkcs11:token=%2"), "pkcs11 URI: a % that no two hex digits follow");
  EXPECT_EQ(message("pkcs11:token=%zz"), "pkcs11 URI: a % that no two hex digits follow");
  EXPECT_EQ(message("pkcs11:token=%"), "pkcs11 URI: a % that no two hex digits follow");
  EXPECT_EQ(message("pkcs11:slot-id=x"), "pkcs11 URI: slot-id is no number");
  EXPECT_EQ(message("pkcs11:?module-path=p11.so"), "pkcs11 URI: module-path: expected an absolute path");
  EXPECT_EQ(
      message("pkcs11:token=a?pin-value=1234"),
      "pkcs11 URI: a PIN in the URI can be read by every user of this machine; give --passphrase-from or "
      "pin-source");
  EXPECT_FALSE(read_token_uri("pkcs11:token=" + std::string(5'000, 'a')));
}

class TokenTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!token_.missing().empty()) GTEST_SKIP() << token_.missing();
  }
  [[nodiscard]] TokenUri at(const std::string& object) const {
    return read_token_uri(token_.uri(object)).value();
  }
  [[nodiscard]] static Pin pin(std::string text = "123456") {
    return [text](const std::string& label) -> Result<Secret> {
      EXPECT_EQ(label, "bulwark");
      return Secret(bytes_of(text));
    };
  }

  test::SoftToken token_;
};

TEST_F(TokenTest, KeysOfEveryTypeSign) {
  for (const KeyType type : {KeyType::P256, KeyType::P384, KeyType::P521, KeyType::Ed25519}) {
    if (type == KeyType::Ed25519 && test::kAddressSanitizer) continue;  // SoftHSM 2.6 leaks the curve's name
    const TokenUri uri = at(std::string(name_of(type)));
    const auto made = create_token_key(uri, pin(), type);
    if (!made && made.error().code == Code::Unsupported && type == KeyType::Ed25519) continue;
    ASSERT_TRUE(made) << name_of(type) << ": " << made.error().message;
    EXPECT_EQ(made->type(), type);
    const auto signer = open_token_signer(uri, pin());
    ASSERT_TRUE(signer) << signer.error().message;
    EXPECT_TRUE((*signer)->public_key() == *made);
    for (int round = 0; round < 20; ++round) {  // short numbers of r and s come by chance
      const std::string message = "message " + std::to_string(round);
      const auto signature = (*signer)->sign(bytes_of(message));
      ASSERT_TRUE(signature) << signature.error().message;
      EXPECT_TRUE(made->verify(hash_for(type), bytes_of(message), *signature));
    }
    EXPECT_TRUE(*token_public_key(uri) == *made);
    EXPECT_EQ(create_token_key(uri, pin(), type).error().code, Code::InvalidInput);
  }
}

TEST_F(TokenTest, DataKeysAreWrappedAsRfc5649SaysIt) {
  const TokenUri uri = at("store");
  ASSERT_EQ(*create_token_key_encryption(uri, pin()), 1U);
  const auto first = open_token_key_encryption(uri, pin());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(*(*first)->current(), 1U);
  const std::vector<std::uint8_t> key(32, 5);
  const auto wrapped = (*first)->wrap(1, key);
  ASSERT_TRUE(wrapped) << wrapped.error().message;
  EXPECT_EQ(wrapped->size(), 40U);
  EXPECT_EQ(hex((*first)->unwrap(1, *wrapped)->bytes()), hex(key));

  EXPECT_EQ((*first)->wrap(1, bytes_of("ten bytes.")).error().code, Code::InvalidInput);

  EXPECT_EQ(*create_token_key_encryption(uri, pin()), 2U);
  const auto second = open_token_key_encryption(uri, pin());
  EXPECT_EQ(*(*second)->current(), 2U);
  EXPECT_EQ(hex((*second)->unwrap(1, *wrapped)->bytes()), hex(key));
  EXPECT_FALSE((*second)->unwrap(2, *wrapped));
  EXPECT_EQ((*second)->unwrap(3, *wrapped).error().code, Code::NotFound);
  auto changed = *wrapped;
  changed[20] ^= 1;
  EXPECT_EQ((*second)->unwrap(1, changed).error().code, Code::Corrupt);
}

TEST_F(TokenTest, TheWrongPinIsDenied) {
  ASSERT_TRUE(create_token_key(at("release"), pin(), KeyType::P256));
  const auto refused = open_token_signer(at("release"), pin("654321"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Denied);
  EXPECT_NE(refused.error().message.find("wrong PIN"), std::string::npos) << refused.error().message;
}

TEST_F(TokenTest, WhatIsNotThereIsNamed) {
  EXPECT_EQ(open_token_signer(at("nothing"), pin()).error().message,
            "key 'nothing': the token has no private key of that name");
  EXPECT_EQ(open_token_key_encryption(at("nothing"), pin()).error().code, Code::NotFound);
  EXPECT_EQ(token_public_key(at("nothing")).error().code, Code::NotFound);
  TokenUri uri = at("release");
  uri.token = "another";
  const auto absent = open_token_signer(uri, pin());
  EXPECT_EQ(absent.error().code, Code::Unavailable);
  EXPECT_EQ(absent.error().message, "no token 'another' is present; there are: bulwark");
  uri.object.clear();
  EXPECT_EQ(open_token_signer(uri, pin()).error().code, Code::InvalidInput);
}

TEST_F(TokenTest, MissingLibrariesAreNamed) {
  TokenUri uri = at("release");
  uri.module_path = "/nowhere/p11.so";
  const auto missing = open_token_signer(uri, pin());
  EXPECT_EQ(missing.error().code, Code::NotFound);
  EXPECT_NE(missing.error().message.find("/nowhere/p11.so"), std::string::npos);
  uri.module_path = "/lib/x86_64-linux-gnu/libc.so.6";
  if (const auto other = open_token_signer(uri, pin()); other.error().code != Code::NotFound) {
    EXPECT_NE(other.error().message.find("does not speak PKCS #11"), std::string::npos)
        << other.error().message;
  }
}

TEST_F(TokenTest, ATokenThatIsPulledOutIsUnavailable) {
  ASSERT_TRUE(create_token_key(at("release"), pin(), KeyType::P256));
  const auto signer = open_token_signer(at("release"), pin());
  ASSERT_TRUE(signer);
  token_.remove();
  const auto refused = (*signer)->sign(bytes_of("x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Unavailable) << refused.error().message;
}

TEST_F(TokenTest, ManyThreadsShareOneSession) {
  ASSERT_TRUE(create_token_key(at("release"), pin(), KeyType::P256));
  const auto signer = open_token_signer(at("release"), pin());
  ASSERT_TRUE(signer);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&signer, i] {
      for (int round = 0; round < 10; ++round) EXPECT_TRUE((*signer)->sign(bytes_of(std::to_string(i))));
    });
  }
}

}  // namespace
}  // namespace bulwark::crypto
