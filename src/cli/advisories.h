#pragma once
// The advisory database of this user: import, and opening for a scan.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "scan/advisories/database.h"

namespace bulwark::cli {

// $XDG_DATA_HOME/bulwark/advisories.db, or below ~/.local/share. Empty if neither variable is set.
[[nodiscard]] std::string advisory_path();

// An open database and the bytes that it looks into.
struct OpenAdvisories {
  std::shared_ptr<const void> keeps;
  scan::AdvisoryDatabase database;
};

// `source`: a compiled database, a zip, an OSV document or a directory of them (compiled in memory). Empty:
// the user's database; null if there is none. Errors: NotFound, Corrupt, Unsupported, InvalidInput (no
// advisory in it).
[[nodiscard]] Result<std::unique_ptr<OpenAdvisories>> open_advisories(const std::string& source,
                                                                      std::chrono::year_month_day today);

// Compiles the sources and puts the result, all or nothing, into the user's database. Returns what to tell
// the user.
[[nodiscard]] Result<std::string> import_advisories(const std::vector<std::string>& sources,
                                                    std::chrono::year_month_day today);

}  // namespace bulwark::cli
