#pragma once
// From paths to one report: walk, map, scan in parallel, put together in a fixed order.

#include <map>
#include <string>
#include <vector>

#include "os/walk.h"
#include "scan/agent_texts.h"
#include "scan/engine.h"

namespace bulwark::cli {

struct ScanRequest {
  std::vector<std::string> paths;  // "-": standard input
  os::WalkOptions walk;
  std::size_t jobs = 1;
  bool digest = false;
  bool agent_texts = false;  // collect what a lock approves
  bool progress = true;
  std::uint64_t stdin_limit = std::uint64_t{2} << 30;  // standard input is held in memory
};

// A text that agents obey, in a plain file.
struct FoundText {
  std::string path;  // of the file, as it was scanned
  scan::ApprovableText text;
};

struct ScanResult {
  Report report;
  std::size_t files = 0;
  std::map<std::string, std::string> digests;
  std::vector<FoundText> agent_texts;
};

// Never fails: what could not be read is a gap.
[[nodiscard]] ScanResult scan_paths(const ScanRequest& request, const scan::Engine& engine);

}  // namespace bulwark::cli
