#pragma once
// What the operating system said, as an Error.

#include <string_view>

#include "base/result.h"

namespace bulwark::os {

// From errno: "cannot open: permission denied".
[[nodiscard]] std::unexpected<Error> system_error(std::string_view what);

}  // namespace bulwark::os
