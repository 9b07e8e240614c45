#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "assay/anonymise/counts.h"
#include "assay/anonymise/exact_noise.h"
#include "support/world.h"

namespace bulwark::assay::anonymise {
namespace {

constexpr int kDraws = 20'000;

// Observed frequencies within five standard errors of the probabilities.
void expect_fits(const std::map<std::int64_t, int>& seen, const std::map<std::int64_t, double>& weights) {
  double all = 0;
  for (const auto& [value, weight] : weights) all += weight;
  for (const auto& [value, weight] : weights) {
    const double p = weight / all;
    const auto found = seen.find(value);
    const double share = found == seen.end() ? 0 : static_cast<double>(found->second) / kDraws;
    EXPECT_NEAR(share, p, 5 * std::sqrt(p * (1 - p) / kDraws) + 1e-4) << value;
  }
}

TEST(ExactNoise, LaplaceHasItsDistribution) {
  for (const Fraction inverse_scale : {Fraction{1, 1}, Fraction{1, 3}, Fraction{5, 2}}) {
    test::SeededRandom random(1);
    ExactNoise noise(random);
    std::map<std::int64_t, int> seen;
    for (int i = 0; i < kDraws; ++i) ++seen[noise.laplace(inverse_scale)];
    std::map<std::int64_t, double> weights;
    for (std::int64_t x = -60; x <= 60; ++x)
      weights[x] = std::exp(-std::abs(static_cast<double>(x)) * inverse_scale.value());
    expect_fits(seen, weights);
  }
}

TEST(ExactNoise, GaussianHasItsDistribution) {
  for (const Fraction variance : {Fraction{1, 4}, Fraction{2, 1}, Fraction{9 * 1'024 + 5, 1'024}}) {
    test::SeededRandom random(2);
    ExactNoise noise(random);
    std::map<std::int64_t, int> seen;
    for (int i = 0; i < kDraws; ++i) ++seen[noise.gaussian(variance)];
    std::map<std::int64_t, double> weights;
    for (std::int64_t x = -40; x <= 40; ++x)
      weights[x] = std::exp(-static_cast<double>(x * x) / (2 * variance.value()));
    expect_fits(seen, weights);
  }
}

TEST(ExactNoise, DecimalsAreExactFractions) {
  EXPECT_EQ(fraction_from("0.25")->numerator, 1U);
  EXPECT_EQ(fraction_from("0.25")->denominator, 4U);
  EXPECT_EQ(fraction_from("3")->numerator, 3U);
  for (const std::string_view text : {"", "0", "0.0", "-1", "1e3", "1.2.3", "1234567890", "."})
    EXPECT_FALSE(fraction_from(text).has_value()) << text;
}

// epsilon = rho + 2 sqrt(rho ln(1 / delta)), checked the other way round.
TEST(ExactNoise, VarianceKeepsWhatWasPromised) {
  for (const double epsilon : {0.01, 0.5, 1.0, 8.0}) {
    for (const double delta : {1e-3, 1e-9}) {
      for (const double sensitivity : {1.0, 5.0}) {
        const auto variance = gaussian_variance(epsilon, delta, sensitivity);
        ASSERT_TRUE(variance.has_value());
        const double rho = sensitivity * sensitivity / (2 * variance->value());
        EXPECT_LE(rho + 2 * std::sqrt(rho * std::log(1 / delta)), epsilon);
        EXPECT_GE(rho + 2 * std::sqrt(rho * std::log(1 / delta)), epsilon * 0.99);
      }
    }
  }
  EXPECT_FALSE(gaussian_variance(1e-9, 1e-6, 1).has_value());
}

TEST(CountTally, BoundsWhatASubjectAddsAndNamesEveryCell) {
  const CountTable table{.name = "t",
                         .by = {{.column = "sex", .values = {"f", "m"}}, {.column = "city", .values = {"A"}}},
                         .mechanism = Mechanism::DiscreteLaplace,
                         .epsilon = "100",
                         .subject = "who",
                         .at_most = 2};
  CountTally tally(table);
  const std::vector<std::string_view> fa = {"f", "A"};
  const std::vector<std::string_view> other = {"m", "elsewhere"};
  for (int i = 0; i < 10; ++i) tally.take(fa, "anna");
  tally.take(other, "ben");
  tally.take(other, "");
  test::SeededRandom random;
  const auto published = tally.publish(random);
  ASSERT_TRUE(published.has_value());
  EXPECT_EQ(published->counts.size(), 6U);
  EXPECT_EQ(published->left_out, 8U);
  EXPECT_EQ(published->cells[0], (std::vector<std::string>{"f", "A"}));
  EXPECT_EQ(published->cells[3], (std::vector<std::string>{"m", "(other)"}));
  // At epsilon 100 for two rows the noise is nearly always nothing.
  EXPECT_EQ(published->counts[0], 2);
  EXPECT_EQ(published->counts[3], 2);
  EXPECT_EQ(published->counts[5], 0);
  EXPECT_EQ(published->spend.sensitivity, 2U);
}

TEST(CountTally, RefusesAnEpsilonThatLeavesOnlyNoise) {
  const CountTable table{.name = "t",
                         .by = {{.column = "sex", .values = {"f"}}},
                         .mechanism = Mechanism::DiscreteLaplace,
                         .epsilon = "0.000001"};
  test::SeededRandom random;
  EXPECT_FALSE(CountTally(table).publish(random).has_value());
}

}  // namespace
}  // namespace bulwark::assay::anonymise
