#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "assay/parts.h"
#include "assay/pii/column.h"
#include "assay/pii/find.h"
#include "base/json_text.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

// A table of texts, given to the part in blocks.
struct Table {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> columns;

  void add(std::string name, std::size_t rows, const std::function<std::string(std::size_t)>& cell) {
    names.push_back(std::move(name));
    columns.emplace_back();
    for (std::size_t i = 0; i < rows; ++i) columns.back().push_back(cell(i));
  }
  [[nodiscard]] PartResult judge(std::size_t jobs = 1) const {
    std::vector<tables::Column> about;
    for (const std::string& name : names)
      about.push_back({.name = name, .kind = tables::Kind::Text, .declared = ""});
    Settings settings;
    settings.jobs = jobs;
    const auto part = pii_part(about, settings);
    const std::size_t rows = columns.front().size();
    for (std::size_t begin = 0; begin < rows; begin += tables::kBlockRows) {
      tables::Block block{
          .first_row = begin, .rows = std::min(rows - begin, tables::kBlockRows), .columns = {}};
      std::vector<std::vector<std::string_view>> views;
      for (const auto& column : columns)
        views.emplace_back(column.begin() + static_cast<std::ptrdiff_t>(begin),
                           column.begin() + static_cast<std::ptrdiff_t>(begin + block.rows));
      for (const auto& view : views)
        block.columns.push_back({.kind = tables::Kind::Text,
                                 .texts = view,
                                 .integers = {},
                                 .reals = {},
                                 .booleans = {},
                                 .valid = {}});
      part->take(block);
    }
    return part->finish();
  }
};

std::string everything(const PartResult& result) {
  std::string out = pretty_json(result.details) + result.why;
  for (const Finding& finding : result.findings)
    out += finding.message + finding.evidence + finding.subject + "\n";
  for (const Listing& listing : result.listings) {
    out += listing.title + listing.note;
    for (const auto& row : listing.rows)
      for (const std::string& cell : row) out += cell + "\n";
  }
  return out;
}

std::string decision_of(const PartResult& result, std::string_view name) {
  for (const Document& column : result.details.find("columns")->list)
    if (column.text("column") == name)
      return column.find("decision")->is_string() ? std::string(column.text("decision")) : "";
  return "no such column";
}

std::string digits(stats::Philox& random, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>('0' + random.below(10));
  return out;
}
// Random digits behind a prefix until the algorithm agrees.
std::string valid(stats::Philox& random, std::string_view kind, std::string prefix, std::size_t size) {
  for (;;) {
    std::string value = prefix + digits(random, size - prefix.size());
    if (pii::classify(kind, value) == pii::Verdict::Match) return value;
  }
}

TEST(PiiPart, DecidesWhatAColumnHoldsWithoutItsName) {
  stats::Philox random(7);
  Table table;
  constexpr std::size_t kRows = 400;
  table.add("a", kRows, [&](std::size_t) { return valid(random, "pan", "4", 16); });
  table.add("b", kRows, [&](std::size_t) { return valid(random, "uk_nhs", "", 10); });
  table.add("c", kRows, [&](std::size_t i) { return "user" + std::to_string(i) + "@mail.example.org"; });
  table.add("d", kRows, [&](std::size_t) { return valid(random, "in_aadhaar", "", 12); });
  table.add("e", kRows, [&](std::size_t) { return valid(random, "us_aba", "02", 9); });
  table.add("f", kRows, [&](std::size_t i) { return "10.0." + std::to_string(i % 256) + ".7"; });
  const PartResult result = table.judge();
  EXPECT_EQ(decision_of(result, "a"), "pan");
  EXPECT_EQ(decision_of(result, "b"), "uk_nhs");
  EXPECT_EQ(decision_of(result, "c"), "email");
  EXPECT_EQ(decision_of(result, "d"), "in_aadhaar");
  EXPECT_EQ(decision_of(result, "e"), "us_aba");
  EXPECT_EQ(decision_of(result, "f"), "ipv4");
  EXPECT_EQ(result.outcome, Outcome::Failed);
}

