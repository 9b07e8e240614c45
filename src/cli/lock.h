#pragma once
// `bulwark scan --lock` and `--write-lock`: which texts of agents were approved (bulwark.lock).

#include <optional>
#include <string>
#include <vector>

#include "cli/scan_paths.h"
#include "policy/approvals.h"

namespace bulwark::cli {

struct Lock {
  std::string path;  // of the file
  std::vector<policy::Approval> approvals;
};

// The lock that was named, or else the file bulwark.lock in a scanned directory or in the working directory.
// A lock that was not named and cannot be read is a gap of `report`: whoever wrote the directory may have
// written it. Errors, of a lock that was named: those of reading the file and of policy::read_approvals.
[[nodiscard]] Result<std::optional<Lock>> find_lock(const std::string& named,
                                                    const std::vector<std::string>& operands, Report& report);

// Adds findings about texts that were changed since, were never approved, or are gone. Takes none away.
void compare_with_lock(const Lock& lock, ScanResult& result);

// Approves what was found: writes it to `path`. Errors: those of writing.
[[nodiscard]] Result<void> write_lock(const std::string& path, const ScanResult& result);

}  // namespace bulwark::cli
