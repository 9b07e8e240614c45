#include "assay/anonymise/run.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "assay/anonymise/suggest.h"
#include "base/json_text.h"
#include "base/text.h"
#include "support/data_set.h"
#include "support/world.h"

namespace bulwark::assay::anonymise {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Made {
  Result<Summary> summary;
  std::string copy;

  // Cells of the copy, which has none with commas here.
  [[nodiscard]] Rows rows() const {
    Rows all;
    for (const std::string_view line : split(copy, '\n')) {
      if (line.empty()) continue;
      std::vector<std::string>& row = all.emplace_back();
      for (const std::string_view cell : split(line, ',')) row.emplace_back(cell);
    }
    return all;
  }
};

Result<crypto::Secret> a_key(const std::string& reference) {
  if (reference != "env:KEY") return fail(Code::NotFound, "no key " + reference);
  return crypto::Secret(Bytes(std::vector<std::uint8_t>(32, 9)));
}

Made anonymised(const tables::Dataset& data, std::string_view plan_text, std::size_t jobs = 1) {
  auto plan = read_plan(plan_text);
  if (!plan) return {std::unexpected(plan.error()), ""};
  test::SeededRandom random(4);
  std::string copy;
  tables::CsvWriter writer({}, [&copy](std::string_view piece) -> Result<void> {
    copy += piece;
    return {};
  });
  const Settings settings{.jobs = jobs};
  auto summary = run(data, *plan, settings, {.key_of = a_key, .random = random, .writer = writer});
  return {std::move(summary), std::move(copy)};
}

test::MemoryData clinic(std::size_t rows, std::size_t block = 64) {
  test::SeededRandom random(1);
  Rows cells;
  for (std::size_t i = 0; i < rows; ++i) {
    cells.push_back({"P" + std::to_string(1'000 + i / 2), std::to_string(20 + random.below(60)),
                     std::string(1, static_cast<char>('A' + random.below(4))),
                     i % 50 == 7 ? "NA" : std::to_string(10'000 + random.below(900)),
                     random.below(3) == 0 ? "flu" : "cold",
                     "2024-0" + std::to_string(1 + random.below(9)) + "-15"});
  }
  test::MemoryData data({"patient", "age", "ward", "code", "illness", "visit"}, cells);
  data.set_block(block);
  return data;
}

constexpr std::string_view kPlan = R"(version: 1
key: env:KEY
columns:
  patient: tokenise
  code: {do: ff1, alphabet: digits, check: none}
  visit: {do: date_shift, subject: patient, days: 20}
quasi_identifiers: [age, ward]
population: 4000
k_anonymity:
  k: 4
  sensitive: [{column: illness, distinct: 2}]
counts:
  - {name: wards, by: {ward: [A, B, C, D]}, epsilon: 2, mechanism: discrete-laplace}
)";

TEST(Anonymisation, WritesACopyThatIsKAnonymousAndDiverse) {
  const test::MemoryData data = clinic(400);
  // Codes of five digits have too few values for FF1, so that plan empties them.
  const Made made = anonymised(data, kPlan);
  ASSERT_TRUE(made.summary.has_value()) << made.summary.error().message;
  const Rows rows = made.rows();
  ASSERT_EQ(rows.size(), 401U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"patient", "age", "ward", "code", "illness", "visit"}));
  std::map<std::pair<std::string, std::string>, std::multiset<std::string>> classes;
  for (std::size_t i = 1; i < rows.size(); ++i) classes[{rows[i][1], rows[i][2]}].insert(rows[i][4]);
  for (const auto& [labels, illnesses] : classes) {
    EXPECT_GE(illnesses.size(), 4U);
    EXPECT_LT(illnesses.count("flu"), illnesses.size());
    EXPECT_LT(illnesses.count("cold"), illnesses.size());
  }
  const Summary& summary = *made.summary;
  EXPECT_EQ(summary.anonymity->classes, classes.size());
  EXPECT_GE(summary.anonymity->reached, 4U);
  EXPECT_EQ(summary.anonymity->sensitive.front().distinct, 2U);
  EXPECT_GT(summary.risk->before.unique, 0U);
  EXPECT_EQ(summary.risk->after.unique, 0U);
  EXPECT_EQ(summary.columns[3].emptied, 392U);  // all but those in which nothing stood
  EXPECT_EQ(summary.columns[3].nothing, 8U);
  EXPECT_EQ(summary.columns[3].emptied_rows.size(), 5U);
  EXPECT_EQ(rows[8][3], "NA");
  EXPECT_EQ(summary.counts.front().counts.size(), 5U);
  EXPECT_TRUE(summary.risk->after.population_unique.has_value());
}

