#pragma once
// Figures of the assay as people and programs read them.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assay/frame.h"
#include "base/document.h"
#include "core/report.h"
#include "stats/interval.h"

namespace bulwark::assay {

[[nodiscard]] std::string number_text(double value);                       // "0.123", "1.5e+07": three digits
[[nodiscard]] std::string interval_text(const stats::Interval& interval);  // "0.42 [0.31, 0.52]"
// {"estimate", "low", "high", "level"}
[[nodiscard]] Document interval_json(const stats::Interval& interval);
[[nodiscard]] Document json_text_list(const std::vector<std::string>& values);  // made printable
// The number, or null where it is not finite.
[[nodiscard]] Document json_finite(double value);
[[nodiscard]] Document json_rows(std::span<const std::uint64_t> rows);
// Rows of a frame by their numbers in the data set.
[[nodiscard]] Document json_rows(const Frame& frame, std::span<const std::uint32_t> rows);

// "rows 3, 7, 12 and 40 more".
[[nodiscard]] std::string rows_text(std::span<const std::uint64_t> rows, std::size_t most = 10);

// A finding of a part: the caller of the part fills in the path. `evidence` and `subject` are made printable.
[[nodiscard]] Finding finding_of(const Rule& rule, std::string message, std::string_view evidence,
                                 std::string_view subject = {});

}  // namespace bulwark::assay
