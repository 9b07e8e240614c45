#include "tables/duckdb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "os/input_file.h"
#include "tables/duckdb_session.h"
#include "unit/tables/table_test_support.h"

namespace bulwark::tables {
namespace {

using test::Contents;
using test::contents_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Row = std::vector<std::string>;

// Skipped where the library is not installed.
class Duck : public testing::Test {
 protected:
  void SetUp() override {
    const auto session = open_duck_session("/nothing", 1, std::uint64_t{1} << 30);
    if (!session) GTEST_SKIP() << session.error().message;
  }
  Contents read(const std::string& name, std::string_view content) {
    return contents_of(folder_.file(name, content));
  }
  test::Folder folder_;
};

TEST_F(Duck, JsonLinesWithTypesAndNulls) {
  const Contents c = read("a.jsonl",
                          "{\"id\":1,\"name\":\"Ann\",\"tags\":[\"x\",\"y\"],\"v\":1.5,\"ok\":true}\n"
                          "{\"id\":2,\"name\":null,\"v\":2}\n"
                          "{\"id\":3,\"name\":\"B\\u00e9, a name that is longer\",\"sub\":{\"k\":1}}\n");
  EXPECT_EQ(c.error, "");
  EXPECT_EQ(c.format, "jsonl");
  EXPECT_THAT(c.names, ElementsAre("id", "name", "tags", "v", "ok", "sub"));
  ASSERT_EQ(c.rows.size(), 3U);
  EXPECT_EQ(c.rows[0], (Row{"1", "Ann", "[\"x\",\"y\"]", "1.5", "true", "<absent>"}));
  EXPECT_EQ(c.rows[1][1], "<absent>");
  EXPECT_EQ(c.rows[2][1], "B\u00e9, a name that is longer");
  EXPECT_EQ(c.rows[2][5], "{\"k\":1}");
  EXPECT_THAT(c.gaps, IsEmpty());
}

TEST_F(Duck, ArrayOfObjects) {
  EXPECT_THAT(read("a.json", "[{\"a\":1,\"b\":\"x\"},\n {\"a\":2,\"b\":\"y\"}]").rows,
              ElementsAre(Row{"1", "x"}, Row{"2", "y"}));
}

TEST_F(Duck, ManyRowsComeInOrder) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "{\"i\":" + std::to_string(i) + "}\n";
  DatasetOptions options;
  options.jobs = 2;
  const Contents c = contents_of(folder_.file("m.jsonl", text), options);
  ASSERT_EQ(c.rows.size(), 10'000U);
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(c.rows[static_cast<std::size_t>(i)][0], std::to_string(i));
}

TEST_F(Duck, BrokenFilesAreErrorsWithoutTheirValues) {
  const Contents broken = read("b.jsonl", "{\"a\":1}\n{\"a\": \"secret value\n");
  EXPECT_NE(broken.error, "");
  EXPECT_EQ(broken.error.find("secret"), std::string::npos);
  EXPECT_NE(read("x.parquet", "PAR1" + std::string(100, 'x') + "PAR1").error, "");
  EXPECT_THAT(read("x.feather", "ARROW1" + std::string(100, 'x')).error,
              HasSubstr("write the table as Parquet"));
}

TEST_F(Duck, JsonThatWouldOverflowTheStackIsRefused) {
  const auto nested = [](std::size_t depth) {
    return "{\"s\":\"[\\\"[\",\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}\n";
  };
  EXPECT_THAT(read("d.jsonl", nested(100'000)).error, HasSubstr("nests deeper than 200 levels"));
  EXPECT_THAT(read("q.jsonl", "{\"a\":\"\n" + nested(100'000)).error, HasSubstr("nests deeper"));
  EXPECT_EQ(read("e.jsonl", nested(100)).error, "");
}

TEST_F(Duck, WideObjectsStayColumns) {
  std::string text;
  for (int row = 0; row < 2; ++row) {
    text += "{";
    for (int i = 0; i < 300; ++i)
      text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + std::to_string(row);
    text += "}\n";
  }
  EXPECT_EQ(read("w.jsonl", text).names.size(), 300U);
}

TEST_F(Duck, NamesThatSqlWouldRead) {
  const Contents c = read("it's [1]*.jsonl", "{\"a\\\"; DROP TABLE x; --\":1,\"select\":2}\n");
  EXPECT_EQ(c.error, "");
  EXPECT_THAT(c.names, ElementsAre("a\"; DROP TABLE x; --", "select"));
  EXPECT_THAT(c.rows, ElementsAre(Row{"1", "2"}));
}

TEST_F(Duck, OnlyTheOneFileCanBeRead) {
  const auto file = os::InputFile::open(folder_.file("a.jsonl", "{\"a\":1}\n")).value();
  const std::string other = folder_.file("b.jsonl", "{\"b\":1}\n");
  const auto session = open_duck_session(file->alias(), 1, std::uint64_t{1} << 30).value();
  const auto works = [&](const std::string& sql) {
    const auto stream = session->query(sql, {Kind::Text});
    std::vector<Cells> cells;
    std::size_t rows = 0;
    return stream.has_value() && (*stream)->next(cells, rows).has_value();
  };
  EXPECT_TRUE(works("SELECT CAST(a AS VARCHAR) FROM read_json(" + sql_text(file->alias()) + ")"));
  EXPECT_FALSE(works("SELECT CAST(b AS VARCHAR) FROM read_json(" + sql_text(other) + ")"));
  EXPECT_FALSE(works("SELECT content FROM read_text('/etc/passwd')"));
  EXPECT_FALSE(works("COPY (SELECT 1) TO " + sql_text(folder_.path() + "/out.csv")));
  EXPECT_FALSE(works("ATTACH " + sql_text(folder_.path() + "/x.db")));
  EXPECT_FALSE(works("INSTALL httpfs"));
  EXPECT_FALSE(works("LOAD httpfs"));
  EXPECT_FALSE(works("SET enable_external_access=true"));
  EXPECT_FALSE(works("SET memory_limit='100GB'"));
  EXPECT_FALSE(works("SET allowed_paths=['/etc/passwd']"));
}

}  // namespace
}  // namespace bulwark::tables
