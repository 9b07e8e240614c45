#pragma once
// Tails and quantiles, by Boost.Math. Arguments outside their domain give NaN, never an exception.

#include <cstdint>
#include <span>
#include <vector>

namespace bulwark::stats {

[[nodiscard]] double binomial_at_least(std::uint64_t k, std::uint64_t n, double p);  // P[X >= k]
[[nodiscard]] double binomial_at_most(std::uint64_t k, std::uint64_t n, double p);
[[nodiscard]] double normal_cdf(double z);
[[nodiscard]] double normal_quantile(double p);
[[nodiscard]] double chi_squared_above(double statistic, double degrees);
[[nodiscard]] double beta_quantile(double a, double b, double p);
[[nodiscard]] double student_above(double t, double degrees);
// P[sup |F1 - F2| >= d] of the two-sample Kolmogorov-Smirnov test: exact by Hodges' recursion while n * m <=
// 10,000 (no ties), asymptotic (Kolmogorov) above.
[[nodiscard]] double kolmogorov_smirnov_above(double d, std::uint64_t n, std::uint64_t m);
// Adjusted p-values that control the false discovery rate (Benjamini and Hochberg 1995), in the order given.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace bulwark::stats