TEST(Anonymisation, TokensJoinAndDatesMoveTogether) {
  const Made made = anonymised(clinic(60), kPlan);
  ASSERT_TRUE(made.summary.has_value());
  const Rows rows = made.rows();
  for (std::size_t i = 1; i + 1 < rows.size(); i += 2) {
    EXPECT_EQ(rows[i][0], rows[i + 1][0]);
    if (i + 2 < rows.size()) {
      EXPECT_NE(rows[i][0], rows[i + 2][0]);
    }
  }
}

TEST(Anonymisation, IsTheSameWhateverTheThreadsAndBlocks) {
  const Made one = anonymised(clinic(300), kPlan, 1);
  for (const std::size_t jobs : {2U, 3U}) {
    const Made other = anonymised(clinic(300, 37), kPlan, jobs);
    EXPECT_EQ(one.copy, other.copy);
    EXPECT_EQ(one.summary->counts.front().counts, other.summary->counts.front().counts);
    EXPECT_EQ(pretty_json(report_json(*one.summary)), pretty_json(report_json(*other.summary)));
    EXPECT_EQ(report_text(*one.summary), report_text(*other.summary));
  }
}

TEST(Anonymisation, NoiseOfAQuasiIdentifierIsDrawnOnce) {
  const std::string plan = "version: 1\ncolumns: {age: {do: noise, scale: 3}}\nquasi_identifiers: [age]\n";
  const Made made = anonymised(clinic(200), plan);
  ASSERT_TRUE(made.summary.has_value());
  std::set<std::string> ages;
  for (const auto& row : made.rows()) ages.insert(row[1]);
  ages.erase("age");
  EXPECT_EQ(made.summary->risk->after.classes, ages.size());
}

TEST(Anonymisation, SuppressesDropsAndKeepsTheOrder) {
  const test::MemoryData data({"name", "town", "n"},
                              {{"a", "X", "1"}, {"b", "Y", "2"}, {"c", "X", "3"}, {"d", "X", "4"}});
  const Made made = anonymised(data,
                               "version: 1\ncolumns: {name: drop}\nquasi_identifiers: [town]\n"
                               "k_anonymity: {k: 2, method: suppress, suppress_at_most: 0.3}\n");
  ASSERT_TRUE(made.summary.has_value()) << made.summary.error().message;
  EXPECT_EQ(made.copy, "town,n\nX,1\nX,3\nX,4\n");
  EXPECT_EQ(made.summary->anonymity->suppressed, 1U);
  EXPECT_EQ(made.summary->rows_written, 3U);
}

TEST(Anonymisation, RefusesWhatCannotBeKept) {
  const test::MemoryData data({"town"}, {{"X"}, {"Y"}, {"X"}});
  const auto error = [&](std::string_view plan) { return anonymised(data, plan).summary.error(); };
  EXPECT_EQ(error("version: 1\nquasi_identifiers: [town]\nk_anonymity: {k: 4}\n").code, Code::Denied);
  EXPECT_EQ(error("version: 1\nquasi_identifiers: [town]\nk_anonymity: {k: 2, method: suppress}\n").code,
            Code::Denied);
  EXPECT_EQ(error("version: 1\ncolumns: {tow: drop}\n").code, Code::NotFound);
  EXPECT_EQ(error("version: 1\ncolumns: {town: drop}\n").code, Code::InvalidInput);
  EXPECT_EQ(error("version: 1\nkey: env:OTHER\ncolumns: {town: hash}\n").code, Code::NotFound);
}

