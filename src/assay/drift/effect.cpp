#include "assay/drift/effect.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "stats/distribution.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kDraws = 1'000;

// More rows than anybody would collect to settle a change just as large as the minimum.
constexpr double kMostRows = 1e9;

std::uint64_t total(std::span<const std::uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::vector<double> shares(std::span<const std::uint64_t> counts) {
  const double n = std::max(1.0, static_cast<double>(total(counts)));
  std::vector<double> out;
  out.reserve(counts.size());
  for (const std::uint64_t count : counts) out.push_back(static_cast<double>(count) / n);
  return out;
}

// Two independent normal numbers for the price of one logarithm (Box and Muller).
std::pair<double, double> two_normals(stats::Philox& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
  const double angle = 2 * std::numbers::pi * random.uniform();
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

// One draw of (sampled shares - shares) of n rows: covariance (diag(p) - p p') / n.
class ShareNoise {
 public:
  explicit ShareNoise(std::span<const std::uint64_t> counts) : shares_(shares(counts)) {
    const double n = std::max(1.0, static_cast<double>(total(counts)));
    for (const double share : shares_) scale_.push_back(std::sqrt(share / n));
  }
  void add(stats::Philox& random, double sign, std::span<double> out) {
    double sum = 0;
    draw_.resize(scale_.size());
    for (std::size_t i = 0; i < scale_.size(); i += 2) {
      const auto [first, second] = two_normals(random);
      sum += draw_[i] = scale_[i] * first;
      if (i + 1 < scale_.size()) sum += draw_[i + 1] = scale_[i + 1] * second;
    }
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += sign * (draw_[i] - shares_[i] * sum);
  }

 private:
  std::vector<double> shares_;
  std::vector<double> scale_;
  std::vector<double> draw_;
};

template <class Norm>
NoiseQuantiles noise_of(const Binned& bins, std::uint64_t seed, std::uint64_t stream, const Norm& norm) {
  ShareNoise reference(bins.reference);
  ShareNoise current(bins.current);
  stats::Philox random(seed, stats::stream_key("drift noise"), stream);
  std::vector<double> difference(bins.reference.size());
  std::vector<double> norms(kDraws);
  double squares = 0;
  for (double& value : norms) {
    std::ranges::fill(difference, 0.0);
    reference.add(random, 1, difference);
    current.add(random, -1, difference);
    value = norm(difference);
    squares += value * value;
  }
  const auto high = norms.begin() + static_cast<std::ptrdiff_t>(kDraws * 95 / 100);
  std::ranges::nth_element(norms, high);
  return {.high = *high, .mean_square = squares / static_cast<double>(kDraws)};
}

}  // namespace

EffectVerdict verdict_of(const Effect& effect) {
  if (effect.interval.low > effect.minimum) return EffectVerdict::Beyond;
  return effect.interval.high <= effect.minimum ? EffectVerdict::Within : EffectVerdict::Open;
}

double js_distance(const Binned& bins) {
  const std::vector<double> p = shares(bins.reference);
  const std::vector<double> q = shares(bins.current);
  double divergence = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double mean = (p[i] + q[i]) / 2;
    if (p[i] > 0) divergence += p[i] / 2 * std::log(p[i] / mean);
    if (q[i] > 0) divergence += q[i] / 2 * std::log(q[i] / mean);
  }
  return std::sqrt(std::max(0.0, divergence));
}

double population_stability(const Binned& bins) {
  const double k = static_cast<double>(bins.reference.size());
  const double n = static_cast<double>(total(bins.reference));
  const double m = static_cast<double>(total(bins.current));
  double sum = 0;
  for (std::size_t i = 0; i < bins.reference.size(); ++i) {
    const double p = (static_cast<double>(bins.reference[i]) + 0.5) / (n + k / 2);
    const double q = (static_cast<double>(bins.current[i]) + 0.5) / (m + k / 2);
    sum += (q - p) * std::log(q / p);
  }
  return sum;
}

