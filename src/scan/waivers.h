#pragma once
// Notes in a text that say why a finding is all right:
//
//   # bulwark: ignore BW-PY-001 BW-PY-002 the file is written by our own job until 2027-01-31
//
// On a line with other text the note speaks of that line; alone on its line, of the next one that is not
// blank and no note. A reason is required. Whoever wrote the text wrote the note, so notes never speak of
// model files, never inside archives, and a policy can refuse them all.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/report.h"

namespace bulwark::scan {

// The rule that a note without reason, rule or date raises.
[[nodiscard]] std::span<const Rule> waiver_rules();

// Gives their waiver to those of `findings` that a note in `text` speaks of, and adds findings about notes
// that are no good. `findings`: of one artifact; those of other artifacts and without a line are left alone.
void apply_waivers(std::string_view text, const std::string& path, std::vector<Finding>& findings);

}  // namespace bulwark::scan
