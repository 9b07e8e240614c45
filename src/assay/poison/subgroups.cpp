#include "assay/poison/subgroups.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kComponents = 10;
constexpr int kStarts = 10;
constexpr int kSteps = 50;
constexpr double kAlpha = 4;  // of QUE

bool fits(const Subgroup& part, std::size_t rows) {
  return part.size() >= kSmallestPart &&
         static_cast<double>(part.size()) <= kLargestPart * static_cast<double>(rows);
}

double distance(const double* a, const double* b, std::size_t width) {
  double sum = 0;
  for (std::size_t c = 0; c < width; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
  return sum;
}

struct Clustering {
  std::vector<std::uint32_t> cluster;
  double inertia = std::numeric_limits<double>::infinity();
};

// k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's steps.
Clustering k_means(const Table& rows, std::size_t k, stats::Philox& random) {
  std::vector<const double*> seeds = {rows.row(random.below(rows.rows))};
  std::vector<double> nearest(rows.rows, std::numeric_limits<double>::infinity());
  while (seeds.size() < k) {
    double sum = 0;
    for (std::size_t i = 0; i < rows.rows; ++i)
      sum += nearest[i] = std::min(nearest[i], distance(rows.row(i), seeds.back(), rows.width));
    double draw = random.uniform() * sum;
    std::size_t next = 0;
    while (next + 1 < rows.rows && (draw -= nearest[next]) > 0) ++next;
    seeds.push_back(rows.row(next));
  }
  Table centres{.rows = k, .width = rows.width, .values = {}};
  for (const double* seed : seeds) centres.values.insert(centres.values.end(), seed, seed + rows.width);

  Clustering result;
  result.cluster.assign(rows.rows, 0);
  for (int step = 0; step < kSteps; ++step) {
    double inertia = 0;
    for (std::size_t i = 0; i < rows.rows; ++i) {
      double best = std::numeric_limits<double>::infinity();
      for (std::uint32_t c = 0; c < k; ++c) {
        const double d = distance(rows.row(i), centres.row(c), rows.width);
        if (d < best) {
          best = d;
          result.cluster[i] = c;
        }
      }
      inertia += best;
    }
    if (inertia >= result.inertia) break;
    result.inertia = inertia;
    std::vector<double> count(k);
    std::ranges::fill(centres.values, 0);
    for (std::size_t i = 0; i < rows.rows; ++i) {
      ++count[result.cluster[i]];
      for (std::size_t c = 0; c < rows.width; ++c) centres.row(result.cluster[i])[c] += rows.row(i)[c];
    }
    for (std::size_t c = 0; c < k; ++c)
      for (std::size_t j = 0; j < rows.width; ++j) centres.row(c)[j] /= std::max(count[c], 1.0);
  }
  return result;
}

// Splits values where two groups explain them best (Otsu); the side with fewer rows.
Subgroup smaller_side(const std::vector<double>& values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return values[i]; });
  double total = 0;
  for (const double value : values) total += value;
  double below = 0;
  double best = -1;
  std::size_t cut = 0;
  const auto n = static_cast<double>(values.size());
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    below += values[order[i]];
    const auto m = static_cast<double>(i + 1);
    const double gap = below / m - (total - below) / (n - m);
    const double between = gap * gap * m * (n - m);
    if (between > best) {
      best = between;
      cut = i + 1;
    }
  }
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(cut);
  Subgroup side = 2 * cut <= order.size() ? Subgroup(order.begin(), middle) : Subgroup(middle, order.end());
  std::ranges::sort(side);
  return side;
}

