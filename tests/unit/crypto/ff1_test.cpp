#include "crypto/ff1.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/encoding.h"
#include "support/world.h"

namespace bulwark::crypto {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

Symbols symbols_of(std::string_view text) {
  Symbols symbols;
  for (const char letter : text) symbols.push_back(static_cast<std::uint16_t>(kAlphabet.find(letter)));
  return symbols;
}

std::string text_of_symbols(const Symbols& symbols) {
  std::string text;
  for (const std::uint16_t symbol : symbols) text += kAlphabet[symbol];
  return text;
}

Ff1 make(std::string_view key, std::uint32_t radix, std::string_view tweak) {
  auto made = Ff1::create(*unhex(key), radix, *unhex(tweak));
  EXPECT_TRUE(made.has_value());
  return std::move(*made);
}

constexpr std::string_view kKey128 = "2B7E151628AED2A6ABF7158809CF4F3C";
constexpr std::string_view kKey192 = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F";
constexpr std::string_view kKey256 = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94";

struct Sample {
  std::string_view key, tweak;
  std::uint32_t radix;
  std::string_view plain, sealed;
};
// NIST, "FF1 Samples" (examples with intermediate values for SP 800-38G).
constexpr Sample kSamples[] = {
    {kKey128, "", 10, "0123456789", "2433477484"},
    {kKey128, "39383736353433323130", 10, "0123456789", "6124200773"},
    {kKey128, "3737373770717273373737", 36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
    {kKey192, "", 10, "0123456789", "2830668132"},
    {kKey192, "39383736353433323130", 10, "0123456789", "2496655549"},
    {kKey192, "3737373770717273373737", 36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
    {kKey256, "", 10, "0123456789", "6657667009"},
    {kKey256, "39383736353433323130", 10, "0123456789", "1001623463"},
    {kKey256, "3737373770717273373737", 36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
};

TEST(Ff1, GivesTheNineSamplesOfNist) {
  for (const Sample& sample : kSamples) {
    Ff1 ff1 = make(sample.key, sample.radix, sample.tweak);
    Symbols symbols = symbols_of(sample.plain);
    ASSERT_TRUE(ff1.encrypt(symbols).has_value());
    EXPECT_EQ(text_of_symbols(symbols), sample.sealed);
    ASSERT_TRUE(ff1.decrypt(symbols).has_value());
    EXPECT_EQ(text_of_symbols(symbols), sample.plain);
  }
}

// 19 symbols fit two 64-bit halves, 80 do not: both ways of counting come back, for every kind of radix.
TEST(Ff1, DecryptsWhatItEncryptedWhateverRadixLengthAndTweak) {
  test::SeededRandom random(7);
  for (const std::uint32_t radix : {2U, 3U, 10U, 26U, 36U, 62U, 255U, 256U, 257U, 65'535U, 65'536U}) {
    for (const std::size_t length : {2U, 6U, 7U, 19U, 20U, 21U, 39U, 41U, 80U, 129U}) {
      if (!is_ff1_domain(radix, length)) continue;
      Ff1 ff1 = make(kKey256, radix, length % 2 == 0 ? "" : "00ff10203040506070809000a0b0c0d0e0");
      Symbols plain(length);
      for (std::uint16_t& symbol : plain) symbol = static_cast<std::uint16_t>(random.below(radix));
      Symbols symbols = plain;
      ASSERT_TRUE(ff1.encrypt(symbols).has_value());
      EXPECT_NE(symbols, plain) << radix << " " << length;
      for (const std::uint16_t symbol : symbols) EXPECT_LT(symbol, radix);
      ASSERT_TRUE(ff1.decrypt(symbols).has_value());
      EXPECT_EQ(symbols, plain) << radix << " " << length;
    }
  }
}

// Lengths and radices that NIST has no samples of, computed by a second implementation with big integers.
TEST(Ff1, CountsBeyondSixtyFourBits) {
  const auto check = [](Ff1 ff1, Symbols plain, const Symbols& sealed) {
    Symbols symbols = plain;
    ASSERT_TRUE(ff1.encrypt(symbols).has_value());
    EXPECT_EQ(symbols, sealed);
    ASSERT_TRUE(ff1.decrypt(symbols).has_value());
    EXPECT_EQ(symbols, plain);
  };
  Symbols digits;
  Symbols bits;
  Symbols wide;
  Symbols bytes;
  for (std::uint32_t i = 0; i < 60; ++i) digits.push_back(static_cast<std::uint16_t>(i % 10));
  for (std::uint32_t i = 0; i < 131; ++i) bits.push_back(static_cast<std::uint16_t>(i * i % 3 % 2));
  for (std::uint32_t i = 0; i < 9; ++i) wide.push_back(static_cast<std::uint16_t>(i * 7'001 % 65'536));
  for (std::uint32_t i = 0; i < 40; ++i) bytes.push_back(static_cast<std::uint16_t>(i * 7'001 % 255));
  check(make(kKey256, 10, "00112233445566778899aabbccddeeff01"), digits,
        symbols_of("071874818376333027928777517609905996080861448983406580106973"));
  check(
      make(kKey256, 2, ""), bits,
      symbols_of("000001101001111111101001011101100011010101110000101101111111001010111111001011010111100011"
                 "11111110111011000000110011100001110100000"));
  check(make(kKey256, 65'536, "07"), wide,
        {11'701, 43'438, 33'715, 21'067, 28'433, 47'002, 42'211, 3'148, 17'113});
  check(make(kKey256, 255, "07"), bytes,
        {118, 7,  229, 120, 15,  63, 72,  232, 224, 172, 253, 128, 115, 3,   219, 187, 180, 237, 206, 67,
         223, 30, 188, 136, 236, 29, 252, 153, 170, 154, 203, 141, 66,  202, 16,  161, 224, 134, 42,  84});
}

TEST(Ff1, IsAPermutationThatDependsOnTheTweak) {
  Ff1 one = make(kKey128, 10, "01");
  Ff1 two = make(kKey128, 10, "02");
  std::set<Symbols> seen;
  std::size_t same = 0;
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    const std::string digits = std::to_string(1'000'000 + i);
    Symbols left = symbols_of(digits);
    Symbols right = left;
    ASSERT_TRUE(one.encrypt(left).has_value());
    ASSERT_TRUE(two.encrypt(right).has_value());
    EXPECT_TRUE(seen.insert(left).second);
    same += left == right ? 1U : 0U;
  }
  EXPECT_LE(same, 1U);
}

TEST(Ff1, RefusesWhatCanBeTriedOneByOne) {
  Ff1 ff1 = make(kKey128, 10, "");
  Symbols five = symbols_of("12345");
  const auto result = ff1.encrypt(five);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Code::InvalidInput);
  EXPECT_EQ(text_of_symbols(five), "12345");
  Symbols six = symbols_of("123456");
  EXPECT_TRUE(ff1.encrypt(six).has_value());
  EXPECT_FALSE(is_ff1_domain(2, 19));
  EXPECT_TRUE(is_ff1_domain(2, 20));
  EXPECT_FALSE(is_ff1_domain(65'536, 1));
  EXPECT_TRUE(is_ff1_domain(1'000, 2));
  EXPECT_FALSE(is_ff1_domain(999, 2));
}

TEST(Ff1, RefusesWrongKeysRadicesTweaksSymbolsAndLengths) {
  const std::vector<std::uint8_t> key(16), odd(17), long_tweak(kMostFf1Tweak + 1);
  EXPECT_FALSE(Ff1::create(odd, 10, {}).has_value());
  EXPECT_FALSE(Ff1::create({}, 10, {}).has_value());
  EXPECT_FALSE(Ff1::create(key, 1, {}).has_value());
  EXPECT_FALSE(Ff1::create(key, 65'537, {}).has_value());
  EXPECT_FALSE(Ff1::create(key, 10, long_tweak).has_value());
  Ff1 ff1 = make(kKey128, 10, "");
  Symbols foreign(8, 10);
  EXPECT_FALSE(ff1.encrypt(foreign).has_value());
  Symbols many(kMostFf1Symbols + 1);
  const auto too_many = ff1.encrypt(many);
  ASSERT_FALSE(too_many.has_value());
  EXPECT_EQ(too_many.error().code, Code::LimitReached);
}

}  // namespace
}  // namespace bulwark::crypto
