#pragma once
// Columns that tell the label by themselves.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "assay/frame.h"
#include "stats/interval.h"

namespace bulwark::assay {

enum class LeakKind : std::uint8_t { None, Copy, Tells, Identifier, Time, Name };
[[nodiscard]] std::string_view name_of(LeakKind kind);  // "copy of the label", "tells the label" …

struct LeakColumn {
  std::string name;
  std::string type;  // "number", "category", "time", "row number"
  // How much of what guessing the most frequent class leaves wrong the column alone gets right, on rows that
  // it was not fitted to: 0 nothing, 1 everything.
  stats::Interval gain;
  std::optional<stats::Interval> auc;  // two classes and a number
  double information = 0;              // mutual information with the label, in bits, bias removed (Miller)
  LeakKind leak = LeakKind::None;
  Outcome outcome = Outcome::Passed;
  std::string why;
};

// One for each number and category column, the time, and the order of rows where a column counts them.
// Nothing without labels of two classes and more.
[[nodiscard]] std::vector<LeakColumn> leaking_columns(const Frame& frame, const Settings& settings);

}  // namespace bulwark::assay
