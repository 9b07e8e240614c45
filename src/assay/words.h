#pragma once
// Figures of the assay as people and programs read them.

#include <string>
#include <vector>

#include "base/document.h"
#include "stats/interval.h"

namespace bulwark::assay {

[[nodiscard]] std::string number_text(double value);                       // "0.123", "1.5e+07": three digits
[[nodiscard]] std::string interval_text(const stats::Interval& interval);  // "0.42 [0.31, 0.52]"
// {"estimate", "low", "high", "level"}
[[nodiscard]] Document interval_json(const stats::Interval& interval);
[[nodiscard]] Document json_text_list(const std::vector<std::string>& values);  // made printable
// The number, or null where it is not finite.
[[nodiscard]] Document json_finite(double value);

}  // namespace bulwark::assay
