#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "assay/labels/confident.h"
#include "assay/labels/equal_rows.h"
#include "assay/labels/joint.h"
#include "assay/labels/similar.h"
#include "assay/labels/sort_order.h"
#include "assay/parts.h"
#include "assay/rules.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

using namespace labels;

// Clouds of points, one for each class, with some labels moved to the next class.
struct Made {
  Frame frame;
  std::vector<bool> wrong;
};
Made clouds(std::size_t rows, std::size_t classes, double noise, std::uint64_t seed = 5) {
  stats::Philox random(seed, stats::stream_key("label clouds"));
  Made made;
  made.frame.rows = made.frame.rows_in_all = rows;
  made.frame.feature_names = {"a", "b", "c", "d", "e"};
  for (std::size_t k = 0; k < classes; ++k) made.frame.classes.push_back("class " + std::to_string(k));
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t k = i * 7 % classes;
    for (std::size_t v = 0; v < 5; ++v)
      made.frame.features.push_back(static_cast<float>(random.normal() + (v == k % 5 ? 6.0 : 0.0)));
    made.wrong.push_back(random.uniform() < noise);
    made.frame.labels.push_back(static_cast<std::int32_t>(made.wrong.back() ? (k + 1) % classes : k));
  }
  return made;
}

// Out-of-sample probabilities that know the true class, mostly.
std::vector<float> probabilities(const Made& made, double certainty) {
  const std::size_t classes = made.frame.classes.size();
  stats::Philox random(9, stats::stream_key("label probabilities"));
  std::vector<float> p(made.frame.rows * classes);
  for (std::size_t i = 0; i < made.frame.rows; ++i) {
    const std::size_t k = i * 7 % classes;
    const double own = std::min(1.0, certainty + 0.05 * random.uniform());
    for (std::size_t j = 0; j < classes; ++j)
      p[i * classes + j] = static_cast<float>(j == k ? own : (1 - own) / (static_cast<double>(classes) - 1));
  }
  return p;
}

tables::Array array_of(const std::vector<float>& values, std::uint64_t rows) {
  tables::Array array{
      .about = {.name = "p", .element = tables::Element::Float32, .shape = {rows, values.size() / rows}}};
  auto bytes = std::make_shared<std::vector<std::uint8_t>>(values.size() * sizeof(float));
  std::memcpy(bytes->data(), values.data(), bytes->size());
  array.bytes = *bytes;
  array.owner = bytes;
  return array;
}

PartResult assay_with(const Made& made, const std::vector<float>& p, Extras extras = {}) {
  const tables::Array array = array_of(p, made.frame.rows);
  extras.probabilities = &array;
  return assay_labels(made.frame, extras, {.roles = {.label = "y"}});
}

bool has(const PartResult& result, std::string_view id) {
  return std::ranges::any_of(result.findings, [&](const Finding& finding) { return finding.rule->id == id; });
}

TEST(Labels, WrongOnesAreFoundWithGivenProbabilities) {
  const Made made = clouds(600, 3, 0.15);
  const PartResult result = assay_with(made, probabilities(made, 0.8));
  EXPECT_EQ(result.outcome, Outcome::Failed) << result.why;
  EXPECT_TRUE(has(result, "BW-LABEL-001"));
  const auto& issues = result.details.find("issues")->list;
  ASSERT_FALSE(issues.empty());
  for (const Document& issue : issues)
    EXPECT_TRUE(made.wrong[static_cast<std::size_t>(issue.find("row")->integer)]);
  EXPECT_NEAR(static_cast<double>(issues.size()), static_cast<double>(std::ranges::count(made.wrong, true)),
              3);
  EXPECT_EQ(result.details.find("filters")->map.size(), kFilters);
  EXPECT_LE(result.measures.front().interval.low, result.measures.front().interval.estimate);
}

TEST(Labels, CleanOnesPass) {
  const Made made = clouds(600, 3, 0);
  const PartResult result = assay_with(made, probabilities(made, 0.8));
  EXPECT_EQ(result.outcome, Outcome::Passed) << result.why;
  EXPECT_TRUE(result.rows.empty());
  EXPECT_FALSE(has(result, "BW-LABEL-002"));
}

