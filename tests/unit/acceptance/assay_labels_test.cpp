// Cases of reference/label-errors and reference/outliers against what the reference implementation said.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "assay/labels/confident.h"
#include "base/document.h"
#include "base/text.h"
#include "support/support.h"

namespace bulwark::assay::labels {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Elements of a NPY file of float64, version 1.
std::vector<double> read_doubles(const std::filesystem::path& path) {
  const std::string text = text_of(path);
  const std::size_t start =
      10 + static_cast<unsigned char>(text[8]) + 256U * static_cast<unsigned char>(text[9]);
  std::vector<double> values((text.size() - start) / sizeof(double));
  std::memcpy(values.data(), text.data() + start, values.size() * sizeof(double));
  return values;
}

// Columns of a CSV file of numbers, the header left out.
std::vector<std::vector<double>> read_columns(const std::filesystem::path& path) {
  std::vector<std::vector<double>> columns;
  const std::string text = text_of(path);
  bool header = true;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto cells = split(line, ',');
    columns.resize(cells.size());
    if (!std::exchange(header, false))
      for (std::size_t c = 0; c < cells.size(); ++c) {
        double value = 0;
        std::from_chars(cells[c].data(), cells[c].data() + cells[c].size(), value);
        columns[c].push_back(value);
      }
  }
  return columns;
}

struct Case {
  Document expected;
  std::vector<double> p;
  std::vector<std::int32_t> label;
  std::vector<bool> wrong;
  [[nodiscard]] std::string name() const { return std::string(expected.text("case")); }
  [[nodiscard]] Given given() const {
    return {.doubles = p, .classes = p.size() / label.size(), .label = label};
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  const std::filesystem::path folder =
      std::filesystem::path(test::shared_folder()) / "reference/label-errors";
  for (const std::string set : {"digits_sym", "wine_sym"}) {
    const std::string text = text_of(folder / (set + "_expected.json"));
    if (text.empty()) continue;
    const auto columns = read_columns(folder / (set + ".csv"));
    const auto& given = columns[columns.size() - 3];
    const auto parsed = parse_json(text, Limits{});
    for (const Document& expected : parsed->root.list) {
      Case one{.expected = expected};
      one.p = read_doubles(folder / (one.name() + "_probs.npy"));
      for (std::size_t i = 0; i < given.size(); ++i) {
        one.label.push_back(static_cast<std::int32_t>(given[i]));
        one.wrong.push_back(columns.back()[i] != 0);
      }
      all.push_back(std::move(one));
    }
  }
  return all;
}

TEST(LabelErrorsReference, FlaggedSetsAreThoseOfTheReference) {
  const auto all = cases();
  if (all.empty()) GTEST_SKIP() << "reference cases are not here";
  for (const Case& one : all) {
    const Given given = one.given();
    const auto learned = learn_confidently(given, 1);
    for (std::size_t f = 0; f < kFilters; ++f) {
      const std::string name(name_of(static_cast<Filter>(f)));
      const Document* expected = one.expected.find(name);
      ASSERT_NE(expected, nullptr) << name;
      const auto rows = learned->flagged(static_cast<Filter>(f));
      std::set<std::uint32_t> differ(rows.begin(), rows.end());
      double hits = 0;
      for (const std::uint32_t row : rows) hits += one.wrong[row] ? 1 : 0;
      for (const Document& row : expected->find("indices")->list)
        if (!differ.erase(static_cast<std::uint32_t>(row.integer)))
          differ.insert(static_cast<std::uint32_t>(row.integer));
      EXPECT_EQ(differ.size(), 0U) << one.name() << " " << name;
      const auto planted = static_cast<double>(std::ranges::count(one.wrong, true));
      EXPECT_NEAR(hits / static_cast<double>(rows.size()), expected->find("precision")->number, 0.001);
      EXPECT_NEAR(hits / planted, expected->find("recall")->number, 0.001);
    }
  }
}

TEST(LabelErrorsReference, JointsAreThoseOfTheReference) {
  const auto all = cases();
  if (all.empty()) GTEST_SKIP() << "reference cases are not here";
  for (const Case& one : all) {
    const Given given = one.given();
    const auto learned = learn_confidently(given, 1);
    const auto& rows = one.expected.find("confident_joint")->list;
    for (std::size_t i = 0; i < given.classes; ++i)
      for (std::size_t j = 0; j < given.classes; ++j)
        EXPECT_EQ(learned->calibrated().at(i, j), rows[i].list[j].integer)
            << one.name() << " " << i << " " << j;
  }
}

// Area under the curve and average precision of a score that is low where something is wrong.
struct Ranking {
  double area = 0;
  double precision = 0;
};
Ranking ranking(const std::vector<double>& scores, const std::vector<bool>& wrong) {
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });
  const auto bad = static_cast<double>(std::ranges::count(wrong, true));
  const double good = static_cast<double>(wrong.size()) - bad;
  Ranking result;
  double seen = 0;
  double hits = 0;
  for (std::size_t i = 0; i < order.size();) {
    double tied_bad = 0;
    double tied = 0;
    const double score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i) {
      ++tied;
      tied_bad += wrong[order[i]] ? 1 : 0;
    }
    result.area += (tied - tied_bad) * (hits + tied_bad / 2);
    seen += tied;
    hits += tied_bad;
    result.precision += tied_bad / bad * (hits / seen);
  }
  result.area /= bad * good;
  return result;
}

TEST(LabelErrorsReference, ScoresRankAsTheReferenceDoes) {
  const auto all = cases();
  if (all.empty()) GTEST_SKIP() << "reference cases are not here";
  for (const Case& one : all) {
    const Given given = one.given();
    const Ranking own = ranking(self_confidence(given), one.wrong);
    EXPECT_NEAR(own.area, one.expected.find("auroc_selfconf")->number, 1e-6);
    EXPECT_NEAR(own.precision, one.expected.find("ap_selfconf")->number, 1e-6);
    const Ranking margin = ranking(normalised_margin(given), one.wrong);
    EXPECT_NEAR(margin.area, one.expected.find("auroc_margin")->number, 1e-6);
    const auto issues = learn_confidently(given, 1)->flagged(Filter::ConfidentLearning);
    EXPECT_EQ(static_cast<std::int64_t>(issues.size()), one.expected.find("num_label_issues")->integer);
  }
}

}  // namespace
}  // namespace bulwark::assay::labels
