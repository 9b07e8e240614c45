// Intervals and tails, against published values and scipy 1.10.

#include "stats/interval.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "stats/distribution.h"
#include "stats/random.h"

namespace bulwark::stats {
namespace {

TEST(Philox, FollowsTheKnownAnswers) {
  // Random123 kat_vectors, philox4x32 10: zero counter and key.
  Philox zero(0);
  EXPECT_EQ(zero(), 0x6627e8d5U);
  EXPECT_EQ(zero(), 0xe169c58dU);
  EXPECT_EQ(zero(), 0xbc57ac4cU);
  EXPECT_EQ(zero(), 0x9b00dbd8U);
}

TEST(Philox, StreamsDifferByEveryPartOfTheirName) {
  EXPECT_NE(Philox(1, 2, 3)(), Philox(1, 2, 4)());
  EXPECT_NE(Philox(1, 2, 3)(), Philox(1, 3, 3)());
  EXPECT_NE(Philox(1, 2, 3)(), Philox(2, 2, 3)());
  EXPECT_EQ(Philox(1, 2, 3)(), Philox(1, 2, 3)());
}

TEST(Philox, NumbersBelowABoundAreEven) {
  Philox random(3);
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) ++seen[random.below(7)];
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Philox, NormalNumbersHaveMeanZeroAndDeviationOne) {
  Philox random(4);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 50'000; ++i) {
    const double value = random.normal();
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 50'000, 0, 0.02);
  EXPECT_NEAR(squares / 50'000, 1, 0.03);
}

TEST(Wilson, IsHonestAtNothingAndAtAll) {
  EXPECT_NEAR(wilson(10, 10).low, 0.7225, 1e-4);
  EXPECT_EQ(wilson(10, 10).high, 1);
  EXPECT_EQ(wilson(0, 10).low, 0);
  EXPECT_NEAR(wilson(0, 10).high, 0.2775, 1e-4);
  EXPECT_NEAR(wilson(0, 300).high, 0.0126, 1e-4);
  EXPECT_EQ(wilson(0, 0).high, 1);
}

TEST(ClopperPearson, IsThatOfTheBetaDistribution) {
  const Interval interval = clopper_pearson(3, 20);
  EXPECT_NEAR(interval.low, 0.03207094, 1e-7);
  EXPECT_NEAR(interval.high, 0.37892683, 1e-7);
  EXPECT_EQ(clopper_pearson(0, 20).low, 0);
  EXPECT_NEAR(clopper_pearson(0, 20).high, 0.16843347, 1e-7);
}

TEST(Bootstrap, DoesNotDependOnThreads) {
  const auto mean = [](std::span<const std::uint32_t> rows) {
    double sum = 0;
    for (const std::uint32_t row : rows) sum += row;
    return sum / static_cast<double>(rows.size());
  };
  const Interval one = bootstrap(200, 5, 400, 1, mean);
  const Interval three = bootstrap(200, 5, 400, 3, mean);
  EXPECT_EQ(one.low, three.low);
  EXPECT_EQ(one.high, three.high);
  EXPECT_NEAR(one.estimate, 99.5, 1e-9);
  EXPECT_NEAR(one.high - one.low, 2 * 1.96 * 57.7 / std::sqrt(200.0), 2);
}

TEST(RoganGladen, UndoesWhatTheSensorGetsWrong) {
  const Interval seen{.estimate = 0.3, .low = 0.25, .high = 0.35};
  EXPECT_NEAR(rogan_gladen(seen, 0.9, 0.95).estimate, 0.25 / 0.85, 1e-12);
  EXPECT_EQ(rogan_gladen({.estimate = 0.01}, 0.9, 0.95).estimate, 0);
  EXPECT_EQ(rogan_gladen(seen, 0.5, 0.5).high, 1);  // a sensor that tosses a coin knows nothing
}

TEST(MissedRate, IsSomeThreeOverN) {
  EXPECT_NEAR(missed_rate(1000), 0.00299, 1e-5);
  EXPECT_EQ(missed_rate(0), 1);
}

TEST(Distribution, TailsAreThoseOfScipy) {
  EXPECT_NEAR(binomial_at_least(8, 10, 0.5), 0.0546875, 1e-12);
  EXPECT_NEAR(binomial_at_least(60, 1000, 0.04), 0.0015153048353646872, 1e-12);
  EXPECT_EQ(binomial_at_least(0, 10, 0.1), 1);
  EXPECT_EQ(binomial_at_least(11, 10, 0.1), 0);
  EXPECT_TRUE(std::isnan(binomial_at_least(1, 10, 1.5)));
  EXPECT_NEAR(chi_squared_above(3.841458820694124, 1), 0.05, 1e-12);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(student_above(2.0, 10), 0.03669402, 1e-7);
}

TEST(Distribution, KolmogorovSmirnovIsExactForSmallSamples) {
  // scipy.stats.kstwo / ks_2samp(method="exact") of two samples without ties.
  EXPECT_NEAR(kolmogorov_smirnov_above(1.0, 3, 3), 0.1, 1e-12);
  EXPECT_NEAR(kolmogorov_smirnov_above(0.5, 10, 10), 0.16782134, 1e-7);
  EXPECT_NEAR(kolmogorov_smirnov_above(0.05, 2000, 2000), 0.013475889875863678, 1e-9);
  EXPECT_EQ(kolmogorov_smirnov_above(0, 10, 10), 1);
}

TEST(BenjaminiHochberg, AdjustsInTheOrderGiven) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> adjusted = benjamini_hochberg(p);
  EXPECT_NEAR(adjusted[0], 0.02, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.04, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.04, 1e-12);
  EXPECT_NEAR(adjusted[3], 0.02, 1e-12);
}

}  // namespace
}  // namespace bulwark::stats
