#pragma once
// Rows that are equal in every feature.

#include <cstdint>
#include <vector>

#include "assay/frame.h"

namespace bulwark::assay::labels {

using RowGroup = std::vector<std::uint32_t>;  // rows of the frame, ascending

// Groups of at least two rows with the same numbers, categories, texts and pixels, in order of their first
// row. Labels and roles do not count. Two nulls are equal.
[[nodiscard]] std::vector<RowGroup> equal_rows(const Frame& frame);

// Those groups whose rows carry more than one label.
[[nodiscard]] std::vector<RowGroup> conflicting(const std::vector<RowGroup>& groups, const Frame& frame);

}  // namespace bulwark::assay::labels
