#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "assay/poison/feedback.h"
#include "base/json_text.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

// Two clouds, one class each; rows of a batch come from `contributors` people in turn.
Frame rows_of(std::size_t rows, std::uint64_t seed, std::size_t contributors = 0) {
  Frame frame;
  stats::Philox random(seed, 80);
  frame.rows = frame.rows_in_all = rows;
  frame.classes = {"ham", "spam"};
  frame.feature_names = {"a", "b", "c"};
  for (std::size_t s = 0; s < contributors; ++s) frame.source_names.push_back("user" + std::to_string(s));
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t label = random.below(2);
    frame.labels.push_back(static_cast<std::int32_t>(label));
    for (int c = 0; c < 3; ++c)
      frame.features.push_back(static_cast<float>((label == 0 ? -2 : 2) + random.normal()));
    if (contributors > 0) frame.source.push_back(static_cast<std::int32_t>(i % contributors));
  }
  return frame;
}

bool raises(const PartResult& result, std::string_view rule) {
  return std::ranges::any_of(result.findings,
                             [&](const Finding& finding) { return finding.rule->id == rule; });
}

TEST(Feedback, HonestBatchPasses) {
  const PartResult result = assay_feedback(rows_of(300, 1), rows_of(100, 2, 20), {}, {});
  EXPECT_EQ(result.outcome, Outcome::Passed) << pretty_json(result.details);
  EXPECT_LE(result.rows.size(), 3U);
}

TEST(Feedback, FloodOfVariedCopiesIsQuarantinedWhole) {
  Frame batch = rows_of(100, 3, 50);
  stats::Philox random(4);
  for (std::size_t i = 40; i < 70; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      batch.features[i * 3 + c] = 1.5F + static_cast<float>(0.002 * random.normal());
    batch.labels[i] = 0;
  }
  const PartResult result = assay_feedback(rows_of(300, 1), batch, {}, {});
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_TRUE(raises(result, "BW-POI-005"));
  EXPECT_TRUE(raises(result, "BW-POI-010"));  // they are spam, labelled ham
  for (std::uint64_t row = 40; row < 70; ++row)
    EXPECT_TRUE(std::ranges::binary_search(result.rows, row)) << row;
}

TEST(Feedback, OneContributorIsCapped) {
  Frame batch = rows_of(200, 5, 40);
  for (std::size_t i = 0; i < 60; ++i) batch.source[i] = 7;
  const PartResult result = assay_feedback(rows_of(300, 1), batch, {}, {});
  ASSERT_TRUE(raises(result, "BW-POI-009"));
  EXPECT_GE(result.rows.size(), 40U);  // 20 of them are kept
  EXPECT_NE(pretty_json(result.details).find("\"kept\": 20"), std::string::npos);
}

TEST(Feedback, LabelsAgainstTheBaseAreQuarantined) {
  Frame batch = rows_of(100, 6, 25);
  for (std::size_t i = 0; i < 30; ++i) batch.labels[i] = 1 - batch.labels[i];
  const PartResult result = assay_feedback(rows_of(300, 1), batch, {}, {});
  EXPECT_TRUE(raises(result, "BW-POI-010"));
  std::size_t right = 0;
  for (const std::uint64_t row : result.rows) right += row < 30 ? 1U : 0U;
  EXPECT_GE(right, 28U);
  EXPECT_LE(result.rows.size(), right + 3);
}

TEST(Feedback, ClassesAreMatchedByNameAndNewOnesContradict) {
  Frame batch = rows_of(100, 7, 25);
  batch.classes = {"spam", "ham", "phish"};  // another order
  for (std::int32_t& label : batch.labels) label = 1 - label;
  EXPECT_EQ(assay_feedback(rows_of(300, 1), batch, {}, {}).outcome, Outcome::Passed);
  for (std::size_t i = 0; i < 20; ++i) batch.labels[i] = 2;
  EXPECT_TRUE(raises(assay_feedback(rows_of(300, 1), batch, {}, {}), "BW-POI-010"));
}

TEST(Feedback, WhatCannotBeComparedIsNotAssessed) {
  Frame other = rows_of(100, 8);
  other.feature_names[1] = "z";
  EXPECT_EQ(assay_feedback(rows_of(300, 1), other, {}, {}).outcome, Outcome::NotAssessed);
  EXPECT_EQ(assay_feedback(rows_of(20, 1), rows_of(100, 2), {}, {}).outcome, Outcome::NotAssessed);
  EXPECT_EQ(assay_feedback(rows_of(300, 1), Frame{}, {}, {}).outcome, Outcome::NotAssessed);
}

TEST(Feedback, NullsAndThreadsChangeNothing) {
  Frame batch = rows_of(100, 9, 25);
  batch.features[7] = std::nanf("");
  batch.labels[5] = -1;
  batch.source[6] = -1;
  Settings three;
  three.jobs = 3;
  EXPECT_EQ(pretty_json(assay_feedback(rows_of(300, 1), batch, {}, {}).details),
            pretty_json(assay_feedback(rows_of(300, 1), batch, {}, three).details));
}

}  // namespace
}  // namespace bulwark::assay