TEST(Labels, OwnModelsFindThemTheSameWithAnyThreads) {
  const Made made = clouds(240, 3, 0.1);
  const PartResult one = assay_labels(made.frame, {}, {.jobs = 1});
  EXPECT_TRUE(has(one, "BW-LABEL-001") || has(one, "BW-LABEL-002")) << one.why;
  std::size_t hits = 0;
  for (const std::uint64_t row : one.rows) hits += made.wrong[row] ? 1U : 0U;
  EXPECT_GE(static_cast<double>(hits), 0.9 * static_cast<double>(one.rows.size()));
  const PartResult three = assay_labels(made.frame, {}, {.jobs = 3});
  EXPECT_EQ(pretty_json(one.details), pretty_json(three.details));
  EXPECT_EQ(one.why, three.why);
  EXPECT_EQ(one.rows, three.rows);
}

TEST(Labels, ProbabilitiesOfAModelThatHasSeenThemAreRefused) {
  const Made made = clouds(300, 3, 0);
  const std::vector<float> p = probabilities(made, 0.99);
  const PartResult result = assay_with(made, p);
  EXPECT_EQ(result.outcome, Outcome::NotAssessed);
  EXPECT_TRUE(has(result, "BW-LABEL-004"));
  EXPECT_EQ(result.details.find("issues"), nullptr);
  const PartResult allowed = assay_with(made, p, {.allow_in_sample = true});
  EXPECT_EQ(allowed.outcome, Outcome::Passed);
  EXPECT_TRUE(has(allowed, "BW-LABEL-004"));
}

