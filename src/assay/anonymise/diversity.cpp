#include "assay/anonymise/diversity.h"

#include <algorithm>
#include <cmath>

namespace bulwark::assay::anonymise {
namespace {

constexpr double kRounding = 1e-9;  // sums of shares are as exact as this

}  // namespace

DiversityMeter::DiversityMeter(const Ranked& column)
    : share_(column.values() + 1, 0.0),
      below_(column.values() + 1, 0.0),
      below_sum_(column.values() + 2, 0.0),
      numeric_(column.numeric),
      counts_(column.values() + 1, 0) {
  const double one = column.codes.empty() ? 0 : 1.0 / static_cast<double>(column.codes.size());
  for (const std::uint32_t code : column.codes) share_[code] += one;
  double sum = 0;
  for (std::size_t i = 0; i < share_.size(); ++i) {
    sum += share_[i];
    below_[i] = sum;
    below_sum_[i + 1] = below_sum_[i] + sum;
  }
}

// Numbers: the mass that has to cross each step from one value to the next, over the number of steps. Between
// two values of the class its own sum stands still while that of the whole rises: one search finds where the
// two cross.
double DiversityMeter::moved_over_order(double rows) const {
  const bool nothing = share_[0] == 0;  // code 0 is not there: the order begins at 1
  const std::size_t first = nothing ? 1 : 0;
  const std::size_t steps = share_.size() - first;
  if (steps < 2) return 0;
  double moved = 0;
  double own = 0;
  // Sum of |own - below_[i]| for i in [from, to).
  const auto between = [&](std::size_t from, std::size_t to) {
    if (from >= to) return;
    const auto begin = below_.begin();
    const auto cross =
        static_cast<std::size_t>(std::upper_bound(begin + static_cast<std::ptrdiff_t>(from),
                                                  begin + static_cast<std::ptrdiff_t>(to), own) -
                                 begin);
    const double low = own * static_cast<double>(cross - from) - (below_sum_[cross] - below_sum_[from]);
    const double high = (below_sum_[to] - below_sum_[cross]) - own * static_cast<double>(to - cross);
    moved += low + high;
  };
  std::size_t at = first;
  for (const std::uint32_t code : touched_) {
    between(at, code);
    own += static_cast<double>(counts_[code]) / rows;
    at = std::max<std::size_t>(code, first);
  }
  between(at, share_.size());
  return moved / static_cast<double>(steps - 1);
}

DiversityFigures DiversityMeter::measure(std::span<const std::uint32_t> codes) {
  touched_.clear();
  for (const std::uint32_t code : codes)
    if (counts_[code]++ == 0) touched_.push_back(code);
  std::ranges::sort(touched_);
  const auto rows = static_cast<double>(codes.size());
  DiversityFigures figures{.distinct = static_cast<std::uint32_t>(touched_.size())};
  double entropy = 0;
  double excess = 0;
  for (const std::uint32_t code : touched_) {
    const double share = static_cast<double>(counts_[code]) / rows;
    entropy -= share * std::log(share);
    excess += std::max(0.0, share - share_[code]);
  }
  figures.entropy = std::exp(entropy);
  // Of values without an order, every one is equally far from every other: half the sum of all differences,
  // which is the sum of the positive ones.
  figures.closeness = numeric_ ? moved_over_order(rows) : excess;
  for (const std::uint32_t code : touched_) counts_[code] = 0;
  return figures;
}

bool DiversityMeter::holds(std::span<const std::uint32_t> codes, const Diversity& wanted) {
  const DiversityFigures figures = measure(codes);
  if (wanted.distinct && figures.distinct < *wanted.distinct) return false;
  if (wanted.entropy && figures.entropy < *wanted.entropy - kRounding) return false;
  return !wanted.closeness || figures.closeness <= *wanted.closeness + kRounding;
}

}  // namespace bulwark::assay::anonymise
