#pragma once
// The arithmetic of confident learning on counts alone: calibration and what to prune.

#include "assay/labels/confident.h"

namespace bulwark::assay::labels {

// `rows`: labelled so, for each class.
[[nodiscard]] Counts calibrate(const Counts& joint, std::span<const std::uint64_t> rows);
// How many rows of given class `column` have true class `row`: the calibrated joint turned over, with at
// least one row of each class left.
[[nodiscard]] Counts prune_counts(const Counts& calibrated);

}  // namespace bulwark::assay::labels