namespace {

struct ChiSquared {
  double statistic = 0;
  std::size_t cells = 0;
};

ChiSquared chi_squared(const Binned& bins) {
  const double n = static_cast<double>(total(bins.reference));
  const double m = static_cast<double>(total(bins.current));
  ChiSquared out;
  if (n == 0 || m == 0) return out;
  for (std::size_t i = 0; i < bins.reference.size(); ++i) {
    const double row = static_cast<double>(bins.reference[i] + bins.current[i]);
    if (row == 0) continue;
    ++out.cells;
    const double expected = row * n / (n + m);
    const double rest = static_cast<double>(bins.reference[i]) - expected;
    // The other side deviates by as much from row - expected.
    out.statistic += rest * rest * (1 / expected + 1 / (row - expected));
  }
  return out;
}

// Cells of which either side expects less than five rows become one.
Binned pooled(const Binned& bins) {
  const double n = static_cast<double>(total(bins.reference));
  const double m = static_cast<double>(total(bins.current));
  const double least = n + m == 0 ? 0 : std::min(n, m) / (n + m);
  Binned out;
  std::uint64_t rest_reference = 0;
  std::uint64_t rest_current = 0;
  for (std::size_t i = 0; i < bins.reference.size(); ++i) {
    if (static_cast<double>(bins.reference[i] + bins.current[i]) * least < 5) {
      rest_reference += bins.reference[i];
      rest_current += bins.current[i];
      continue;
    }
    out.reference.push_back(bins.reference[i]);
    out.current.push_back(bins.current[i]);
  }
  if (rest_reference + rest_current == 0) return out;
  if (static_cast<double>(rest_reference + rest_current) * least < 5 && !out.reference.empty()) {
    std::size_t smallest = 0;
    for (std::size_t i = 1; i < out.reference.size(); ++i)
      if (out.reference[i] + out.current[i] < out.reference[smallest] + out.current[smallest]) smallest = i;
    out.reference[smallest] += rest_reference;
    out.current[smallest] += rest_current;
    return out;
  }
  out.reference.push_back(rest_reference);
  out.current.push_back(rest_current);
  return out;
}

}  // namespace

double cramers_v(const Binned& bins) {
  const double rows = static_cast<double>(total(bins.reference) + total(bins.current));
  return rows == 0 ? 0 : std::sqrt(chi_squared(bins).statistic / rows);
}

double chi_squared_p(const Binned& bins) {
  const ChiSquared result = chi_squared(pooled(bins));
  if (result.cells < 2) return std::numeric_limits<double>::quiet_NaN();
  return stats::chi_squared_above(result.statistic, static_cast<double>(result.cells - 1));
}

NoiseQuantiles js_noise(const Binned& bins, std::uint64_t seed, std::uint64_t stream) {
  const std::vector<double> p = shares(bins.reference);
  const std::vector<double> q = shares(bins.current);
  // Near p = q the divergence is the sum of (q - p)^2 / (8 mean): its root is a norm there.
  std::vector<double> weights(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) weights[i] = p[i] + q[i] > 0 ? 0.25 / (p[i] + q[i]) : 0;
  return noise_of(bins, seed, stream, [&](std::span<const double> difference) {
    double sum = 0;
    for (std::size_t i = 0; i < difference.size(); ++i) sum += weights[i] * difference[i] * difference[i];
    return std::sqrt(sum);
  });
}

NoiseQuantiles area_noise(const Binned& bins, std::span<const BinSpacing> spacings, std::uint64_t seed,
                          std::uint64_t stream) {
  return noise_of(bins, seed, stream, [&](std::span<const double> difference) {
    double area = 0;
    double here = difference.empty() ? 0 : difference[0];
    for (std::size_t i = 0; i < spacings.size(); ++i) {
      const double next = here + difference[i + 1];
      area += spacings[i].width * (spacings[i].step ? std::abs(here) : (std::abs(here) + std::abs(next)) / 2);
      here = next;
    }
    return area;
  });
}

std::uint64_t rows_that_decide(double estimate, double half_width, double minimum,
                               std::uint64_t reference_rows, std::uint64_t current_rows) {
  const double distance = std::abs(estimate - minimum);
  if (reference_rows == 0 || current_rows == 0 || distance <= 0) return 0;
  const double rows = 2 / (1 / static_cast<double>(reference_rows) + 1 / static_cast<double>(current_rows));
  const double needed = rows * (half_width / distance) * (half_width / distance);
  return needed > kMostRows ? 0 : static_cast<std::uint64_t>(std::ceil(std::max(needed, rows + 1)));
}

Effect effect_of(std::string name, double observed, const NoiseQuantiles& noise, double minimum,
                 std::uint64_t reference_rows, std::uint64_t current_rows) {
  const double without_noise = std::sqrt(std::max(0.0, observed * observed - noise.mean_square));
  Effect effect{.name = std::move(name),
                .interval = {.estimate = observed,
                             .low = std::max(0.0, observed - noise.high),
                             .high = std::max(observed, without_noise + noise.high),
                             .level = 0.95},
                .minimum = minimum};
  if (verdict_of(effect) == EffectVerdict::Open)
    effect.would_decide = rows_that_decide(without_noise, noise.high, minimum, reference_rows, current_rows);
  return effect;
}

}  // namespace bulwark::assay
