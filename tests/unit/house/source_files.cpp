#include "unit/house/source_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace bulwark::test {

std::vector<SourceFile> source_files(const std::string& folder) {
  const std::filesystem::path root(BULWARK_SOURCE_DIR);
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cpp") continue;
    SourceFile file{.path = entry.path().lexically_relative(root).string(), .lines = {}};
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) file.lines.push_back(line);
    files.push_back(std::move(file));
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

}  // namespace bulwark::test