TEST(Labels, BadProbabilitiesAreRefusedWithTheRow) {
  const Made made = clouds(60, 3, 0.1);
  const std::vector<float> good = probabilities(made, 0.8);
  const auto why = [&](const std::vector<float>& p) { return assay_with(made, p).why; };
  std::vector<float> p = good;
  p[5 * 3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NE(why(p).find("row 5 has a probability that is no number"), std::string::npos) << why(p);
  p = good;
  p[7 * 3 + 1] = -0.5F;
  EXPECT_NE(why(p).find("row 7 has a negative probability"), std::string::npos);
  p = good;
  p[2 * 3] += 1;
  p[9 * 3] += 1;
  EXPECT_NE(why(p).find("row 2 has probabilities that do not sum to one, and 1 more"), std::string::npos);
  p = good;
  p[0] = std::numeric_limits<float>::infinity();
  EXPECT_NE(why(p).find("row 0"), std::string::npos);
  const tables::Array few_rows = array_of(good, 30);
  const PartResult shape = assay_labels(made.frame, {.probabilities = &few_rows}, {});
  EXPECT_EQ(shape.outcome, Outcome::NotAssessed);
  EXPECT_NE(shape.why.find("have 30 rows, the data 60"), std::string::npos);
  EXPECT_EQ(shape.gaps.size(), 1U);
  const tables::Array few_columns = array_of(std::vector<float>(120, 0.5F), 60);
  EXPECT_NE(assay_labels(made.frame, {.probabilities = &few_columns}, {}).why.find("3 classes"),
            std::string::npos);
}

TEST(Labels, MoreColumnsThanClassesNeedNumbersAsLabels) {
  Made made = clouds(60, 3, 0.1);
  const std::vector<float> p(60 * 4, 0.25F);
  EXPECT_NE(assay_with(made, p).why.find("`class 0` is no number"), std::string::npos);
  made.frame.classes = {"0", "1", "3"};
  const PartResult result = assay_with(made, p);
  EXPECT_NE(result.outcome, Outcome::NotAssessed) << result.why;
  EXPECT_EQ(result.details.find("confident_joint")->list.size(), 4U);
}

TEST(Labels, NothingToJudgeIsSaid) {
  Made made = clouds(60, 3, 0);
  Frame frame = made.frame;
  frame.labels.assign(60, 0);
  frame.classes = {"a"};
  EXPECT_NE(assay_labels(frame, {}, {}).why.find("all rows carry the same label"), std::string::npos);
  frame.labels.assign(60, -1);
  EXPECT_NE(assay_labels(frame, {}, {}).why.find("no row has a label"), std::string::npos);
  frame.labels.clear();
  frame.classes.clear();
  const PartResult without = assay_labels(frame, {}, {});
  EXPECT_EQ(without.outcome, Outcome::NotAssessed);
  EXPECT_NE(without.details.find("outliers"), nullptr);
  frame = made.frame;
  frame.classes.clear();
  for (std::int32_t i = 0; i < 60; ++i) {
    frame.labels[static_cast<std::size_t>(i)] = i;
    frame.classes.push_back(std::to_string(i));
  }
  EXPECT_NE(assay_labels(frame, {}, {}).why.find("too many to learn"), std::string::npos);
  EXPECT_EQ(assay_labels(Frame{}, {}, {}).outcome, Outcome::NotAssessed);
}

TEST(Labels, RowsWithoutALabelTakeNoPart) {
  Made made = clouds(300, 3, 0.1);
  for (std::size_t i = 0; i < 300; i += 5) made.frame.labels[i] = -1;
  const PartResult result = assay_labels(made.frame, {}, {});
  for (const Document& issue : result.details.find("issues")->list)
    EXPECT_NE(issue.find("row")->integer % 5, 0);
  EXPECT_EQ(result.numbers.front().values.size(), 300U);
}

TEST(Labels, ASourceThatLabelsWorseIsNamed) {
  Made made = clouds(900, 3, 0);
  made.frame.source_names = {"good\x1b[31m", "bad", "fair"};
  for (std::size_t i = 0; i < 900; ++i) {
    made.frame.source.push_back(static_cast<std::int32_t>(i / 300));
    if (i / 300 == 1 && i % 5 < 2) made.frame.labels[i] = (made.frame.labels[i] + 1) % 3;
  }
  const PartResult result = assay_with(made, probabilities(made, 0.8));
  ASSERT_TRUE(has(result, "BW-LABEL-003"));
  for (const Finding& finding : result.findings)
    if (finding.rule->id == "BW-LABEL-003") {
      EXPECT_EQ(finding.subject, "bad");
    }
}

TEST(Labels, ASampledFrameReadsTheRightRowsOfTheProbabilities) {
  Made made = clouds(300, 3, 0.1);
  const std::vector<float> p = probabilities(made, 0.8);
  Frame sampled = made.frame;
  sampled.rows = 0;
  sampled.features.clear();
  sampled.labels.clear();
  for (std::size_t i = 1; i < 300; i += 2) {
    const auto row = made.frame.matrix().row(i);
    sampled.features.insert(sampled.features.end(), row.begin(), row.end());
    sampled.labels.push_back(made.frame.labels[i]);
    sampled.row.push_back(i);
    ++sampled.rows;
  }
  const tables::Array array = array_of(p, 300);
  const PartResult result = assay_labels(sampled, {.probabilities = &array}, {});
  ASSERT_FALSE(result.details.find("issues")->list.empty());
  for (const Document& issue : result.details.find("issues")->list)
    EXPECT_TRUE(made.wrong[static_cast<std::size_t>(issue.find("row")->integer)]);
}

TEST(Labels, EqualRowsWithDifferentLabelsConflict) {
  Made made = clouds(200, 3, 0);
  std::copy_n(made.frame.features.begin(), 10, made.frame.features.begin() + 500);  // rows 100, 101 are 0, 1
  made.frame.labels[100] = (made.frame.labels[0] + 1) % 3;
  made.frame.labels[101] = made.frame.labels[1];
  const PartResult result = assay_with(made, probabilities(made, 0.8));
  EXPECT_TRUE(has(result, "BW-LABEL-005"));
  EXPECT_TRUE(has(result, "BW-LABEL-006"));
  const auto& conflicts = result.details.find("conflicts")->list;
  ASSERT_EQ(conflicts.size(), 1U);
  EXPECT_EQ(conflicts[0].find("rows")->list[1].integer, 100);
  EXPECT_EQ(result.details.find("duplicates")->list.size(), 2U);
}

TEST(Labels, OutliersAndNearDuplicatesAreFoundAndCleanRowsAreNot) {
  Made made = clouds(500, 3, 0);
  EXPECT_FALSE(has(assay_labels(made.frame, {}, {}), "BW-LABEL-008"));
  EXPECT_FALSE(has(assay_labels(made.frame, {}, {}), "BW-LABEL-007"));
  for (std::size_t v = 0; v < 5; ++v) {
    made.frame.features[77 * 5 + v] = v % 2 == 0 ? -9.0F : -30.0F;
    for (std::size_t i = 0; i < 20; ++i)
      made.frame.features[(300 + i) * 5 + v] = made.frame.features[(10 + i) * 5 + v] + 1e-4F;
  }
  const PartResult result = assay_labels(made.frame, {}, {});
  EXPECT_EQ(result.details.find("outliers")->find("rows")->list.at(0).integer, 77);
  EXPECT_TRUE(has(result, "BW-LABEL-008"));
  EXPECT_TRUE(has(result, "BW-LABEL-007"));
}

TEST(Labels, SortedFilesAreCalledOrderedAndShuffledOnesAreNot) {
  const Made shuffled = clouds(600, 3, 0);
  EXPECT_FALSE(has(assay_labels(shuffled.frame, {}, {}), "BW-LABEL-010"));
  Frame sorted = shuffled.frame;
  sorted.features.clear();
  for (std::int32_t k = 0; k < 3; ++k)
    for (std::size_t i = 0; i < 600; ++i)
      if (shuffled.frame.labels[i] == k) {
        const auto row = shuffled.frame.matrix().row(i);
        sorted.features.insert(sorted.features.end(), row.begin(), row.end());
      }
  sorted.labels.clear();
  EXPECT_TRUE(has(assay_labels(sorted, {}, {}), "BW-LABEL-010"));
}

TEST(Labels, TextsAndNullsCompareForEquality) {
  Frame frame;
  frame.rows = frame.rows_in_all = 4;
  frame.feature_names = {"x"};
  const float null = std::numeric_limits<float>::quiet_NaN();
  frame.features = {null, 1, null, 1};
  frame.texts = {{.name = "t", .values = {"same", "same", "same", "other"}}};
  EXPECT_EQ(equal_rows(frame), (std::vector<RowGroup>{{0, 2}}));
}

TEST(Labels, TheSelectionIsThatOfAPlainSort) {
  // Against the definition: all margins of a class sorted, no shortcut.
  const Made made = clouds(400, 4, 0.3);
  stats::Philox random(2);
  std::vector<double> p(400 * 4);
  for (std::size_t i = 0; i < 400; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += p[i * 4 + k] = random.uniform() + (k == i * 7 % 4 ? 0.7 : 0);
    for (std::size_t k = 0; k < 4; ++k) p[i * 4 + k] /= sum;
  }
  const Given given{.doubles = p, .classes = 4, .label = made.frame.labels};
  const auto learned = learn_confidently(given, 1);
  const Counts prune = prune_counts(learned->calibrated());
  std::vector<bool> marked(400);
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t j = 0; j < 4; ++j) {
      if (j == k) continue;
      std::vector<std::pair<double, std::uint32_t>> margins;
      for (std::uint32_t i = 0; i < 400; ++i)
        if (made.frame.labels[i] == static_cast<std::int32_t>(k))
          margins.emplace_back(p[i * 4 + k] - p[i * 4 + j], i);
      std::ranges::sort(margins);
      for (std::size_t m = 0; m < static_cast<std::size_t>(prune.at(j, k)); ++m)
        marked[margins[m].second] = true;
    }
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 400; ++i)
    if (marked[i] && most_probable(given, i) != static_cast<std::size_t>(made.frame.labels[i]))
      expected.push_back(i);
  EXPECT_FALSE(expected.empty());
  for (const std::size_t jobs : {1U, 2U, 3U})
    EXPECT_EQ(learn_confidently(given, jobs)->flagged(Filter::PruneByNoiseRate), expected);
}

