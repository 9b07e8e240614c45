#pragma once
// The files below a path, sorted, without ever leaving the tree.

#include <cstdint>
#include <string>
#include <vector>

namespace bulwark::os {

enum class Found : std::uint8_t {
  File,
  Directory,
  Unreadable,  // FIFO, device, socket, link out of the tree or to nothing, directory that cannot be listed
};

struct WalkEntry {
  Found kind = Found::File;
  std::string path;  // as given, and what was found below it
  std::string why;   // of Unreadable
};

struct WalkOptions {
  std::vector<std::string> exclude;  // globs on the path below the start, or on a single name
  std::vector<std::string> include;  // if any: only files that match one of them
  std::uint32_t max_depth = 128;     // directories within directories
};

// A file gives one entry, a directory itself and everything below it. Links are followed only from `path`
// itself; below it a link to something inside the tree is skipped (it is seen at its own place), any other is
// Unreadable. Never fails: what cannot be seen is an entry.
[[nodiscard]] std::vector<WalkEntry> walk(const std::string& path, const WalkOptions& options);

}  // namespace bulwark::os
