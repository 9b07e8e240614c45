#pragma once
// The body of a recipe: one instruction a line, turned into bytes.

#include <span>
#include <vector>

#include "base/result.h"
#include "recipe/line.h"

namespace bulwark::recipe {

// Errors: InvalidInput, naming the line.
[[nodiscard]] Result<std::vector<std::uint8_t>> assemble(std::span<const Line> lines);

}  // namespace bulwark::recipe
