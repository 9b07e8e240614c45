#include "stats/interval.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/distribution.h"
#include "stats/random.h"

namespace bulwark::stats {
namespace {

// Linear between order statistics (type 7 of Hyndman and Fan 1996). `sorted` is not empty.
double quantile_of(std::span<const double> sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

Interval wilson(std::uint64_t k, std::uint64_t n, double level) {
  if (n == 0) return {.estimate = 0, .low = 0, .high = 1, .level = level};
  const double z = normal_quantile(0.5 + level / 2);
  const double size = static_cast<double>(n);
  const double p = static_cast<double>(k) / size;
  const double scale = 1 + z * z / size;
  const double centre = (p + z * z / (2 * size)) / scale;
  const double half = z * std::sqrt(p * (1 - p) / size + z * z / (4 * size * size)) / scale;
  return {.estimate = p,
          .low = k == 0 ? 0 : std::max(0.0, centre - half),
          .high = k == n ? 1 : std::min(1.0, centre + half),
          .level = level};
}

Interval clopper_pearson(std::uint64_t k, std::uint64_t n, double level) {
  if (n == 0) return {.estimate = 0, .low = 0, .high = 1, .level = level};
  const double tail = (1 - level) / 2;
  const auto hits = static_cast<double>(k);
  const auto size = static_cast<double>(n);
  return {.estimate = hits / size,
          .low = k == 0 ? 0 : beta_quantile(hits, size - hits + 1, tail),
          .high = k == n ? 1 : beta_quantile(hits + 1, size - hits, 1 - tail),
          .level = level};
}

Interval bootstrap(std::size_t n, std::uint64_t seed, std::size_t draws, std::size_t jobs,
                   const std::function<double(std::span<const std::uint32_t>)>& statistic, double level) {
  std::vector<std::uint32_t> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<std::uint32_t>(i);
  const double estimate = statistic(all);
  if (n == 0 || draws == 0) return {.estimate = estimate, .low = estimate, .high = estimate, .level = level};
  std::vector<double> values(draws);
  parallel_for(draws, jobs, [&](std::size_t draw) {
    Philox random(seed, stream_key("bootstrap"), draw);
    std::vector<std::uint32_t> rows(n);
    for (std::uint32_t& row : rows) row = static_cast<std::uint32_t>(random.below(n));
    values[draw] = statistic(rows);
  });
  std::ranges::sort(values);
  return {.estimate = estimate,
          .low = quantile_of(values, (1 - level) / 2),
          .high = quantile_of(values, (1 + level) / 2),
          .level = level};
}

Interval rogan_gladen(const Interval& seen, double sensitivity, double specificity) {
  const double gain = sensitivity + specificity - 1;
  if (!(gain > 0)) return {.estimate = seen.estimate, .low = 0, .high = 1, .level = seen.level};
  const auto corrected = [&](double share) { return std::clamp((share + specificity - 1) / gain, 0.0, 1.0); };
  return {.estimate = corrected(seen.estimate),
          .low = corrected(seen.low),
          .high = corrected(seen.high),
          .level = seen.level};
}

double missed_rate(std::uint64_t n) {
  return n == 0 ? 1 : 1 - std::pow(0.05, 1.0 / static_cast<double>(n));
}

}  // namespace bulwark::stats
