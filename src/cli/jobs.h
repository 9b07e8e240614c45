#pragma once
// How many threads a verb may use.

#include <cstddef>

#include "base/result.h"
#include "cli/verb.h"

namespace bulwark::cli {

// --jobs (1 to 999), or one per processor. Errors: InvalidInput.
[[nodiscard]] Result<std::size_t> jobs_from(const Arguments& arguments);

}  // namespace bulwark::cli
