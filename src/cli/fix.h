#pragma once
// `bulwark scan --fix`: applies the safe mechanical fixes of a report to the files and shows what changed.

#include <string>
#include <vector>

#include "core/report.h"

namespace bulwark::cli {

struct Fixes {
  std::string diff;  // unified, of all files
  std::size_t findings = 0;
  std::size_t files = 0;
  std::vector<std::string> refused;  // why something was left as it is, one sentence each
};

// Only plain files are changed, not members of archives, links or files that others can reach by a second
// name, and only where the text is still what was scanned. A file is replaced as a whole or not at all.
// Nothing is written if `dry`.
[[nodiscard]] Fixes apply_fixes(const Report& report, bool dry);

// `before` and `after` as a unified diff with three lines of context; empty if they are equal. Lines that are
// no UTF-8 are made printable.
[[nodiscard]] std::string unified_diff(const std::string& path, std::string_view before,
                                       std::string_view after);

}  // namespace bulwark::cli
