#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "assay/profile/cell.h"
#include "base/text_pattern.h"
#include "stats/random.h"
#include "tables/values.h"

namespace bulwark::assay::profile {
namespace {

Cell cell_of(std::string_view text) {
  return examine(text, stats::leading(text));
}

void agrees(const std::string& text) {
  const Cell cell = cell_of(text);
  const Cell plain = examine_plainly(text, stats::leading(text));
  EXPECT_EQ(cell.kind, plain.kind) << text;
  EXPECT_EQ(cell.number, plain.number) << text;
  EXPECT_EQ(cell.shape, plain.shape) << text;
  const tables::Null null = tables::null_of(text);
  EXPECT_EQ(is_null(cell.kind), null != tables::Null::None) << text;
  if (null != tables::Null::None) {
    EXPECT_EQ(static_cast<int>(cell.kind), static_cast<int>(null)) << text;
    return;
  }
  const auto number = tables::number_of(text);
  const bool instant = tables::instant_of(text).has_value();
  EXPECT_EQ(is_number(cell.kind) && (cell.marks & kInfinite) == 0, number.has_value() && !instant) << text;
  if (number && is_number(cell.kind)) {
    EXPECT_EQ(cell.number, *number) << text;
    EXPECT_EQ(std::signbit(cell.number), std::signbit(*number)) << text;
    if (tables::integer_of(text)) {
      EXPECT_EQ(cell.kind, CellKind::Integer) << text;
    }
  }
}

TEST(ProfileCell, DecidesAsTheValuesOfTablesDo) {
  for (const char* text : {"0",
                           "7",
                           "-7",
                           "+7",
                           "007",
                           "12345678",
                           "123456789",
                           "1234567890123456",
                           "1.5",
                           "-1.5",
                           ".5",
                           "5.",
                           ".",
                           "-",
                           "+",
                           "-.",
                           "..",
                           "1.2.3",
                           "1-2",
                           "--1",
                           "",
                           " ",
                           " 7 ",
                           "NA",
                           "nan",
                           "null",
                           "inf",
                           "-inf",
                           "Infinity",
                           "1e5",
                           "1E-5",
                           "1e400",
                           "1.#IND",
                           "0x10",
                           "1,000",
                           "1 000",
                           "true",
                           "no",
                           "t",
                           "2024-01-05",
                           "2024-13-05",
                           "2024-01-05T10:00:00Z",
                           "9007199254740993",
                           "0.1234567890123456789",
                           "99999999.99999999",
                           "12345678901234567890",
                           "-0",
                           "-0.0",
                           "é",
                           "\xFF",
                           "a b",
                           "?",
                           "1.0000000000000001"})
    agrees(text);
}

TEST(ProfileCell, AgreesOnDrawnTexts) {
  stats::Philox random(1, stats::stream_key("profile cell test"));
  constexpr std::string_view kLetters = "0123456789012345678901234567.-+eEnaN ,";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(20); n > 0; --n) text += kLetters[random.below(kLetters.size())];
    agrees(text);
  }
}

TEST(ProfileCell, LongDecimalsAreReadAsTheValuesOfTablesAre) {
  stats::Philox random(3, stats::stream_key("long decimals test"));
  for (int i = 0; i < 4'000; ++i) {
    std::string text = random.below(4) == 0 ? "-" : "";
    const std::uint64_t before = random.below(12);
    const std::uint64_t after = random.below(24);
    if (random.below(2) == 0) {
      text += "0";
    } else {
      for (std::uint64_t d = 0; d < before; ++d) text += static_cast<char>('0' + random.below(10));
    }
    text += '.';
    for (std::uint64_t d = 0; d < after; ++d) text += static_cast<char>('0' + random.below(10));
    agrees(text);
    if (random.below(8) == 0) agrees(text + (random.below(2) == 0 ? "." : "x"));
  }
  for (const char* text :
       {"0.9007199254740992", "0.9007199254740993", "-0.0000000000000000", "00000000.0000000001",
        "1234567890123456.5", "99999999.99999999999", ".12345678901234567890"})
    agrees(text);
  Cell cell;
  EXPECT_TRUE(read_long_decimal("0.6369616873214543", cell));
  EXPECT_EQ(cell.number, 0.6369616873214543);
  EXPECT_FALSE(read_long_decimal("12345678901234567", cell));
  EXPECT_FALSE(read_long_decimal("0.12345678901234567890123456789012", cell));
}

TEST(ProfileCell, KnowsTypesAndMarks) {
  EXPECT_EQ(cell_of("2024-01-05").kind, CellKind::Date);
  EXPECT_EQ(cell_of("2024-01-05 10:30").kind, CellKind::Instant);
  EXPECT_EQ(cell_of("Yes").kind, CellKind::Boolean);
  EXPECT_EQ(cell_of("hello").kind, CellKind::Text);
  EXPECT_EQ(cell_of("12345678901234567890").kind, CellKind::Integer);
  EXPECT_EQ(cell_of(" x").marks, kPadded);
  EXPECT_EQ(cell_of("007").marks, kLeadingZero);
  EXPECT_EQ(cell_of("0.5").marks, 0);
  EXPECT_EQ(cell_of("-inf").marks, kInfinite);
  EXPECT_EQ(cell_of("caf\xC3\xA9").length, 4U);
  EXPECT_EQ(cell_of("caf\xE9").marks, kBeyondAscii | kNotUtf8);
  EXPECT_EQ(cell_of(std::string_view("a\0b", 3)).marks, kControl);
}

TEST(ProfileCell, PatternsHaveClassesAndEqualHashesIfTheyAreEqual) {
  EXPECT_EQ(pattern_of("AB12-xy z"), "AA99-aa a");
  EXPECT_EQ(pattern_of("\xC3\xA9t"), "wwa");
  const std::vector<std::string> texts = {"AB12-xy",
                                          "CD99-ab",
                                          "AB12-xyz",
                                          "a longer text of thirty-three c.",
                                          "b smaller sext og thirty-three d.",
                                          "B",
                                          "7",
                                          "8"};
  for (const std::string& a : texts)
    for (const std::string& b : texts)
      EXPECT_EQ(pattern_hash(a) == pattern_hash(b), pattern_of(a) == pattern_of(b)) << a << " | " << b;
}

TEST(ProfileCell, ExpressionsOfPatternsMatchTheirTexts) {
  for (const std::string text : {"AB12-xy z", "a.b*c+(d)[e]{f}\\g|h^i$j?", "7", "x/y"}) {
    const auto pattern = TextPattern::compile(expression_of(pattern_of(text)));
    ASSERT_TRUE(pattern.has_value()) << expression_of(pattern_of(text));
    EXPECT_TRUE(pattern->found_in(text)) << text;
    EXPECT_FALSE(pattern->found_in(text + "0"));
  }
  EXPECT_EQ(expression_of("wa"), "");
}

}  // namespace
}  // namespace bulwark::assay::profile
