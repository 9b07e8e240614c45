#include "base/json_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/encoding.h"
#include "support/world.h"

namespace bulwark {
namespace {

std::string canonical(std::string_view json) {
  const auto parsed = parse_json(json, {});
  if (!parsed) return "unreadable: " + parsed.error().message;
  const auto text = canonical_json(parsed->root);
  return text ? *text : "error: " + text.error().message;
}

std::string number(double value) {
  return canonical_json(json_number(value)).value_or("error");
}

// RFC 8785, section 3.2.2 and 3.2.4.
TEST(CanonicalJson, WritesTheExampleOfTheSpecification) {
  EXPECT_EQ(canonical(R"({
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    })"),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
            "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

// RFC 8785, section 3.2.3.
TEST(CanonicalJson, SortsKeysByUtf16CodeUnits) {
  EXPECT_EQ(canonical(R"({
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    })"),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
            "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
            "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
            "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(CanonicalJson, SortsAKeyBeforeThoseItBegins) {
  EXPECT_EQ(canonical(R"({"ab":1,"a":2,"":3,"b":4})"), R"({"":3,"a":2,"ab":1,"b":4})");
}

// RFC 8785, appendix B.
TEST(CanonicalJson, WritesTheNumbersOfTheSpecification) {
  struct Sample {
    std::uint64_t bits;
    std::string_view text;
  };
  constexpr Sample kSamples[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const Sample& sample : kSamples) EXPECT_EQ(number(std::bit_cast<double>(sample.bits)), sample.text);
}

TEST(CanonicalJson, RefusesNumbersThatAreNotFinite) {
  for (const double value :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    const auto text = canonical_json(json_number(value));
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Code::InvalidInput);
  }
}

TEST(CanonicalJson, RefusesIntegersThatNotEveryReaderHas) {
  constexpr std::int64_t kLast = std::int64_t{1} << 53;
  EXPECT_EQ(canonical_json(json_integer(kLast)).value_or(""), "9007199254740992");
  EXPECT_EQ(canonical_json(json_integer(-kLast)).value_or(""), "-9007199254740992");
  EXPECT_FALSE(canonical_json(json_integer(kLast + 1)));
  EXPECT_FALSE(canonical_json(json_integer(-kLast - 1)));
  EXPECT_FALSE(canonical_json(json_integer(std::numeric_limits<std::int64_t>::min())));
}

TEST(CanonicalJson, RefusesAKeyThatComesTwiceAndTextThatIsNoUtf8) {
  EXPECT_EQ(canonical(R"({"a":1,"b":2,"a":1})"), "error: key \"a\" comes twice");
  EXPECT_FALSE(canonical_json(json_string("\xff")));
  EXPECT_FALSE(canonical_json(json_map({{"\xed\xa0\x80", json_null()}})));  // a surrogate
}

TEST(CanonicalJson, RefusesBottomlessNesting) {
  Document value = json_list();
  for (int i = 0; i < 1'100; ++i) {
    std::vector<Document> inner;
    inner.push_back(std::move(value));
    value = json_list(std::move(inner));
  }
  EXPECT_FALSE(canonical_json(value));
  EXPECT_NE(pretty_json(value).find("too deeply"), std::string::npos);
}

// Properties over seeded values: what is written reads back as the same, and writing it again changes
// nothing.
TEST(CanonicalJson, NumbersReadBackAsTheSame) {
  test::SeededRandom random(7);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::bit_cast<double>(random.next());
    if (!std::isfinite(value)) continue;
    const std::string text = number(value);
    double back = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(read.ptr, text.data() + text.size()) << text;
    ASSERT_EQ(back, value) << text;
    ASSERT_EQ(number(back), text);
  }
}

std::u16string utf16(const std::vector<std::uint32_t>& characters) {
  std::u16string units;
  for (const std::uint32_t c : characters) {
    if (c >= 0x10000) units += static_cast<char16_t>(0xd800 + ((c - 0x10000) >> 10U));
    units += static_cast<char16_t>(c >= 0x10000 ? 0xdc00 + ((c - 0x10000) & 0x3ffU) : c);
  }
  return units;
}

TEST(CanonicalJson, KeysAreInTheOrderOfTheirCodeUnits) {
  test::SeededRandom random(11);
  constexpr std::uint32_t kCharacters[] = {'a',    0x7f,   0x80,   0x7ff,   0x800,
                                           0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
  for (int round = 0; round < 500; ++round) {
    std::vector<std::pair<std::u16string, std::string>> keys;
    std::vector<Document::Entry> entries;
    for (int i = 0; i < 8; ++i) {
      std::vector<std::uint32_t> characters;
      std::string key;
      for (std::uint64_t n = random.below(4); n > 0; --n) {
        characters.push_back(kCharacters[random.below(std::size(kCharacters))]);
        append_utf8(key, characters.back());
      }
      if (std::ranges::any_of(keys, [&](const auto& known) { return known.second == key; })) continue;
      keys.emplace_back(utf16(characters), key);
      entries.emplace_back(key, json_null());
    }
    std::ranges::sort(keys);
    std::string expected;
    for (const auto& [units, key] : keys) expected += (expected.empty() ? "{\"" : ",\"") + key + "\":null";
    expected += expected.empty() ? "{}" : "}";
    ASSERT_EQ(canonical_json(json_map(entries)).value_or("error"), expected);
  }
}

TEST(CanonicalJson, ControlCharactersAreEscapedAsTheSpecificationSays) {
  EXPECT_EQ(canonical_json(json_string(std::string("\0\b\t\n\v\f\r\x1f\x7f", 9))).value_or(""),
            "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\"");
}

TEST(PrettyJson, KeepsTheOrderAndPutsPlainListsInOneLine) {
  std::vector<Document> plain;
  plain.push_back(json_integer(1));
  plain.push_back(json_string("two\n"));
  plain.push_back(json_number(0.5));
  std::vector<Document> nested;
  nested.push_back(json_map({{"x", json_boolean(true)}}));
  nested.push_back(json_list());
  EXPECT_EQ(pretty_json(json_map({{"z", json_list(plain)}, {"a", json_list(nested)}, {"m", json_map()}})),
            R"({
  "z": [1, "two\n", 0.5],
  "a": [
    {
      "x": true
    },
    []
  ],
  "m": {}
}
)");
}

TEST(PrettyJson, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(pretty_json(json_string("a\xff")), "\"a\\\\xff\"\n");
  EXPECT_EQ(pretty_json(json_number(std::numeric_limits<double>::infinity())), "null\n");
  EXPECT_EQ(pretty_json(json_integer(std::numeric_limits<std::int64_t>::max())), "9223372036854775807\n");
}

}  // namespace
}  // namespace bulwark
