#include "tables/values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace bulwark::tables {
namespace {

TEST(Null, WordsOfManyProgramsSayNothing) {
  for (const char* text : {"NA", "na", "N/A", "n/a", "NULL", "null", "None", "nil", "-", "--", "?", ".",
                           "#N/A", "<NA>", "\\N", " NA ", "(null)", "Missing"})
    EXPECT_EQ(null_of(text), Null::Word) << text;
  for (const char* text : {"nan", "NaN", "-nan", "+NaN", "1.#IND", "-1.#IND", "-1.#QNAN"})
    EXPECT_EQ(null_of(text), Null::NaN) << text;
  for (const char* text : {"", " ", "\t\r\n"}) EXPECT_EQ(null_of(text), Null::Empty) << text;
}

TEST(Null, ValuesThatLookLikeOneAreNone) {
  for (const char* text : {"0", "-1", "Na", "nA", "no", "nano", "nothing", "-x", "..", "NANA", "1", "-0",
                           "#1", "1#", "missing!", "a", "N"})
    EXPECT_EQ(null_of(text), Null::None) << text;
}

TEST(Null, TheFormatSaysThereIsNoValue) {
  const std::vector<double> reals = {1, std::nan(""), 3};
  const std::vector<std::uint64_t> valid = {0b011};
  const Cells cells = {.kind = Kind::Real, .reals = reals, .valid = valid};
  EXPECT_EQ(null_of(cells, 0), Null::None);
  EXPECT_EQ(null_of(cells, 1), Null::NaN);
  EXPECT_EQ(null_of(cells, 2), Null::Absent);
  EXPECT_FALSE(number_of(cells, 1));
  EXPECT_FALSE(number_of(cells, 2));
  std::string scratch;
  EXPECT_EQ(text_of(cells, 0, scratch), "1");
  EXPECT_EQ(text_of(cells, 2, scratch), "");
}

TEST(Number, ShapesThatProgramsWrite) {
  EXPECT_EQ(number_of("-1.5e3"), -1500);
  EXPECT_EQ(number_of(".5"), 0.5);
  EXPECT_EQ(number_of("5."), 5);
  EXPECT_EQ(number_of("+7"), 7);
  EXPECT_EQ(number_of(" 42 "), 42);
  EXPECT_EQ(number_of("0000012"), 12);
  EXPECT_EQ(number_of("1E+05"), 1e5);
  EXPECT_EQ(number_of("0.1"), 0.1);
  EXPECT_EQ(number_of("1e-999"), 0);
  EXPECT_EQ(number_of("0e999"), 0);
  EXPECT_TRUE(std::signbit(number_of("-0").value()));
  EXPECT_EQ(number_of("4.9e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(number_of("0.000000000000000000000000000000000000001"), 1e-39);
  EXPECT_EQ(number_of("123456789012345678901234567890"), 123456789012345678901234567890.0);
  EXPECT_EQ(number_of("1e99999999999999999999"), std::nullopt);
  EXPECT_EQ(number_of("+1e-99999999999999999999"), 0);
}

TEST(Number, AnythingElseIsNone) {
  for (const char* text :
       {"",    " ",        "-",     "+",      ".",   "e5",    "1e",  "1e+", "1,000", "1 000", "0x10", "nan",
        "inf", "Infinity", "1e999", "-1e999", "--1", "1.2.3", "12a", "+-1", "1_000", "1..",   "1e5.5"})
    EXPECT_FALSE(number_of(text)) << text;
}

TEST(Number, RoundsAsTheStandardLibraryDoes) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = i % 2 == 0 ? "-" : "";
    const auto digits = 1 + random() % 25;
    const auto point = random() % (digits + 1);
    for (std::uint64_t at = 0; at < digits; ++at) {
      if (at == point) text += '.';
      text += static_cast<char>('0' + random() % 10);
    }
    if (random() % 2 == 0) text += "e" + std::to_string(static_cast<int>(random() % 640) - 330);
    const double expected = std::strtod(text.c_str(), nullptr);
    const auto found = number_of(text);
    if (std::isinf(expected)) {
      EXPECT_FALSE(found) << text;
    } else {
      ASSERT_TRUE(found) << text;
      EXPECT_EQ(*found, expected) << text;
    }
  }
}

TEST(Integer, FitsOrIsNone) {
  EXPECT_EQ(integer_of("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(integer_of(" +7 "), 7);
  EXPECT_EQ(integer_of("007"), 7);
  for (const char* text : {"9223372036854775808", "1.0", "1e3", "", "+", "+-1", "0x1", "1 2"})
    EXPECT_FALSE(integer_of(text)) << text;
}

TEST(Truth, WordsButNotNumbers) {
  for (const char* text : {"true", "TRUE", "Yes", "t", "Y", " y "}) EXPECT_EQ(truth_of(text), true) << text;
  for (const char* text : {"false", "False", "no", "F", "n"}) EXPECT_EQ(truth_of(text), false) << text;
  for (const char* text : {"0", "1", "", "tr", "truee", "on"}) EXPECT_FALSE(truth_of(text)) << text;
}

TEST(Moment, DatesAndTimesOfIso8601) {
  EXPECT_EQ(instant_of("1970-01-01"), 0);
  EXPECT_EQ(instant_of("2024-02-29"), 1709164800);
  EXPECT_EQ(instant_of("2024-02-29T12:30"), 1709209800);
  EXPECT_EQ(instant_of("2024-02-29 12:30:15"), 1709209815);
  EXPECT_EQ(instant_of("2024-02-29T12:30:15Z"), 1709209815);
  EXPECT_EQ(instant_of("2024-02-29T12:30:15.25Z"), 1709209815.25);
  EXPECT_EQ(instant_of("2024-02-29T12:30:15,5"), 1709209815.5);
  EXPECT_EQ(instant_of("2024-02-29T14:30:15+02:00"), 1709209815);
  EXPECT_EQ(instant_of("2024-02-29T14:30:15+0200"), 1709209815);
  EXPECT_EQ(instant_of("2024-02-29 05:00:15 -07:30"), 1709209815);
  EXPECT_EQ(instant_of("2024-02-29 12:30:15+00"), 1709209815);
  EXPECT_EQ(instant_of("1969-12-31T23:59:59Z"), -1);
  EXPECT_EQ(instant_of("2016-12-31T23:59:60Z"), 1483228800);
  EXPECT_EQ(instant_of("2024-02-28T24:00:00"), 1709164800);
}

TEST(Moment, AnythingElseIsNone) {
  for (const char* text :
       {"", "2023-02-29", "2024-13-01", "2024-1-1", "20240229", "2024-02-29T", "2024-02-29T25:00",
        "2024-02-29T24:00:01", "2024-02-29T12", "2024-02-29T12:60", "2024-02-29T12:30:15.",
        "2024-02-29T12:30:15Zx", "2024-02-29T12:30+2", "2024-02-29T12:30+02:", "29.02.2024",
        "2024-02-29x12:30", "2024-02-29T12:30:15 UTC"})
    EXPECT_FALSE(instant_of(text)) << text;
}

TEST(Text, EveryKindHasOne) {
  std::string scratch;
  const std::vector<std::int64_t> integers = {std::numeric_limits<std::int64_t>::min()};
  EXPECT_EQ(text_of(Cells{.kind = Kind::Integer, .integers = integers}, 0, scratch), "-9223372036854775808");
  const std::vector<double> reals = {0.1, -2.2250738585072014e-308};
  EXPECT_EQ(text_of(Cells{.kind = Kind::Real, .reals = reals}, 0, scratch), "0.1");
  EXPECT_EQ(text_of(Cells{.kind = Kind::Real, .reals = reals}, 1, scratch), "-2.2250738585072014e-308");
  const std::vector<std::uint8_t> booleans = {1, 0};
  EXPECT_EQ(text_of(Cells{.kind = Kind::Boolean, .booleans = booleans}, 0, scratch), "true");
  EXPECT_EQ(number_of(Cells{.kind = Kind::Boolean, .booleans = booleans}, 1), 0);
}

}  // namespace
}  // namespace bulwark::tables
