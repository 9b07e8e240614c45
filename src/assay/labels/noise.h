#pragma once
// How many labels are wrong: in all, of each class, of each source.

#include <cstdint>
#include <string>
#include <vector>

#include "assay/frame.h"
#include "assay/labels/confident.h"
#include "stats/interval.h"

namespace bulwark::assay::labels {

struct Share {
  std::string name;
  std::uint64_t rows = 0;
  stats::Interval rate;
};

// Share of rows off the diagonal of the calibrated joint. Percentile bootstrap over rows: the counts of rows
// on the diagonal, off it and not counted are redrawn class by class; thresholds stay.
[[nodiscard]] stats::Interval noise_rate(const Confident& learned,
                                         const std::vector<std::uint64_t>& uncounted, std::uint64_t seed,
                                         std::size_t jobs);
// Of the rows of each class that the joint counts; Wilson intervals.
[[nodiscard]] std::vector<Share> noise_by_class(const Confident& learned,
                                                const std::vector<std::string>& classes);
// Flagged rows of each source, intervals at 95 % for all sources together (Bonferroni).
[[nodiscard]] std::vector<Share> noise_by_source(const Frame& frame,
                                                 const std::vector<std::uint32_t>& flagged);

// Rows of each class that no threshold admits to the joint.
[[nodiscard]] std::vector<std::uint64_t> uncounted_rows(const Confident& learned);

}  // namespace bulwark::assay::labels
