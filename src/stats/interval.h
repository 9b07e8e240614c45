#pragma once
// Estimates with intervals. Shares are intervals that stay honest at 0 and 1: a bootstrap does not.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace bulwark::stats {

struct Interval {
  double estimate = 0;
  double low = 0;
  double high = 0;
  double level = 0.95;  // of confidence, two-sided
};

// k of n. Wilson score interval; n = 0 gives [0, 1].
[[nodiscard]] Interval wilson(std::uint64_t k, std::uint64_t n, double level = 0.95);
// Exact (conservative), by quantiles of the beta distribution.
[[nodiscard]] Interval clopper_pearson(std::uint64_t k, std::uint64_t n, double level = 0.95);
// Percentile bootstrap of a statistic of n rows: `statistic` gets the drawn rows. Deterministic by seed,
// whatever the number of threads.
[[nodiscard]] Interval bootstrap(std::size_t n, std::uint64_t seed, std::size_t draws, std::size_t jobs,
                                 const std::function<double(std::span<const std::uint32_t>)>& statistic,
                                 double level = 0.95);
// Share p that k/n hits of a sensor with this sensitivity and specificity mean (Rogan and Gladen 1978),
// clipped to [0, 1].
[[nodiscard]] Interval rogan_gladen(const Interval& seen, double sensitivity, double specificity);
// Rows n without a hit exclude a rate above this, at 95 % (rule of three, exact: 1 - 0.05^(1/n)).
[[nodiscard]] double missed_rate(std::uint64_t n);

}  // namespace bulwark::stats