TEST(Anonymisation, ADirectIdentifierIsLeftOnPurposeOnly) {
  Rows cells;
  for (int i = 0; i < 40; ++i)
    cells.push_back({"user" + std::to_string(i) + "@mail.example.org", std::to_string(i % 3)});
  const test::MemoryData data({"email", "n"}, cells);
  const Made untouched = anonymised(data, "version: 1\ncolumns: {n: suppress}\n");
  ASSERT_FALSE(untouched.summary.has_value());
  EXPECT_EQ(untouched.summary.error().code, Code::Denied);
  EXPECT_TRUE(untouched.summary.error().message.starts_with("column 'email' holds personal data"));
  EXPECT_EQ(untouched.copy, "");
  const Made kept = anonymised(data, "version: 1\ncolumns: {email: {do: keep, reason: consent of all}}\n");
  ASSERT_TRUE(kept.summary.has_value());
  EXPECT_EQ(kept.summary->after.columns.front().kind, "email");
  EXPECT_TRUE(report_text(*kept.summary).contains("kept: consent of all"));
  const Made changed = anonymised(data, "version: 1\nkey: env:KEY\ncolumns: {email: tokenise}\n");
  ASSERT_TRUE(changed.summary.has_value());
  EXPECT_EQ(changed.summary->before.columns.size(), 1U);
  EXPECT_TRUE(changed.summary->after.columns.empty());
  EXPECT_FALSE(changed.copy.contains("@"));
}

TEST(Anonymisation, WritesWhatCouldBeReadAndSaysWhatNot) {
  test::MemoryData data = clinic(20);
  data.add_gap({.reason = GapReason::Malformed, .why = "row 7 has 3 cells instead of 6"});
  const Made made = anonymised(data, "version: 1\ncolumns: {patient: redact}\n");
  ASSERT_TRUE(made.summary.has_value());
  EXPECT_EQ(made.summary->gaps.size(), 1U);
  EXPECT_TRUE(report_text(*made.summary).contains("row 7 has 3 cells"));
}

TEST(Anonymisation, AnEmptyTableGivesItsHeader) {
  const test::MemoryData data({"age", "ward"}, {});
  const Made made = anonymised(data,
                               "version: 1\nquasi_identifiers: [age]\nk_anonymity: {k: 2}\n"
                               "counts: [{name: w, by: {ward: [A]}, epsilon: 1, delta: 1e-6}]\n");
  ASSERT_TRUE(made.summary.has_value()) << made.summary.error().message;
  EXPECT_EQ(made.copy, "age,ward\n");
  EXPECT_FALSE(made.summary->risk.has_value());
}

TEST(Anonymisation, QuotesWhatWouldBreakTheTable) {
  const test::MemoryData data({"a,b", "c"}, {{"x\"y", "1\n2"}, {"", "z"}});
  const Made made = anonymised(data, "version: 1\ncolumns: {c: {do: replace, tag: \"<a,b>\"}}\n");
  EXPECT_EQ(made.copy, "\"a,b\",c\n\"x\"\"y\",\"<a,b>\"\n,\"<a,b>\"\n");
}

TEST(SuggestedPlan, ReadsBackAndFitsTheData) {
  test::SeededRandom random(2);
  Rows cells;
  for (int i = 0; i < 60; ++i)
    cells.push_back({"C" + std::to_string(i), "Anna " + std::to_string(i),
                     std::to_string(10'000 + random.below(80'000)), "1980-01-1" + std::to_string(i % 10),
                     std::to_string(20 + i), i % 2 == 0 ? "f" : "m", "flu", std::to_string(i * 997),
                     "x: #y\""});
  const test::MemoryData data({"customerId", "last_name", "ZIP", "date of birth", "age", "sex", "diagnosis",
                               "salary", "odd: \"name\" #1"},
                              cells);
  const auto text = suggest_plan(data, {});
  ASSERT_TRUE(text.has_value()) << text.error().message;
  const auto plan = read_plan(*text);
  ASSERT_TRUE(plan.has_value()) << plan.error().message << *text;
  std::vector<std::string_view> names;
  for (const tables::Column& column : data.about().columns) names.push_back(column.name);
  EXPECT_TRUE(check_columns(*plan, names).has_value());
  EXPECT_EQ(name_of(plan->find("customerId")->action), "tokenise");
  EXPECT_EQ(name_of(plan->find("last_name")->action), "replace");
  EXPECT_EQ(std::get<Generalise>(plan->find("ZIP")->action).kind, Generalise::Kind::Zip);
  EXPECT_EQ(std::get<Generalise>(plan->find("date of birth")->action).kind, Generalise::Kind::Date);
  EXPECT_EQ(plan->quasi_identifiers,
            (std::vector<std::string>{"ZIP", "date of birth", "age", "sex", "salary"}));
  EXPECT_TRUE(text->contains("distinct: 2"));
  EXPECT_EQ(plan->k_anonymity->k, 5U);
}

}  // namespace
}  // namespace bulwark::assay::anonymise
