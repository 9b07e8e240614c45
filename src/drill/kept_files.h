#pragma once
// The files below a folder that the platform keeps, as somebody who may read its disk sees them.

#include <string>
#include <vector>

#include "base/result.h"
#include "drill/drill.h"

namespace bulwark::drill {

// By name, relative to `folder`, in no useful order. Errors: Unavailable, LimitReached.
[[nodiscard]] Result<std::vector<Crosser>> files_below(const std::string& folder);

}  // namespace bulwark::drill
