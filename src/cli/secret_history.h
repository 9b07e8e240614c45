#pragma once
// `scan --history`: secrets that a later commit has removed are still in every clone.

#include "cli/scan_paths.h"

namespace bulwark::cli {

// Searches the repositories that the request's directories are in and adds to `result` what was found. Never
// fails: what could not be read is a gap.
void scan_history(const ScanRequest& request, const Limits& limits, const scan::Options& options,
                  const Clock& clock, ScanResult& result);

}  // namespace bulwark::cli
