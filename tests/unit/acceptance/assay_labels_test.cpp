// Cases of reference/label-errors and reference/outliers against what the reference implementation said.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "assay/labels/confident.h"
#include "assay/labels/similar.h"
#include "assay/parts.h"
#include "base/document.h"
#include "base/json_text.h"
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

// A frame of the first columns of a file of the reference.
Frame frame_of(const std::vector<std::vector<double>>& columns, std::size_t width) {
  Frame frame;
  frame.rows = frame.rows_in_all = columns.front().size();
  for (std::size_t c = 0; c < width; ++c) frame.feature_names.push_back("f" + std::to_string(c));
  for (std::size_t i = 0; i < frame.rows; ++i)
    for (std::size_t c = 0; c < width; ++c) frame.features.push_back(static_cast<float>(columns[c][i]));
  return frame;
}

void set_labels(Frame& frame, const std::vector<double>& labels) {
  for (const double label : labels) frame.labels.push_back(static_cast<std::int32_t>(label));
  const auto classes = static_cast<std::size_t>(std::ranges::max(labels)) + 1;
  for (std::size_t k = 0; k < classes; ++k) frame.classes.push_back(std::to_string(k));
}

TEST(LabelErrorsReference, OwnModelsFindPlantedErrors) {
  const std::filesystem::path folder =
      std::filesystem::path(test::shared_folder()) / "reference/label-errors";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "reference cases are not here";
  for (const std::string set : {"digits_sym", "wine_sym"}) {
    const auto columns = read_columns(folder / (set + ".csv"));
    Frame frame = frame_of(columns, columns.size() - 3);
    set_labels(frame, columns[columns.size() - 3]);
    const PartResult result = assay_labels(frame, {}, {.jobs = 2});
    EXPECT_EQ(result.outcome, set == "digits_sym" ? Outcome::Failed : Outcome::Undecided) << result.why;
    double hits = 0;
    double flagged = 0;
    for (const Document& issue : result.details.find("issues")->list) {
      flagged += 1;
      hits += columns.back()[static_cast<std::size_t>(issue.find("row")->integer)];
    }
    const double planted = std::accumulate(columns.back().begin(), columns.back().end(), 0.0);
    EXPECT_GE(hits / flagged, 0.85) << set;
    EXPECT_GE(hits / planted, 0.75) << set;
    std::printf("%s: P %.3f R %.3f; %s; %s\n", set.c_str(), hits / flagged, hits / planted,
                result.why.c_str(), pretty_json(*result.details.find("probabilities")).c_str());
  }
}

TEST(LabelErrorsReference, CleanDataDoesNotFail) {
  const std::filesystem::path folder =
      std::filesystem::path(test::shared_folder()) / "reference/label-errors";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "reference cases are not here";
  const auto columns = read_columns(folder / "digits_sym.csv");
  Frame frame = frame_of(columns, columns.size() - 3);
  set_labels(frame, columns[columns.size() - 2]);
  const PartResult result = assay_labels(frame, {}, {.jobs = 2});
  EXPECT_EQ(result.outcome, Outcome::Passed) << result.why;
  std::printf("%s\n", result.why.c_str());
}

TEST(OutliersReference, PlantedRowsAreFound) {
  const std::filesystem::path folder = std::filesystem::path(test::shared_folder()) / "reference/outliers";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "reference cases are not here";
  const auto columns = read_columns(folder / "digits_outliers.csv");
  const auto& kind = columns.back();
  const Frame frame = frame_of(columns, 64);
  const auto equal = equal_rows(frame);
  const Similarity similar = compare_rows(frame, {}, {}, equal);
  std::vector<bool> outlying(kind.size());
  for (std::size_t i = 0; i < kind.size(); ++i) outlying[i] = kind[i] >= 3;
  EXPECT_GE(ranking(similar.scores, outlying).area, 0.999);
  std::vector<std::uint32_t> order(kind.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return similar.scores[i]; });
  for (std::size_t i = 0; i < 30; ++i) EXPECT_TRUE(outlying[order[i]]) << order[i];
  // The decision: all of them, and nothing else.
  EXPECT_EQ(similar.outliers.size(), 30U);
  for (const std::uint32_t row : similar.outliers) EXPECT_TRUE(outlying[row]) << row;
  // The same order as the reference's scores, where those can be told apart.
  const std::vector<double> reference = read_doubles(folder / "cleanlab_outlier_scores.npy");
  for (std::size_t i = 1; i < order.size(); ++i)
    EXPECT_LE(reference[order[i - 1]], reference[order[i]] + 1e-6) << i;
}

TEST(OutliersReference, DuplicatesAreFound) {
  const std::filesystem::path folder = std::filesystem::path(test::shared_folder()) / "reference/outliers";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "reference cases are not here";
  const auto columns = read_columns(folder / "digits_outliers.csv");
  const Frame frame = frame_of(columns, 64);
  const auto parsed = parse_json(text_of(folder / "expected.json"), Limits{});
  std::set<std::uint32_t> expected;
  for (const Document& source : parsed->root.find("duplicate_sources")->list)
    expected.insert(static_cast<std::uint32_t>(source.integer));
  std::set<std::uint32_t> copies;
  for (std::uint32_t i = 0; i < frame.rows; ++i)
    if (columns.back()[i] == 1 || columns.back()[i] == 2) copies.insert(i);
  const auto equal = equal_rows(frame);
  const Similarity similar = compare_rows(frame, {}, {}, equal);
  std::set<std::uint32_t> found;
  for (const auto& group : equal) found.insert(group.begin(), group.end());
  for (const std::uint32_t row : found) EXPECT_TRUE(columns.back()[row] <= 1) << row;
  EXPECT_EQ(equal.size(), 20U);
  for (const auto& group : similar.near) found.insert(group.begin(), group.end());
  std::set<std::uint32_t> all = expected;
  all.insert(copies.begin(), copies.end());
  EXPECT_EQ(found, all);
}

}  // namespace
}  // namespace bulwark::assay::labels
