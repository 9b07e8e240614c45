#pragma once
// Every file below a folder with its size, and the links: what a signature must account for. Unlike
// os/walk.h it hides nothing: a link inside the tree is an entry of its own.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulwark::os {

enum class TreeKind : std::uint8_t {
  File,
  Link,   // not followed
  Loop,   // followed, and back at a folder above: not entered again
  Other,  // FIFO, device, socket, link to nothing, folder that cannot be listed
};

struct TreeEntry {
  std::string path;  // below the start, '/' between parts
  TreeKind kind = TreeKind::File;
  std::uint64_t size = 0;
  bool outside = false;  // reached through a link whose target is not below the start
  std::string why;       // of Other
};

struct TreeOptions {
  bool follow_links = false;
  std::uint32_t max_depth = 128;        // folders within folders
  std::size_t max_entries = 4'000'000;  // followed links can make a small folder endless
};

// Sorted by path, without the folders themselves. `root`: a folder; a link to one is followed.
// Errors: NotFound, Denied, Unsupported (no folder), LimitReached.
[[nodiscard]] Result<std::vector<TreeEntry>> list_tree(const std::string& root, const TreeOptions& options);

}  // namespace bulwark::os
