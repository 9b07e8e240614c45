#pragma once
// `bulwark scan CANDIDATE --against APPROVED`: the same models, one version apart.

#include <string>

#include "base/limits.h"
#include "cli/scan_paths.h"

namespace bulwark::cli {

// Adds to `result` what changed. A file is compared with the file, or with the one of its name in the
// directory; files of a directory with those at the same place below the approved directory. What cannot be
// compared although the approved model can be read is a gap.
void compare_with_approved(const std::string& approved, const ScanRequest& request,
                           const scan::Engine& engine, const Limits& limits, ScanResult& result);

}  // namespace bulwark::cli
