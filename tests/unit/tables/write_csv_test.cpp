#include "tables/write_csv.h"

#include <gtest/gtest.h>

namespace bulwark::tables {
namespace {

std::string written(CsvDialect dialect, const std::vector<std::vector<std::string_view>>& rows) {
  std::string text;
  CsvWriter writer(dialect, [&text](std::string_view piece) -> Result<void> {
    text += piece;
    return {};
  });
  for (const auto& row : rows) EXPECT_TRUE(writer.row(row).has_value());
  EXPECT_TRUE(writer.finish().has_value());
  return text;
}

TEST(CsvWriter, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(written({}, {{"a", "b c", "d;e"}, {"1,2", "\"", "x\ny"}}),
            "a,b c,d;e\n\"1,2\",\"\"\"\",\"x\ny\"\n");
  EXPECT_EQ(written({.delimiter = ';'}, {{"1,2", "d;e"}}), "1,2;\"d;e\"\n");
  EXPECT_EQ(written({}, {{""}, {"", ""}}), "\"\"\n,\n");
  EXPECT_EQ(written({.carriage_return = true, .byte_order_mark = true}, {{"a"}}),
            "\xEF\xBB\xBF"
            "a\r\n");
}

TEST(CsvWriter, TellsWhatTheSinkSays) {
  CsvWriter writer({},
                   [](std::string_view) -> Result<void> { return fail(Code::LimitReached, "disk full"); });
  const std::vector<std::string_view> row = {"a"};
  EXPECT_TRUE(writer.row(row).has_value());  // not yet handed over
  EXPECT_EQ(writer.finish().error().message, "disk full");
}

TEST(CsvDialect, IsThatOfTheFirstRecord) {
  EXPECT_EQ(csv_dialect("a;b;c\r\n1;2;3\r\n", 3, ',').delimiter, ';');
  EXPECT_TRUE(csv_dialect("a;b;c\r\n1;2;3\r\n", 3, ',').carriage_return);
  EXPECT_EQ(csv_dialect("\"a;b\",c\n", 2, ',').delimiter, ',');
  EXPECT_FALSE(csv_dialect("\"a\r\nb\",c\n", 2, ',').carriage_return);
  EXPECT_TRUE(csv_dialect("\xEF\xBB\xBF"
                          "a|b",
                          2, ',')
                  .byte_order_mark);
  EXPECT_EQ(csv_dialect("\xEF\xBB\xBF"
                        "a|b",
                        2, ',')
                .delimiter,
            '|');
  EXPECT_EQ(csv_dialect("a b", 7, ',').delimiter, ',');
}

}  // namespace
}  // namespace bulwark::tables
