#pragma once
// What the part says, section by section: each adds its members, findings, listings and pictures.

#include <span>
#include <string>
#include <vector>

#include "assay/labels/confident.h"
#include "assay/labels/equal_rows.h"
#include "assay/labels/noise.h"
#include "assay/labels/probabilities.h"
#include "assay/labels/similar.h"
#include "assay/part.h"

namespace bulwark::assay::labels {

inline constexpr std::size_t kWorst = 20;  // rows shown to people

// Duplicates, conflicting labels, outliers, order.
void tell_rows(PartResult& result, const Frame& frame, const Similarity& similar,
               const std::vector<RowGroup>& equal, const Settings& settings);
// Classes and how many rows each has.
void tell_balance(PartResult& result, const Frame& frame);

struct Errors {
  const Frame& frame;
  const Probabilities& p;
  Confident& learned;
  Filter filter;
  std::vector<std::uint32_t> flagged;  // by the filter, worst first
  std::vector<std::uint32_t> agreed;  // of these, what a second model flags too, ascending; empty without one
  bool second = false;
  stats::Interval noise;
  std::vector<Share> by_class;
  std::vector<Share> by_source;
};
// Label errors and the noise rate, without the verdict.
void tell_errors(PartResult& result, const Errors& errors, const Settings& settings);

// "rows 5, 17, 23 …": at most twenty; empty without any.
[[nodiscard]] std::string rows_text(const Frame& frame, std::span<const std::uint32_t> rows);
[[nodiscard]] std::string percent(double share);                     // "9.8 %"
[[nodiscard]] std::string percent(const stats::Interval& interval);  // "9.8 % [8.5, 11.2]"
// An image of the frame, enlarged by whoever draws it; empty if there are none.
void show_image(PartResult& result, const Frame& frame, std::uint32_t row, std::string title,
                std::string says);

}  // namespace bulwark::assay::labels
