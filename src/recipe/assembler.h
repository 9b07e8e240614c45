#pragma once
// The body of a recipe: one instruction a line, turned into bytes.

#include <span>
#include <vector>

#include "base/result.h"
#include "support/recipe_line.h"

namespace bulwark::test {

// Errors: InvalidInput, naming the line.
[[nodiscard]] Result<std::vector<std::uint8_t>> assemble(std::span<const RecipeLine> lines);

}  // namespace bulwark::test
