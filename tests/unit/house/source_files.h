#pragma once
// The project's own sources, line by line, for tests that keep the rules of the house.

#include <string>
#include <vector>

namespace bulwark::test {

struct SourceFile {
  std::string path;                // relative to the project's root
  std::vector<std::string> lines;  // without line ends
};

// Every .h and .cpp below `folder` (relative to the root), sorted.
[[nodiscard]] std::vector<SourceFile> source_files(const std::string& folder);

}  // namespace bulwark::test
