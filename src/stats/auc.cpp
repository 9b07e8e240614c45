#include "stats/auc.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "stats/distribution.h"

namespace bulwark::stats {
namespace {

// Of each value of `of` (ascending) the share of `among` (ascending) below it, ties half; gives their
// variance.
double variance_of_shares(std::span<const float> of, std::span<const float> among, double mean) {
  std::size_t below = 0;
  std::size_t upto = 0;
  double squares = 0;
  for (const float value : of) {
    while (below < among.size() && among[below] < value) ++below;
    upto = std::max(upto, below);
    while (upto < among.size() && among[upto] <= value) ++upto;
    const double share =
        (static_cast<double>(below) + static_cast<double>(upto)) / 2 / static_cast<double>(among.size());
    squares += (share - mean) * (share - mean);
  }
  return of.size() < 2 ? 0 : squares / static_cast<double>(of.size() - 1);
}

double mean_share(std::span<const float> of, std::span<const float> among) {
  std::size_t below = 0;
  std::size_t upto = 0;
  double sum = 0;
  for (const float value : of) {
    while (below < among.size() && among[below] < value) ++below;
    upto = std::max(upto, below);
    while (upto < among.size() && among[upto] <= value) ++upto;
    sum += (static_cast<double>(below) + static_cast<double>(upto)) / 2;
  }
  return sum / static_cast<double>(of.size()) / static_cast<double>(among.size());
}

double hanley_mcneil(double area, double n, double m) {
  const double q1 = area / (2 - area);
  const double q2 = 2 * area * area / (1 + area);
  return (area * (1 - area) + (n - 1) * (q1 - area * area) + (m - 1) * (q2 - area * area)) / (n * m);
}

}  // namespace

Interval auc(std::span<const float> positives, std::span<const float> negatives, double level) {
  if (positives.empty() || negatives.empty()) return {.estimate = 0.5, .low = 0, .high = 1, .level = level};
  std::vector<float> above(positives.begin(), positives.end());
  std::vector<float> below(negatives.begin(), negatives.end());
  std::ranges::sort(above);
  std::ranges::sort(below);
  const auto n = static_cast<double>(above.size());
  const auto m = static_cast<double>(below.size());
  const double area = mean_share(above, below);
  double variance =
      variance_of_shares(above, below, area) / n + variance_of_shares(below, above, 1 - area) / m;
  // Half a pair of each kind keeps the logit and the variance finite.
  const double edge = 0.5 / (std::min(n, m) + 1);
  const double inside = std::clamp(area, edge, 1 - edge);
  if (inside != area || variance == 0) variance = std::max(variance, hanley_mcneil(inside, n, m));
  const double logit = std::log(inside / (1 - inside));
  const double half = normal_quantile(0.5 + level / 2) * std::sqrt(variance) / (inside * (1 - inside));
  const auto share = [](double x) { return 1 / (1 + std::exp(-x)); };
  return {.estimate = area,
          .low = std::min(area, share(logit - half)),
          .high = std::max(area, share(logit + half)),
          .level = level};
}

}  // namespace bulwark::stats