TEST(PiiPart, NumbersThatPassByChanceAreNothing) {
  stats::Philox random(11);
  Table table;
  constexpr std::size_t kRows = 1'500;
  for (const std::size_t size : {8U, 9U, 10U, 11U, 12U, 13U, 14U, 15U, 16U})
    table.add("n" + std::to_string(size), kRows, [&](std::size_t) { return digits(random, size); });
  table.add("time", kRows, [&](std::size_t i) { return std::to_string(1'700'000'000 + i * 37); });
  table.add("order", kRows, [&](std::size_t) { return "4" + digits(random, 15); });
  table.add("same", kRows, [&](std::size_t) { return "4111111111111111"; });
  table.add("price", kRows, [&](std::size_t) { return digits(random, 3) + "." + digits(random, 2); });
  table.add("hash", kRows, [&](std::size_t i) { return std::to_string(i) + "af" + digits(random, 20); });
  const PartResult result = table.judge();
  EXPECT_EQ(result.outcome, Outcome::Passed) << everything(result);
  EXPECT_TRUE(result.findings.empty()) << everything(result);
}

TEST(PiiPart, FreeTextIsJudgedByItsWords) {
  stats::Philox random(5);
  Table table;
  table.add("note", 200, [&](std::size_t i) {
    if (i == 120) return "please charge card " + valid(random, "pan", "51", 16) + " for it";
    return "the visit number " + std::to_string(i) + " went as planned and nothing was said";
  });
  const PartResult result = table.judge();
  EXPECT_EQ(decision_of(result, "note"), "pan");
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].rule->id, "BW-PII-002");
  EXPECT_NE(result.findings[0].message.find("row 120"), std::string::npos);
}

TEST(PiiPart, NamesOfColumnsAreHeard) {
  stats::Philox random(3);
  Table table;
  table.add("customer_ssn", 50, [&](std::size_t) { return valid(random, "us_ssn", "", 9); });
  table.add("cvv", 50, [&](std::size_t) { return digits(random, 3); });
  table.add("dob", 50, [&](std::size_t i) {
    return "19" + std::to_string(50 + i % 40) + "-03-1" + std::to_string(i % 10);
  });
  table.add("phone", 50, [&](std::size_t) { return "415555" + digits(random, 4); });
  table.add("first_name", 50, [&](std::size_t i) { return std::string(i % 2 == 0 ? "Maria" : "Hans"); });
  table.add("order_id", 50, [&](std::size_t) { return digits(random, 9); });
  const PartResult result = table.judge();
  EXPECT_EQ(decision_of(result, "customer_ssn"), "us_ssn");
  EXPECT_EQ(decision_of(result, "cvv"), "card_cvv");
  EXPECT_EQ(decision_of(result, "dob"), "date_of_birth");
  EXPECT_EQ(decision_of(result, "phone"), "phone");
  EXPECT_EQ(decision_of(result, "first_name"), "person_name");
  EXPECT_EQ(decision_of(result, "order_id"), "");
}

TEST(PiiPart, WholeValuesAreNeverWritten) {
  stats::Philox random(9);
  Table table;
  std::vector<std::string> planted;
  const auto keep = [&](std::string value) {
    planted.push_back(value);
    return value;
  };
  constexpr std::size_t kRows = 60;
  table.add("card", kRows, [&](std::size_t) { return keep(valid(random, "pan", "4", 16)); });
  table.add("mail", kRows,
            [&](std::size_t i) { return keep("planted" + std::to_string(i) + "@secret.example.org"); });
  table.add("ssn", kRows, [&](std::size_t) { return keep(valid(random, "us_ssn", "", 9)); });
  table.add("who", kRows,
            [&](std::size_t i) { return keep(std::string(i % 2 == 0 ? "Maria Schneider" : "John Miller")); });
  table.add("text", kRows, [&](std::size_t) {
    return "call " + keep("+44 20 7946 0" + digits(random, 3)) + " after lunch please";
  });
  const std::string text = everything(table.judge());
  for (const std::string& value : planted) EXPECT_EQ(text.find(value), std::string::npos) << value;
  EXPECT_NE(text.find("p***@s***"), std::string::npos);
}

TEST(PiiPart, TablesOfLawSayFoundNotFoundAndNotTestable) {
  Table table;
  table.add("email", 40, [](std::size_t i) { return "a" + std::to_string(i) + "@example.org"; });
  const PartResult result = table.judge();
  const auto status = [&](std::string_view regime, std::size_t item) {
    return std::string(result.details.find(regime)->list[item].text("status"));
  };
  ASSERT_EQ(result.details.find("hipaa")->list.size(), 18U);
  EXPECT_EQ(status("hipaa", 5), "found");
  EXPECT_EQ(status("hipaa", 6), "not found");
  EXPECT_EQ(status("hipaa", 16), "not testable");
  EXPECT_EQ(status("pci", 0), "not found");
}

TEST(PiiPart, ResultsDoNotDependOnThreads) {
  stats::Philox random(2);
  Table table;
  constexpr std::size_t kRows = 20'000;
  table.add("a", kRows, [&](std::size_t i) { return i % 3 == 0 ? "x@example.org" : digits(random, 10); });
  table.add("b", kRows, [&](std::size_t) { return digits(random, 16); });
  const std::string one = everything(table.judge(1));
  EXPECT_EQ(one, everything(table.judge(2)));
  EXPECT_EQ(one, everything(table.judge(3)));
}

TEST(PiiPart, WithoutRowsNothingIsAssessed) {
  const auto part = pii_part({}, {});
  EXPECT_EQ(part->finish().outcome, Outcome::NotAssessed);
}

TEST(PiiPart, EveryKindHasARuleAndIsDecidedOnlyAboveItsChance) {
  for (std::size_t i = 0; i < pii::recognisers().size(); ++i) {
    const pii::Recogniser& kind = *pii::recognisers()[i];
    EXPECT_GT(kind.null_rate, 0) << kind.id;
    if (kind.check_rate > 0) {
      EXPECT_LT(kind.null_rate, 0.2) << kind.id;
    }
  }
}

}  // namespace
}  // namespace bulwark::assay
