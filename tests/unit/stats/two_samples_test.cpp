#include "stats/two_samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "stats/auc.h"
#include "stats/random.h"

namespace bulwark::stats {
namespace {

TEST(TwoSamples, RadixSortIsASort) {
  Philox random(3);
  std::vector<float> values;
  for (int i = 0; i < 5000; ++i)
    values.push_back(static_cast<float>(random.normal() * std::pow(10.0, static_cast<double>(i % 60) - 30)));
  values.push_back(-0.0F);
  values.push_back(0.0F);
  std::vector<float> expected = values;
  std::ranges::sort(expected);
  std::vector<float> scratch;
  sort_floats(values, scratch);
  EXPECT_EQ(values, expected);
}

TEST(TwoSamples, DistancesAreTheTextbooks) {
  const std::vector<float> a = {0, 1, 3};
  const std::vector<float> b = {5, 6, 8};
  EXPECT_DOUBLE_EQ(distance_of_sorted(a, b).wasserstein, 5);  // scipy.stats.wasserstein_distance
  EXPECT_DOUBLE_EQ(distance_of_sorted(a, b).kolmogorov_smirnov, 1);
  const std::vector<float> ties = {1, 1, 2, 2};
  const std::vector<float> other = {1, 2, 2, 2, 2};
  EXPECT_NEAR(distance_of_sorted(ties, other).wasserstein, 0.3, 1e-12);
  EXPECT_NEAR(distance_of_sorted(ties, other).kolmogorov_smirnov, 0.3, 1e-12);
  EXPECT_EQ(distance_of_sorted(ties, ties).wasserstein, 0);
  EXPECT_EQ(distance_of_sorted(ties, {}).wasserstein, 0);
}

TEST(Auc, CountsPairsAndTies) {
  const std::vector<float> positives = {3, 2, 2};
  const std::vector<float> negatives = {1, 2};
  EXPECT_DOUBLE_EQ(auc(positives, negatives).estimate, 5.0 / 6);
  EXPECT_EQ(auc(positives, {}).low, 0);
}

TEST(Auc, SeparatedClassesStillHaveAnInterval) {
  const std::vector<float> positives(10, 1.0F);
  const std::vector<float> negatives(10, 0.0F);
  const Interval interval = auc(positives, negatives);
  EXPECT_EQ(interval.estimate, 1);
  EXPECT_EQ(interval.high, 1);
  EXPECT_LT(interval.low, 0.97);
  EXPECT_GT(interval.low, 0.5);
}

TEST(Auc, IntervalCoversTheTruth) {
  // Normal scores one deviation apart: 0.7602.
  int covered = 0;
  for (std::uint64_t round = 0; round < 200; ++round) {
    Philox random(11, 0, round);
    std::vector<float> positives;
    std::vector<float> negatives;
    for (int i = 0; i < 60; ++i) {
      positives.push_back(static_cast<float>(random.normal() + 1));
      negatives.push_back(static_cast<float>(random.normal()));
    }
    const Interval interval = auc(positives, negatives);
    covered += interval.low <= 0.7602 && 0.7602 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 180);
}

}  // namespace
}  // namespace bulwark::stats
