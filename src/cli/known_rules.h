#pragma once
// Every rule of this build, of whatever module.

#include <vector>

#include "core/rule.h"

namespace bulwark::cli {

// In order of id.
[[nodiscard]] std::vector<const Rule*> known_rules();

}  // namespace bulwark::cli
