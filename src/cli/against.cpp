#include "cli/against.h"

#include <utility>

#include "os/mapping.h"
#include "scan/diff.h"

namespace bulwark::cli {
namespace {

// A model's graph and the memory that it speaks about.
struct Loaded {
  std::shared_ptr<os::Mapping> mapping;
  scan::ModelGraph graph;
};

Result<Loaded> load(const std::string& path, const scan::Engine& engine) {
  auto mapping = os::Mapping::open(path, true);
  if (!mapping) return std::unexpected(std::move(mapping).error().within(path));
  const scan::Artifact artifact{.path = path, .origin = {}, .bytes = (*mapping)->bytes(), .keeps = *mapping};
  auto graph = engine.graph(artifact);
  if (!graph) return std::unexpected(std::move(graph).error().within(path));
  return Loaded{std::move(*mapping), std::move(*graph)};
}

bool is_directory(const std::string& path) {
  const auto entries = os::walk(path, {.max_depth = 0});
  return !entries.empty() && entries.front().kind == os::Found::Directory;
}

// Candidate and its approved counterpart; a file has one, and the files of a directory one each.
std::vector<std::pair<std::string, std::string>> pairs_of(const std::string& approved,
                                                          const ScanRequest& request) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const bool folder = is_directory(approved);
  for (const std::string& path : request.paths) {
    if (path == "-") continue;
    for (const os::WalkEntry& entry : os::walk(path, request.walk)) {
      if (entry.kind != os::Found::File) continue;
      if (!folder) {
        pairs.emplace_back(entry.path, approved);
        continue;
      }
      const std::string below =
          entry.path == path ? path.substr(path.rfind('/') + 1) : entry.path.substr(path.size());
      pairs.emplace_back(entry.path, approved + "/" + below);
    }
  }
  return pairs;
}

}  // namespace

void compare_with_approved(const std::string& approved, const ScanRequest& request,
                           const scan::Engine& engine, const Limits& limits, ScanResult& result) {
  const bool folder = is_directory(approved);
  for (const auto& [candidate_path, approved_path] : pairs_of(approved, request)) {
    const auto before = load(approved_path, engine);
    // In a directory most files are no models, and new ones have no counterpart.
    if (!before && folder) continue;
    const auto after = before ? load(candidate_path, engine) : before;
    if (!after) {
      result.report.gaps.push_back({GapReason::Unsupported,
                                    candidate_path,
                                    {},
                                    {},
                                    "cannot be compared with the approved model: " + after.error().message});
      continue;
    }
    result.report.append(scan::compare(before->graph, after->graph, candidate_path, limits));
  }
  result.report.normalise();
}

}  // namespace bulwark::cli
