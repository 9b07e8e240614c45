#include "assay/labels/joint.h"

#include <algorithm>
#include <cmath>

#include "assay/labels/sort_order.h"

namespace bulwark::assay::labels {
namespace {

// Sum of eight interleaved partial sums, halved recursively above 128 values, as NumPy adds: ties in rounding
// hang on the last bit.
double pairwise_sum(std::span<const double> values) {
  constexpr std::size_t kLanes = 8;
  constexpr std::size_t kStraight = 128;
  if (values.size() > kStraight) {  // depth: log2 of the size
    std::size_t half = values.size() / 2;
    half -= half % kLanes;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  std::size_t i = 0;
  double sum = 0;
  if (values.size() >= kLanes) {
    double lanes[kLanes];
    for (; i < kLanes; ++i) lanes[i] = values[i];
    for (; i + kLanes <= values.size(); i += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += values[i + lane];
    sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  }
  for (; i < values.size(); ++i) sum += values[i];
  return sum;
}

void round_rows(std::span<const double> values, Counts& into) {
  const std::size_t classes = into.classes;
  for (std::size_t i = 0; i < classes; ++i)
    std::ranges::copy(round_preserving_sum(values.subspan(i * classes, classes)),
                      into.cells.begin() + static_cast<std::ptrdiff_t>(i * classes));
}

}  // namespace

std::vector<std::int64_t> round_preserving_sum(std::span<const double> values) {
  std::vector<double> rounded(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) rounded[i] = std::nearbyint(values[i]);
  const double wanted = std::nearbyint(pairwise_sum(values));
  // Each round moves some entries towards the sum; as many rounds as there could be units missing.
  for (double sum = std::nearbyint(pairwise_sum(rounded)); sum != wanted && !values.empty();
       sum = std::nearbyint(pairwise_sum(rounded))) {
    const double step = wanted < sum ? -1 : 1;
    const auto changes = std::min(static_cast<std::size_t>(std::abs(wanted - sum)), values.size());
    std::vector<double> residuals(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) residuals[i] = values[i] - rounded[i];
    const std::vector<std::uint32_t> order = numpy_order(residuals);
    for (std::size_t i = 0; i < changes; ++i)
      rounded[step > 0 ? order[order.size() - 1 - i] : order[i]] += step;
  }
  std::vector<std::int64_t> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[i] = static_cast<std::int64_t>(rounded[i]);
  return result;
}

Counts calibrate(const Counts& joint, std::span<const std::uint64_t> rows) {
  const std::size_t classes = joint.classes;
  // Column by column, the order in which the reference adds them up.
  std::vector<double> scaled(classes * classes);
  double wanted = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < classes; ++j) sum += static_cast<double>(joint.at(i, j));
    for (std::size_t j = 0; j < classes; ++j)
      scaled[j * classes + i] = static_cast<double>(joint.at(i, j)) / sum * static_cast<double>(rows[i]);
    wanted += static_cast<double>(rows[i]);
  }
  const double total = std::max(pairwise_sum(scaled), 1e-100);
  std::vector<double> values(classes * classes);
  for (std::size_t i = 0; i < classes; ++i)
    for (std::size_t j = 0; j < classes; ++j)
      values[i * classes + j] = scaled[j * classes + i] / total * wanted;
  Counts result{.classes = classes, .cells = std::vector<std::int64_t>(classes * classes)};
  round_rows(values, result);
  return result;
}

Counts prune_counts(const Counts& calibrated) {
  const std::size_t classes = calibrated.classes;
  std::vector<double> values(classes * classes);
  for (std::size_t given = 0; given < classes; ++given) {
    std::size_t used = 0;
    for (std::size_t other = 0; other < classes; ++other) used += calibrated.at(given, other) != 0 ? 1U : 0U;
    const std::int64_t kept = std::max<std::int64_t>(calibrated.at(given, given), 1);
    const double raise = static_cast<double>(kept - calibrated.at(given, given)) /
                         std::max(static_cast<double>(used) - 1, 1.0);
    for (std::size_t other = 0; other < classes; ++other)
      values[other * classes + given] =
          other == given ? static_cast<double>(kept)
                         : std::max(0.0, static_cast<double>(calibrated.at(given, other)) - raise);
  }
  Counts result{.classes = classes, .cells = std::vector<std::int64_t>(classes * classes)};
  round_rows(values, result);
  return result;
}

}  // namespace bulwark::assay::labels
