#include "crypto/seal.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::crypto {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer bytes(std::string_view digits) {
  return unhex(digits).value();
}

Buffer sealed(AesGcm& cipher, Bytes nonce, Bytes associated, Bytes plain) {
  Buffer out(plain.size() + kTagBytes);
  cipher.seal(nonce, associated, plain, out);
  return out;
}

TEST(AesGcm, GivesTheResultOfItsSpecification) {
  // The GCM specification of McGrew and Viega, test case 16.
  AesGcm cipher(bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  const Buffer nonce = bytes("cafebabefacedbaddecaf888");
  const Buffer associated = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Buffer plain = bytes(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
      "b16aedf5aa0de657ba637b39");
  EXPECT_EQ(hex(sealed(cipher, nonce, associated, plain)),
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
            "c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b");
}

TEST(AesGcm, OpensWhatItSealedInPlace) {
  AesGcm cipher(Buffer(32, 7));
  const Buffer nonce(12, 1);
  Buffer place(100 + kTagBytes, 'x');
  cipher.seal(nonce, bytes_of("about"), Bytes(place).first(100), place);
  EXPECT_NE(place[0], 'x');
  ASSERT_TRUE(cipher.open(nonce, bytes_of("about"), place, std::span(place).first(100)));
  EXPECT_EQ(Buffer(place.begin(), place.begin() + 100), Buffer(100, 'x'));
}

TEST(AesGcm, SealsAndOpensInTurnsWithOneKey) {
  AesGcm first(Buffer(16, 3));
  AesGcm cipher = std::move(first);
  for (std::uint8_t i = 0; i < 5; ++i) {
    const Buffer nonce(12, i);
    const Buffer message(i * 10U, i);
    const Buffer content = sealed(cipher, nonce, {}, message);
    Buffer opened(message.size());
    ASSERT_TRUE(cipher.open(nonce, {}, content, opened));
    EXPECT_EQ(opened, message);
  }
}

TEST(AesGcm, RefusesAndWipesWhateverWasChanged) {
  AesGcm cipher(Buffer(32, 7));
  const Buffer nonce(12, 1);
  const Buffer content = sealed(cipher, nonce, bytes_of("about"), bytes_of("secret"));
  for (std::size_t at = 0; at < content.size() * 8; ++at) {
    Buffer changed = content;
    changed[at / 8] ^= static_cast<std::uint8_t>(1U << (at % 8));
    Buffer out(6, 0xAA);
    const auto opened = cipher.open(nonce, bytes_of("about"), changed, out);
    ASSERT_FALSE(opened) << at;
    EXPECT_EQ(opened.error().code, Code::Corrupt);
    EXPECT_EQ(out, Buffer(6, 0)) << at;
  }
  Buffer out(6);
  EXPECT_FALSE(cipher.open(nonce, bytes_of("abouT"), content, out));
  EXPECT_FALSE(cipher.open(Buffer(12, 2), bytes_of("about"), content, out));
  EXPECT_FALSE(AesGcm(Buffer(32, 8)).open(nonce, bytes_of("about"), content, out));
  EXPECT_TRUE(cipher.open(nonce, bytes_of("about"), content, out));
}

TEST(AesGcm, RefusesWhatIsTooShortForATag) {
  AesGcm cipher(Buffer(32, 7));
  const auto opened = cipher.open(Buffer(12, 1), {}, Buffer(15), {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "sealed text: needs 16 bytes for its tag, 15 are there");
}

TEST(Hkdf, GivesTheResultsOfRfc5869) {
  const Secret key =
      hkdf_extract(HashAlgorithm::Sha256, bytes("000102030405060708090a0b0c"), Buffer(22, 0x0b));
  EXPECT_EQ(hex(key.bytes()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  const auto expanded = hkdf_expand(HashAlgorithm::Sha256, key.bytes(), bytes("f0f1f2f3f4f5f6f7f8f9"), 42);
  EXPECT_EQ(hex(expanded->bytes()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(Hkdf, HasAnEnd) {
  const Buffer key(32, 1);
  EXPECT_EQ(hkdf_expand(HashAlgorithm::Sha256, key, {}, 255 * 32)->bytes().size(), 255U * 32);
  const auto refused = hkdf_expand(HashAlgorithm::Sha256, key, {}, 255 * 32 + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidInput);
  EXPECT_TRUE(hkdf_expand(HashAlgorithm::Sha256, key, {}, 0)->empty());
}

TEST(KeyWrap, GivesTheResultsOfRfc5649) {
  const Buffer key = bytes("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");
  EXPECT_EQ(hex(*wrap_key(key, bytes("c37b7e6492584340bed12207808941155068f738"))),
            "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a");
  EXPECT_EQ(hex(*wrap_key(key, bytes("466f7250617369"))), "afbeb0f07dfbf5419200f2ccb50bb24f");
  EXPECT_EQ(hex(unwrap_key(key, bytes("afbeb0f07dfbf5419200f2ccb50bb24f"))->bytes()), "466f7250617369");
}

TEST(KeyWrap, WrapsADataKeyIntoFortyBytes) {
  const Buffer key(32, 9);
  const Buffer data_key(32, 5);
  const auto wrapped = wrap_key(key, data_key);
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(wrapped->size(), 40U);
  EXPECT_EQ(hex(unwrap_key(key, *wrapped)->bytes()), hex(data_key));
}

TEST(KeyWrap, RefusesWhateverWasChanged) {
  const Buffer key(32, 9);
  const Buffer wrapped = *wrap_key(key, Buffer(32, 5));
  for (std::size_t at = 0; at < wrapped.size() * 8; ++at) {
    Buffer changed = wrapped;
    changed[at / 8] ^= static_cast<std::uint8_t>(1U << (at % 8));
    const auto unwrapped = unwrap_key(key, changed);
    ASSERT_FALSE(unwrapped) << at;
    EXPECT_EQ(unwrapped.error().code, Code::Corrupt);
  }
  for (std::size_t size = 0; size < wrapped.size(); ++size)
    EXPECT_FALSE(unwrap_key(key, Bytes(wrapped).first(size))) << size;
  EXPECT_FALSE(unwrap_key(Buffer(32, 8), wrapped));
}

TEST(KeyWrap, RefusesKeysOfOtherSizes) {
  EXPECT_EQ(wrap_key(Buffer(31, 9), Buffer(32, 5)).error().code, Code::InvalidInput);
  EXPECT_EQ(unwrap_key({}, Buffer(40)).error().code, Code::InvalidInput);
  EXPECT_EQ(wrap_key(Buffer(32, 9), {}).error().code, Code::InvalidInput);
}

TEST(Argon2id, GivesTheResultsOfItsReferenceImplementation) {
  // From the reference's own self-test, version 0x13.
  const auto derive = [](std::uint32_t passes, std::uint32_t kibibytes, std::uint32_t lanes,
                         std::string_view passphrase, std::string_view salt) {
    return hex(argon2id({passes, kibibytes, lanes}, bytes_of(passphrase), bytes_of(salt), 32)->bytes());
  };
  EXPECT_EQ(derive(2, 65'536, 1, "password", "somesalt"),
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  EXPECT_EQ(derive(2, 256, 1, "password", "somesalt"),
            "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
  EXPECT_EQ(derive(2, 256, 2, "password", "somesalt"),
            "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
}

TEST(Argon2id, RefusesParametersThatWouldStopTheMachine) {
  const Buffer salt(16, 1);
  for (const Argon2& wrong : {Argon2{.passes = 0}, Argon2{.kibibytes = 7, .lanes = 1}, Argon2{.lanes = 0},
                              Argon2{.kibibytes = 1U << 22U}, Argon2{.passes = 1'000'000},
                              Argon2{.kibibytes = 1'024, .lanes = 65}}) {
    const auto refused = argon2id(wrong, bytes_of("x"), salt, 32);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::InvalidInput);
  }
  EXPECT_FALSE(argon2id({.kibibytes = 64, .lanes = 1}, bytes_of("x"), Buffer(7), 32));
  EXPECT_FALSE(argon2id({.kibibytes = 64, .lanes = 1}, bytes_of("x"), salt, 3));
}

TEST(Pbkdf2, GivesTheResultsOfRfc7914) {
  EXPECT_EQ(hex(pbkdf2(HashAlgorithm::Sha256, bytes_of("passwd"), bytes_of("salt"), 1, 64)->bytes()),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST(Pbkdf2, RefusesParametersOutOfRange) {
  EXPECT_FALSE(pbkdf2(HashAlgorithm::Sha256, bytes_of("x"), bytes_of("salt"), 0, 32));
  EXPECT_FALSE(pbkdf2(HashAlgorithm::Sha256, bytes_of("x"), bytes_of("salt"), 100'000'000, 32));
  EXPECT_FALSE(pbkdf2(HashAlgorithm::Sha256, bytes_of("x"), bytes_of("salt"), 1, 0));
  EXPECT_FALSE(pbkdf2(HashAlgorithm::Blake2b512, bytes_of("x"), bytes_of("salt"), 1, 32));
}

}  // namespace
}  // namespace bulwark::crypto
