#pragma once
// The order in which NumPy's argsort leaves equal values. Where a cut falls between equal scores, it decides
// which rows the reference implementation of confident learning calls issues.

#include <cstdint>
#include <span>
#include <vector>

namespace bulwark::assay::labels {

// Indices of `values`, ascending: quicksort with the median of three, insertion sort up to 16 values
// (Musser's introsort as NumPy up to 1.24 runs it by default; later releases depend on the processor).
// No NaN. Time: O(n log n); beyond its depth equal values come in order of index.
[[nodiscard]] std::vector<std::uint32_t> numpy_order(std::span<const float> values);
[[nodiscard]] std::vector<std::uint32_t> numpy_order(std::span<const double> values);

}  // namespace bulwark::assay::labels
