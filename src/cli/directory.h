#pragma once
// A directory as the scanner sees it: its direct files as members that are read when asked for.

#include <memory>
#include <string>
#include <vector>

#include "scan/package.h"

namespace bulwark::cli {

// `path`: of the directory. `files`, `folders`: names in it, sorted.
[[nodiscard]] std::unique_ptr<scan::Package> directory_package(std::string path,
                                                               const std::vector<std::string>& files,
                                                               const std::vector<std::string>& folders);

}  // namespace bulwark::cli
