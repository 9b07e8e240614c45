#include "crypto/ecdsa_signature.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::crypto {
namespace {

std::string der(std::string_view r, std::string_view s) {
  const auto raw = unhex(std::string(r) + std::string(s)).value();
  return hex(*ecdsa_der(raw, raw.size() / 2));
}

TEST(EcdsaSignature, NumbersAreAsShortAsTheyCanBe) {
  EXPECT_EQ(der("01", "02"), "3006020101020102");
  EXPECT_EQ(der("0001", "007f"), "300602010102017f");
  EXPECT_EQ(der("0000", "0000"), "3006020100020100");
}

TEST(EcdsaSignature, ALeadingOneGetsAZeroInFront) {
  EXPECT_EQ(der("80", "ff"), "300802020080020200ff");
  EXPECT_EQ(der("0080", "8000"), "3009020200800203008000");
}

TEST(EcdsaSignature, LongSequencesSayTheirLengthInTwoBytes) {
  const std::string large(132, 'f');  // P-521: 66 bytes each
  const std::string signature = der(large, large);
  EXPECT_TRUE(signature.starts_with("30818a024300ffff")) << signature;
  EXPECT_EQ(signature.size(), 2 * (3 + 0x8aU));
}

TEST(EcdsaSignature, OtherSizesAreRefused) {
  EXPECT_EQ(ecdsa_der(std::vector<std::uint8_t>(63), 32).error().message,
            "ECDSA signature: expected 64 bytes, found 63");
  EXPECT_FALSE(ecdsa_der({}, 0));
  EXPECT_FALSE(ecdsa_der(std::vector<std::uint8_t>(200), 100));
}

}  // namespace
}  // namespace bulwark::crypto
