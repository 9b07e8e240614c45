#include "tables/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "unit/tables/table_test_support.h"

namespace bulwark::tables {
namespace {

using test::Contents;
using test::contents_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Row = std::vector<std::string>;

class Csv : public testing::Test {
 protected:
  Contents read(std::string_view text, const DatasetOptions& options = {}) {
    return contents_of(folder_.file("t.csv", text), options);
  }
  test::Folder folder_;
};

TEST_F(Csv, RowsOfQuotedAndPlainCells) {
  const Contents c = read("id,name,note\n1,Ann,\"a, b\"\n2,\"B \"\"x\"\"\",\"two\nlines\"\n3,,\"\"\n");
  EXPECT_EQ(c.error, "");
  EXPECT_EQ(c.format, "csv");
  EXPECT_THAT(c.names, ElementsAre("id", "name", "note"));
  EXPECT_THAT(c.rows,
              ElementsAre(Row{"1", "Ann", "a, b"}, Row{"2", "B \"x\"", "two\nlines"}, Row{"3", "", ""}));
  EXPECT_THAT(c.gaps, IsEmpty());
}

TEST_F(Csv, EveryLineEndIsOne) {
  for (const char* text : {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\n1,2\r\n3,4",
                           "a,b\r\n1,\"2\"\r\n\r\n3,4\r\n\r\n", "\n\na,b\n1,2\n  \n3,4\n\n"}) {
    const Contents c = read(text);
    EXPECT_THAT(c.names, ElementsAre("a", "b")) << text;
    EXPECT_THAT(c.rows, ElementsAre(Row{"1", "2"}, Row{"3", "4"})) << text;
    EXPECT_THAT(c.gaps, IsEmpty()) << text;
  }
}

TEST_F(Csv, LinesAreThoseOfTheFile) {
  const auto dataset =
      open_dataset(folder_.file("l.csv", "a,b\n1,\"x\ny\r\nz\"\n\nbad\n2,y\r\n3,\"\r\"\n4,w\n"));
  ASSERT_TRUE(dataset);
  EXPECT_EQ((*dataset)->line_of(0), 0U);
  const Contents c = contents_of(**dataset);
  ASSERT_EQ(c.rows.size(), 4U);
  EXPECT_EQ((*dataset)->line_of(0), 2U);
  EXPECT_EQ((*dataset)->line_of(1), 7U);
  EXPECT_EQ((*dataset)->line_of(2), 8U);
  EXPECT_EQ((*dataset)->line_of(3), 10U);
  EXPECT_EQ((*dataset)->line_of(4), 0U);
}

TEST_F(Csv, RaggedRowsAreLeftOutAndTold) {
  const Contents c = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n");
  EXPECT_THAT(c.rows, ElementsAre(Row{"1", "2", "3"}, Row{"10", "11", "12"}));
  EXPECT_THAT(c.gaps, ElementsAre("line 3: 2 cells where 3 are expected; the row was left out",
                                  "line 4: 4 cells where 3 are expected; the row was left out"));
}

TEST_F(Csv, ManyRaggedRowsAreCounted) {
  std::string text = "a,b\n1,2\n";
  for (int i = 0; i < 100; ++i) text += "1,2\n1,2\nx\n";
  DatasetOptions options;
  options.limits.gaps = 10;
  const Contents c = read(text, options);
  EXPECT_EQ(c.rows.size(), 201U);
  ASSERT_EQ(c.gaps.size(), 11U);
  EXPECT_THAT(c.gaps.back(), HasSubstr("90 more"));
}

TEST_F(Csv, DelimitersAreRecognised) {
  EXPECT_THAT(read("a;b\n1,5;2\n2,5;3\n").names, ElementsAre("a", "b"));
  EXPECT_THAT(read("a|b\n1|2\n").names, ElementsAre("a", "b"));
  const Contents tabs = read("a\tb\n1,2\t3\n");
  EXPECT_EQ(tabs.format, "tsv");
  EXPECT_THAT(tabs.rows, ElementsAre(Row{"1,2", "3"}));
  const Contents prose = read("text\nHello, world\nno comma\na, b, c and d\n");
  EXPECT_THAT(prose.names, ElementsAre("text"));
  EXPECT_EQ(prose.rows.size(), 3U);
  DatasetOptions options;
  options.delimiter = ':';
  EXPECT_THAT(read("a:b\n1:2\n", options).rows, ElementsAre(Row{"1", "2"}));
}

TEST_F(Csv, HeaderIsRecognisedByTypes) {
  EXPECT_THAT(read("1,2\n3,4\n").rows, ElementsAre(Row{"1", "2"}, Row{"3", "4"}));
  EXPECT_THAT(read("1,2\n3,4\n").names, ElementsAre("column_0", "column_1"));
  EXPECT_THAT(read("x,when\n1,2024-01-01\n2,2024-01-02\n").names, ElementsAre("x", "when"));
  EXPECT_THAT(read("name,city\nann,paris\nbob,rome\n").names, ElementsAre("name", "city"));
  EXPECT_THAT(read("yes,no\nno,no\nyes,no\nno,yes\n").names, ElementsAre("column_0", "column_1"));
  EXPECT_THAT(read("0,1,2\n5.5,6,7\n").names, ElementsAre("0", "1", "2"));
  DatasetOptions options;
  options.header = false;
  EXPECT_EQ(read("x,y\n1,2\n", options).rows.size(), 2U);
  options.header = true;
  EXPECT_THAT(read("1,2\n3,4\n", options).names, ElementsAre("1", "2"));
}

TEST_F(Csv, NamesAreMadeUnique) {
  EXPECT_THAT(read("a,a,,a_2,a\n1,2,3,4,5\n").names, ElementsAre("a", "a_3", "column_2", "a_2", "a_4"));
}

TEST_F(Csv, HeaderNarrowerThanItsRows) {
  EXPECT_THAT(read("a,b\n1,2,\n3,4,\n").names, ElementsAre("a", "b", "column_2"));
  EXPECT_THAT(read("a,b\nr1,2,5\nr2,4,6\n").names, ElementsAre("column_0", "a", "b"));
}

TEST_F(Csv, HeaderOnlyAndEmptyFiles) {
  const Contents header = read("a,b\n");
  EXPECT_THAT(header.names, ElementsAre("a", "b"));
  EXPECT_THAT(header.rows, IsEmpty());
  EXPECT_THAT(header.gaps, IsEmpty());
  EXPECT_THAT(read("").error, HasSubstr("the file is empty"));
  EXPECT_THAT(read("\n \r\n").error, HasSubstr("the file is empty"));
  EXPECT_THAT(contents_of(folder_.path() + "/none.csv").error, HasSubstr("cannot open"));
}

TEST_F(Csv, QuotesWithinACellAreCharacters) {
  const Contents c = read("a,b\n5\" pipe,x\ny\"\",\"z\"\n");
  EXPECT_THAT(c.rows, ElementsAre(Row{"5\" pipe", "x"}, Row{"y\"\"", "z"}));
  EXPECT_THAT(c.gaps, IsEmpty());
}

TEST_F(Csv, TextBehindAClosingQuoteIsToldOnce) {
  const Contents c = read("a,b\n\"1\"2,x\n\"3\"4,y\n");
  EXPECT_THAT(c.rows, ElementsAre(Row{"12", "x"}, Row{"34", "y"}));
  EXPECT_THAT(c.gaps, ElementsAre(HasSubstr("from line 2 on: text behind the closing quote")));
}

TEST_F(Csv, QuoteThatIsNeverClosedIsAGap) {
  const Contents c = read("a,b\n1,2\n3,\"4\n5,6\n7,8\n");
  EXPECT_THAT(c.rows, ElementsAre(Row{"1", "2"}));
  EXPECT_THAT(c.gaps, ElementsAre(HasSubstr("line 3: a quote is never closed; 13 B up to the end")));
}

TEST_F(Csv, ByteOrderMarksAndUtf16) {
  EXPECT_THAT(read("\xef\xbb\xbf"
                   "a,b\n1,2\n")
                  .names,
              ElementsAre("a", "b"));
  std::string little = "\xff\xfe";
  std::string big = "\xfe\xff";
  for (const char32_t c : U"a,b\n1,\u20ac\n2,\U0001f600\n") {
    if (c == 0) break;
    std::vector<unsigned> units = {static_cast<unsigned>(c)};
    if (c > 0xffff) units = {0xd800U + ((static_cast<unsigned>(c) - 0x10000U) >> 10), 0xdc00U + (c & 0x3ffU)};
    for (const unsigned unit : units) {
      little += {static_cast<char>(unit & 0xffU), static_cast<char>(unit >> 8)};
      big += {static_cast<char>(unit >> 8), static_cast<char>(unit & 0xffU)};
    }
  }
  for (const std::string& text : {little, big})
    EXPECT_THAT(read(text).rows, ElementsAre(Row{"1", "\u20ac"}, Row{"2", "\U0001f600"}));
  const Contents odd = read(little + "\x01");
  EXPECT_THAT(odd.gaps, testing::Contains(HasSubstr("units of UTF-16")));
  EXPECT_THAT(read(std::string("\xff\xfe\0\0", 4)).error, HasSubstr("UTF-32"));
}

TEST_F(Csv, MixedEncodingsAndNulsAreToldOnce) {
  const Contents c = read(std::string("a,b\n1,\xc3\xa9\n2,\xe9\n3,\xe9\n4,x\0y\n", 23));
  EXPECT_EQ(c.rows.size(), 4U);
  EXPECT_EQ(c.rows[3][1], std::string("x\0y", 3));
  EXPECT_THAT(c.gaps, ElementsAre(HasSubstr("from line 3 on: bytes that are no UTF-8"),
                                  HasSubstr("from line 5 on: NUL bytes")));
}

TEST_F(Csv, CellOverTheLimitIsLeftOutAndTheRestRead) {
  DatasetOptions options;
  options.limits.cell_bytes = 1000;
  std::string text = "a,b\n1,2\n3," + std::string(3'000'000, 'x') + "\n4,\"" + std::string(2'000'000, '\n') +
                     "\"\n5," + std::string(1001, 'y') + "\n6,7\n";
  const auto dataset = open_dataset(folder_.file("big.csv", text), options);
  ASSERT_TRUE(dataset) << dataset.error().message;
  const Contents c = contents_of(**dataset);
  EXPECT_EQ(c.rows.size(), 3U);
  ASSERT_EQ(c.gaps.size(), 2U);
  EXPECT_THAT(c.gaps[0], HasSubstr("line 3: cell 2 is longer than"));
  EXPECT_THAT(c.gaps[1], HasSubstr("line 4: cell 2 is longer than"));
  EXPECT_EQ((*dataset)->line_of(2), 2'000'006U);
}

TEST_F(Csv, LongCellUpToTheEndIsTruncation) {
  DatasetOptions options;
  options.limits.cell_bytes = 1000;
  const Contents c = read("a,b\n1,2\n3,\"" + std::string(3'000'000, 'x'), options);
  EXPECT_EQ(c.rows.size(), 1U);
  ASSERT_EQ(c.gaps.size(), 2U);
  EXPECT_THAT(c.gaps[1], HasSubstr("line 3: the row does not end"));
}

TEST_F(Csv, HundredThousandColumns) {
  std::string text;
  constexpr std::size_t kColumns = 100'000;
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t i = 0; i < kColumns; ++i)
      text += (row == 0 ? "c" : "") + std::to_string(i + row) + (i + 1 == kColumns ? "\n" : ",");
  const Contents c = read(text);
  ASSERT_EQ(c.names.size(), kColumns);
  ASSERT_EQ(c.rows.size(), 2U);
  EXPECT_EQ(c.names.back(), "c99999");
  EXPECT_EQ(c.rows[1][99'999], "100001");
  DatasetOptions options;
  options.limits.columns = 1000;
  EXPECT_THAT(read(text, options).error, HasSubstr("the limit is 1000 columns"));
}

TEST_F(Csv, ChosenColumnsOnly) {
  const auto dataset = open_dataset(folder_.file("c.csv", "a,b,c\n1,\"x\"\"y\",3\n4,5,6\n"));
  ASSERT_TRUE(dataset);
  const std::vector<std::size_t> columns = {1, 2};
  EXPECT_THAT(contents_of(**dataset, columns).rows, ElementsAre(Row{"x\"y", "3"}, Row{"5", "6"}));
  const std::vector<std::size_t> none = {7};
  EXPECT_THAT(contents_of(**dataset, none).error, HasSubstr("no such column"));
}

TEST_F(Csv, FileThatChangesWhileItIsReadIsAGap) {
  const std::string path = folder_.file("changing.csv", "a,b\n1,2\n");
  const auto dataset = open_dataset(path);
  ASSERT_TRUE(dataset);
  (void)folder_.file("changing.csv", "a,b\n1,2\n3,4\n");
  EXPECT_THAT(contents_of(**dataset).gaps, ElementsAre(HasSubstr("changed while it was read")));
}

TEST_F(Csv, CarriageReturnAtTheEdgeOfAPiece) {
  // Pieces are 256 KiB: the CR LF falls on every place around the edge.
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text = "a,b\n";
    text += std::string((std::size_t{256} << 10) - text.size() - 3 - shift, 'x') + ",\"\"\r\n1,2\r\n";
    const Contents c = read(text);
    ASSERT_EQ(c.rows.size(), 2U) << shift;
    EXPECT_EQ(c.rows[0][1], "");
    EXPECT_EQ(c.rows[1], (Row{"1", "2"}));
    EXPECT_THAT(c.gaps, IsEmpty());
  }
}

}  // namespace
}  // namespace bulwark::tables
