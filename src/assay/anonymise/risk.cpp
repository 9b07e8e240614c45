#include "assay/anonymise/risk.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace bulwark::assay::anonymise {
namespace {

// Among rows that are unique in a sample of n out of N, the share that is unique in the population, if the
// classes of the population are as large as those of the sample (Zayatz 1991). A class of i shows exactly one
// row with probability H(1; N, n, i) (hypergeometric).
double unique_given_sample_unique(std::span<const std::uint32_t> sizes, double sample, double population) {
  std::map<std::uint32_t, std::uint64_t> by_size;
  for (const std::uint32_t size : sizes) ++by_size[size];
  const auto once = [&](std::uint32_t size) {
    // i * n/N * product of (N - n - j) / (N - 1 - j): exactly one of i drawn.
    double chance = static_cast<double>(size) * sample / population;
    for (std::uint32_t j = 0; j + 1 < size && chance > 0; ++j)
      chance *= std::max(0.0, population - sample - j) / std::max(1.0, population - 1 - j);
    return chance;
  };
  double all = 0;
  double single = 0;
  for (const auto& [size, count] : by_size) {
    const double weight = static_cast<double>(count) * once(size);
    all += weight;
    if (size == 1) single = weight;
  }
  return all > 0 ? single / all : 0;
}

}  // namespace

Risk risk_of(std::span<const std::uint32_t> sizes, std::uint32_t k, std::uint64_t population) {
  Risk risk{.classes = sizes.size()};
  for (const std::uint32_t size : sizes) {
    risk.rows += size;
    risk.smallest = risk.smallest == 0 ? size : std::min(risk.smallest, size);
    if (size == 1) ++risk.unique;
    if (size >= k) continue;
    risk.below_k += size;
    ++risk.classes_below_k;
  }
  if (risk.rows == 0) return risk;
  const auto rows = static_cast<double>(risk.rows);
  risk.prosecutor_highest = 1.0 / risk.smallest;
  risk.prosecutor_mean = static_cast<double>(risk.classes) / rows;
  risk.journalist_highest = risk.prosecutor_highest;
  risk.marketer = risk.prosecutor_mean;
  if (population < risk.rows) return risk;
  risk.marketer_is_bound = false;
  risk.marketer = risk.prosecutor_mean * rows / static_cast<double>(population);
  risk.population_unique = static_cast<double>(risk.unique) / rows *
                           unique_given_sample_unique(sizes, rows, static_cast<double>(population));
  return risk;
}

}  // namespace bulwark::assay::anonymise
