#pragma once
// From paths to one report: walk, map, scan in parallel, put together in a fixed order.

#include <map>
#include <string>
#include <vector>

#include "os/walk.h"
#include "scan/engine.h"

namespace bulwark::cli {

struct ScanRequest {
  std::vector<std::string> paths;  // "-": standard input
  os::WalkOptions walk;
  std::size_t jobs = 1;
  bool digest = false;
  bool progress = true;
  std::uint64_t stdin_limit = std::uint64_t{2} << 30;  // standard input is held in memory
};

struct ScanResult {
  Report report;
  std::size_t files = 0;
  std::map<std::string, std::string> digests;
};

// Never fails: what could not be read is a gap.
[[nodiscard]] ScanResult scan_paths(const ScanRequest& request, const scan::Engine& engine);

}  // namespace bulwark::cli