TEST(Labels, RoundingPreservesTheSum) {
  EXPECT_EQ(round_preserving_sum(std::vector<double>{0.5, 0.5, 0.5, 0.5}),
            (std::vector<std::int64_t>{0, 0, 1, 1}));
  EXPECT_EQ(round_preserving_sum(std::vector<double>{1.5, 1.5}), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(round_preserving_sum(std::vector<double>{}), std::vector<std::int64_t>{});
}

TEST(Labels, EqualsAreLeftAsNumpyLeavesThem) {
  // numpy.argsort of NumPy 1.24 on [(7 * i * i + i) % 5 for i in range(40)], float64.
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) values.push_back((7 * i * i + i) % 5);
  EXPECT_EQ(numpy_order(values),
            (std::vector<std::uint32_t>{0,  17, 25, 15, 27, 12, 20, 30, 10, 7,  5, 35, 2, 37,
                                        32, 22, 33, 29, 28, 34, 24, 23, 19, 38, 3, 4,  8, 9,
                                        39, 14, 18, 13, 11, 21, 26, 6,  16, 36, 1, 31}));
  EXPECT_TRUE(numpy_order(std::vector<float>{}).empty());
}

TEST(Labels, EveryRuleIsNamedOnce) {
  EXPECT_EQ(label_rules().size(), 10U);
  for (std::size_t i = 1; i < label_rules().size(); ++i)
    EXPECT_LT(label_rules()[i - 1]->id, label_rules()[i]->id);
}

}  // namespace
}  // namespace bulwark::assay