// Rows near the median of all columns: the half that poison has least part in.
Table inner_half(const Table& rows) {
  std::vector<double> median(rows.width);
  std::vector<double> column(rows.rows);
  for (std::size_t c = 0; c < rows.width; ++c) {
    for (std::size_t i = 0; i < rows.rows; ++i) column[i] = rows.row(i)[c];
    std::ranges::nth_element(column, column.begin() + static_cast<std::ptrdiff_t>(rows.rows / 2));
    median[c] = column[rows.rows / 2];
  }
  std::vector<std::uint32_t> order(rows.rows);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {},
                           [&](std::uint32_t i) { return distance(rows.row(i), median.data(), rows.width); });
  Table half{.rows = (rows.rows + 1) / 2, .width = rows.width, .values = {}};
  for (std::size_t i = 0; i < half.rows; ++i)
    half.values.insert(half.values.end(), rows.row(order[i]), rows.row(order[i]) + rows.width);
  return half;
}

}  // namespace

std::vector<Subgroup> clusters_of(const Table& rows, std::uint64_t seed) {
  std::vector<Subgroup> parts;
  if (rows.rows < 4 * kSmallestPart) return parts;
  Table centred = rows;
  centre(centred);
  const Principal components = principal(covariance(centred), kComponents, seed);
  const Table points = projected(centred, components.directions);
  for (const std::size_t k : {2U, 3U, 4U}) {
    Clustering best;
    for (std::size_t start = 0; start < kStarts; ++start) {
      stats::Philox random(seed, stats::stream_key("poison.k-means"), k * kStarts + start);
      Clustering tried = k_means(points, k, random);
      if (tried.inertia < best.inertia) best = std::move(tried);
    }
    for (std::uint32_t c = 0; c < k; ++c) {
      Subgroup part;
      for (std::uint32_t i = 0; i < best.cluster.size(); ++i)
        if (best.cluster[i] == c) part.push_back(i);
      if (fits(part, rows.rows)) parts.push_back(std::move(part));
    }
  }
  return parts;
}

std::vector<Subgroup> spectral_parts(const Table& rows, std::uint64_t seed, std::vector<double>& scores) {
  std::vector<Subgroup> parts;
  if (rows.rows < 4 * kSmallestPart) return parts;
  Table centred = rows;
  centre(centred);
  const Principal components = principal(covariance(centred), 3, seed);
  const Table points = projected(centred, components.directions);
  for (std::size_t k = 0; k < points.width; ++k) {
    std::vector<double> along(rows.rows);
    for (std::size_t i = 0; i < rows.rows; ++i) along[i] = points.row(i)[k];
    if (k == 0) {
      scores.clear();
      for (const double value : along) scores.push_back(value * value);
    }
    if (Subgroup part = smaller_side(along); fits(part, rows.rows)) parts.push_back(std::move(part));
  }
  return parts;
}

std::vector<Subgroup> spectre_parts(const Table& rows, std::uint64_t seed) {
  std::vector<Subgroup> parts;
  if (rows.rows < 4 * kSmallestPart) return parts;
  Table centred = rows;
  centre(centred);
  // In the span of the first components, or the covariance of half a class has no inverse.
  const Principal components = principal(covariance(centred), 2 * kComponents, seed);
  Table points = projected(centred, components.directions);
  Table inner = inner_half(points);
  centre(inner);
  const Principal robust = principal(covariance(inner), points.width, seed + 1);
  Table white = projected(points, robust.directions);
  for (std::size_t i = 0; i < white.rows; ++i)
    for (std::size_t k = 0; k < white.width; ++k)
      white.row(i)[k] /= std::sqrt(std::max(robust.variances[k], 1e-6 * robust.variances[0]) + 1e-12);
  centre(white);
  // exp(alpha (S - I) / (|S| - 1)) in the basis of S, where it is diagonal.
  const Principal spread = principal(covariance(white), white.width, seed + 2);
  const Table along = projected(white, spread.directions);
  const double excess = std::max(spread.variances[0] - 1, 1e-9);
  std::vector<double> scores(rows.rows);
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t k = 0; k < along.width; ++k)
      scores[i] += std::exp(kAlpha * (spread.variances[k] - spread.variances[0]) / excess) * along.row(i)[k] *
                   along.row(i)[k];
  if (Subgroup part = smaller_side(scores); fits(part, rows.rows)) parts.push_back(std::move(part));
  return parts;
}

}  // namespace bulwark::assay
