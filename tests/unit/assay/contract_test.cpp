#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "assay/profile/expectation.h"
#include "base/json_text.h"
#include "unit/assay/profile_table.h"

namespace bulwark::assay::profile {
namespace {

Contract contract_of(const std::string& columns) {
  const auto contract = read_contract("version: 1\n" + columns);
  EXPECT_TRUE(contract.has_value()) << contract.error().message;
  return contract.value_or(Contract{});
}

std::string refusal(const std::string& yaml) {
  const auto contract = read_contract(yaml);
  return contract.has_value() ? "accepted" : contract.error().message;
}

PartResult held(const TextTable& table, const std::string& yaml) {
  return table.against(contract_of(yaml));
}

// The promise of that kind in the json.
const Document* promise(const PartResult& result, std::string_view kind) {
  for (const Document& one : result.details.find("contract")->find("expectations")->list)
    if (one.text("kind") == kind) return &one;
  return nullptr;
}
std::int64_t broken(const PartResult& result, std::string_view kind) {
  const Document* one = promise(result, kind);
  return one == nullptr ? -1 : one->find("broken")->integer;
}

TEST(Contract, EveryPromiseIsCountedWithItsRows) {
  const TextTable table{
      .names = {"n", "s", "d", "j"},
      .columns = {{"1", "2", "2", "", "300", "x"},
                  {"ab", "abc", "abcd", "ab", "q", ""},
                  {"2020-01-01", "2020-01-02", "2020-01-01", "", "2020-01-03", "2020-01-04"},
                  {"{}", "[1]", "{", "1", "\"x\"", "nope"}}};
  const PartResult result =
      held(table,
           "columns:\n"
           "  n: {type: integer, not_null: true, unique: true, min: 0, max: 100}\n"
           "  s: {in: [ab, abc, q], regex: '^[a-z]+$', min_length: 2, max_length: 3}\n"
           "  d: {type: date, order: non_decreasing, min: 2020-01-01, max: 2020-01-03}\n"
           "  j: {json: true}\n");
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_EQ(broken(result, "not_null"), 1);
  EXPECT_EQ(broken(result, "type"), 1);
  EXPECT_EQ(broken(result, "unique"), 1);
  EXPECT_EQ(broken(result, "in"), 1);
  EXPECT_EQ(broken(result, "regex"), 0);
  EXPECT_EQ(broken(result, "length"), 2);
  EXPECT_EQ(broken(result, "order"), 1);
  EXPECT_EQ(broken(result, "json"), 2);
  EXPECT_TRUE(raises(result, "BW-PROF-001", "n"));
  EXPECT_TRUE(raises(result, "BW-PROF-001", "j"));
  const Document& violations = *result.details.find("contract")->find("violations");
  const auto rows_of = [&](std::string_view kind, std::string_view column) {
    std::vector<std::int64_t> rows;
    for (const Document& one : violations.list)
      if (one.text("kind") == kind && one.text("column") == column)
        for (const Document& row : one.find("rows")->list) rows.push_back(row.integer);
    return rows;
  };
  EXPECT_EQ(rows_of("range", "n"), (std::vector<std::int64_t>{4, 5}));
  EXPECT_EQ(rows_of("range", "d"), (std::vector<std::int64_t>{5}));
  EXPECT_EQ(rows_of("unique", "n"), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(rows_of("length", "s"), (std::vector<std::int64_t>{2, 4}));
}

TEST(Contract, DataThatKeepItPass) {
  const TextTable table{.names = {"n"}, .columns = {{"1", "2", "3"}}};
  const PartResult result = held(
      table, "rows: {min: 1, max: 3}\ncolumns:\n  n: {type: integer, unique: true, order: increasing}\n");
  EXPECT_EQ(result.outcome, Outcome::Passed) << result.why;
  EXPECT_FALSE(raises(result, "BW-PROF-001"));
}

TEST(Contract, PromisesAcrossColumns) {
  const TextTable table{.names = {"a", "b", "total", "from", "to"},
                        .columns = {{"1", "2", "1", "0.1"},
                                    {"2", "1", "2", "0.2"},
                                    {"3", "3", "4", "0.3"},
                                    {"2020-01-01", "2020-01-01", "2020-01-02", ""},
                                    {"2020-01-02", "2020-01-01", "2020-01-01", "2020-01-01"}}};
  const PartResult result = held(table,
                                 "keys:\n  - [a, b]\n  - [a, total]\n"
                                 "compare:\n  - from <= to\n  - {left: a, is: '!=', right: b}\n"
                                 "sums:\n  - {columns: [a, b], equals: total}\n");
  const Document& all = *result.details.find("contract")->find("expectations");
  ASSERT_EQ(all.list.size(), 5U);
  const auto count = [&](std::size_t i) { return all.list[i].find("broken")->integer; };
  EXPECT_EQ(count(0), 1);  // (1, 2) twice
  EXPECT_EQ(count(1), 0);
  EXPECT_EQ(count(2), 1);
  EXPECT_EQ(all.list[2].find("checked")->integer, 3);
  EXPECT_EQ(count(3), 0);
  EXPECT_EQ(count(4), 1);  // 0.1 + 0.2 is 0.3
}

TEST(Contract, MissingAndUnknownColumnsAreFindings) {
  const TextTable table{.names = {"age", "extra"}, .columns = {{"1"}, {"2"}}};
  const PartResult result =
      held(table, "other_columns: refuse\ncolumns:\n  aage: {type: integer}\n  maybe: {required: false}\n");
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_TRUE(raises(result, "BW-PROF-002", "aage"));
  EXPECT_TRUE(raises(result, "BW-PROF-002", "extra"));
  EXPECT_FALSE(raises(result, "BW-PROF-002", "maybe"));
  EXPECT_NE(result.findings[result.findings.size() - 3].message.find("there is 'age'"), std::string::npos);
}

TEST(Contract, RowCountsAreHeld) {
  const TextTable table{.names = {"a"}, .columns = {{"1", "2"}}};
  EXPECT_EQ(held(table, "rows: {min: 3}\n").outcome, Outcome::Failed);
  EXPECT_EQ(held(table, "rows: {max: 1}\n").outcome, Outcome::Failed);
  EXPECT_EQ(held(table, "rows: {min: 2, max: 2}\n").outcome, Outcome::Passed);
}

TEST(Contract, AnAllowedShareIsDecidedByItsInterval) {
  TextTable table{.names = {"a"}, .columns = {{}}};
  for (int i = 0; i < 1000; ++i) table.columns[0].push_back(i < 10 ? "x" : "1");
  EXPECT_EQ(held(table, "columns:\n  a: {type: integer, allowed: 0.05}\n").outcome, Outcome::Passed);
  EXPECT_EQ(held(table, "columns:\n  a: {type: integer, allowed: 0.01}\n").outcome, Outcome::Undecided);
  EXPECT_EQ(held(table, "columns:\n  a: {type: integer, allowed: 0.001}\n").outcome, Outcome::Failed);
}

TEST(Contract, ExamplesAreCutAndNeverThoseOfPersonalColumns) {
  const TextTable table{.names = {"a", "b"}, .columns = {{std::string(100, 'x') + "\x1b[31m"}, {"Jane Doe"}}};
  const PartResult result =
      held(table, "columns:\n  a: {type: integer}\n  b: {type: integer, personal: true}\n");
  const std::string text = pretty_json(result.details);
  EXPECT_NE(text.find("xxxx"), std::string::npos);
  EXPECT_EQ(text.find(std::string(50, 'x')), std::string::npos);
  EXPECT_EQ(text.find("Jane"), std::string::npos);
  for (const Finding& finding : result.findings)
    EXPECT_EQ((finding.message + finding.evidence).find("Jane"), std::string::npos);
}

TEST(Contract, MistakesNameTheirLineAndTheNearestKey) {
  EXPECT_EQ(refusal("version: 1\ncolumns:\n  a:\n    tpye: integer\n"),
            "line 4: unknown key 'tpye'; did you mean 'type'?");
  EXPECT_EQ(refusal("version: 1\ncolumns:\n  a: {type: intger}\n"),
            "line 3: unknown type 'intger'; did you mean 'integer'?");
  EXPECT_EQ(refusal("version: 1\ncolums: {}\n"), "line 2: unknown key 'colums'; did you mean 'columns'?");
  EXPECT_NE(refusal("version: 2\n").find("version: 1"), std::string::npos);
  EXPECT_NE(refusal("").find("empty"), std::string::npos);
  EXPECT_NE(refusal("version: 1\ncolumns:\n  a: {regex: '('}\n").find("line 3: regex"), std::string::npos);
  EXPECT_NE(refusal("version: 1\ncolumns:\n  a: {min: 3, max: 2}\n").find("larger"), std::string::npos);
  EXPECT_NE(refusal("version: 1\ncolumns:\n  a: {}\n  a: {}\n").find("twice"), std::string::npos);
  EXPECT_NE(refusal("version: 1\ncompare:\n  - a < = b\n").find("line 3"), std::string::npos);
  EXPECT_NE(refusal("version: 1\ncompare:\n  - a =< b\n").find("unknown comparison"), std::string::npos);
  EXPECT_NE(refusal("version: 1\nkeys: [a]\n").find("list"), std::string::npos);
  EXPECT_NE(refusal("version: 1\ncolumns:\n  a: {allowed: 1.5}\n").find("share"), std::string::npos);
  EXPECT_EQ(refusal("version: 1\n"), "accepted");
}

TEST(Contract, AWrittenOneIsKeptByItsOwnData) {
  TextTable table{.names = {"id", "colour", "code", "x", "odd: name", "day", "maybe"},
                  .columns = std::vector<std::vector<std::string>>(7)};
  for (int i = 0; i < 500; ++i) {
    table.columns[0].push_back(std::to_string(i * 37 % 501));
    table.columns[1].push_back(i % 3 == 0 ? "red" : "it's \"green\"");
    table.columns[2].push_back("A" + std::to_string(10 + i % 80) + (i % 2 == 0 ? "-x" : ".Y"));
    table.columns[3].push_back(std::to_string(i % 7) + ".125");
    table.columns[4].push_back("v");
    table.columns[5].push_back("2020-01-" + std::to_string(10 + i / 50));
    table.columns[6].push_back(i % 9 == 0 ? "" : "true");
  }
  Options options;
  options.exact_unique = true;
  const std::string yaml = write_contract(table.profile(options));
  const auto contract = read_contract(yaml);
  ASSERT_TRUE(contract.has_value()) << contract.error().message << "\n" << yaml;
  const PartResult result = table.against(*contract);
  EXPECT_EQ(result.outcome, Outcome::Passed) << result.why << "\n" << yaml;
  EXPECT_NE(yaml.find("unique: true"), std::string::npos) << yaml;
  EXPECT_NE(yaml.find("in: ["), std::string::npos) << yaml;
  EXPECT_NE(yaml.find("regex:"), std::string::npos) << yaml;
  EXPECT_NE(yaml.find("order: non_decreasing"), std::string::npos) << yaml;
  table.columns[1][7] = "blue";
  EXPECT_TRUE(raises(table.against(*contract), "BW-PROF-001", "colour"));
}

TEST(Contract, IsTheSameWhateverTheThreadsAndBlocks) {
  TextTable table{.names = {"a", "b"}, .columns = std::vector<std::vector<std::string>>(2)};
  for (int i = 0; i < 3000; ++i) {
    table.columns[0].push_back(std::to_string(i % 2900));
    table.columns[1].push_back(std::to_string(i % 13));
  }
  const Contract contract =
      contract_of("columns:\n  a: {unique: true}\n  b: {max: 11, order: increasing}\nkeys:\n  - [a, b]\n");
  std::string first;
  for (const std::size_t jobs : {1U, 2U, 3U}) {
    Options options;
    options.settings.jobs = jobs;
    options.contract = &contract;
    const std::string text = pretty_json(*table.assayed(options, 500 * jobs).details.find("contract"));
    if (first.empty()) first = text;
    EXPECT_EQ(text, first);
  }
}

TEST(Contract, MoreKeysThanCanBeRememberedAreNotCalledUnique) {
  KeySet keys(3);
  EXPECT_EQ(keys.add(1, 1), KeySet::Answer::New);
  EXPECT_EQ(keys.add(1, 2), KeySet::Answer::New);
  EXPECT_EQ(keys.add(1, 1), KeySet::Answer::Met);
  EXPECT_EQ(keys.add(2, 1), KeySet::Answer::New);
  EXPECT_EQ(keys.add(3, 1), KeySet::Answer::Full);
  EXPECT_EQ(keys.add(2, 1), KeySet::Answer::Met);

  ColumnContract promise;
  promise.name = "a";
  promise.unique = true;
  ColumnExpectations column(promise, 10, 2);
  const std::vector<std::string_view> texts = {"1", "2", "3", "1"};
  tables::Cells cells;
  cells.texts = texts;
  column.take(cells, 0, 4);
  const std::vector<Expectation> results = column.take_results();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].broken, 1U);
  EXPECT_NE(results[0].not_checked.find("row 2"), std::string::npos);
}

}  // namespace
}  // namespace bulwark::assay::profile
