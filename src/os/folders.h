#pragma once
// The user's own folders, by the specification of base directories.

#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::os {

// The folder that `variable` names ("XDG_DATA_HOME") or, without it, `below_home` (".local/share") in the
// home directory; empty if neither is known. Relative paths are ignored, as the specification says.
[[nodiscard]] std::string base_folder(const char* variable, std::string_view below_home);

// Makes the folders that lead to `path` (not `path` itself), for this user only. Errors: Denied, Unavailable.
[[nodiscard]] Result<void> make_folders_to(const std::string& path);

}  // namespace bulwark::os
