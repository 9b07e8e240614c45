#pragma once
// CSV, TSV and their relatives as a data set.

#include <memory>

#include "base/result.h"
#include "tables/dataset.h"
#include "tables/formats.h"

namespace bulwark::tables {

// Text with rows of equal width, or a name that says so.
[[nodiscard]] bool recognises_csv(const Candidate& candidate);
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_csv(const Candidate& candidate);

}  // namespace bulwark::tables
