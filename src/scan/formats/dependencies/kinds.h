#pragma once
// Which files list dependencies, by the names under which tools look for them, and one call that reads any of
// them.

#include <cstdint>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/dependencies/list.h"

namespace bulwark::scan {

struct DependencyFile {
  enum class Role : std::uint8_t {
    Lock,          // every version is decided
    Requirements,  // what is installed as it stands
    Manifest,      // what a project asks for; a lock file decides
    Installer,     // where an installer takes packages from
  };
  std::string_view format;  // "requirements.txt", "poetry.lock" …
  Role role = Role::Manifest;
  Result<DependencyList> (*read)(std::string_view text, const Limits& limits) = nullptr;
};

// By the last part of the path (and its folder, for requirements/*.txt and conda-meta/*.json); null: no such
// file.
[[nodiscard]] const DependencyFile* dependency_file(std::string_view path);
[[nodiscard]] const DependencyFile* dependency_file_of_format(std::string_view format);

}  // namespace bulwark::scan
