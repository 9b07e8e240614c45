#pragma once
// Which columns a pass reads. Inside this module.

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace bulwark::tables {

// Those that were asked for; all of `count` if none was named. Errors: InvalidInput for a column that is not
// there.
[[nodiscard]] Result<std::vector<std::size_t>> chosen_columns(std::span<const std::size_t> asked,
                                                              std::size_t count);

}  // namespace bulwark::tables
