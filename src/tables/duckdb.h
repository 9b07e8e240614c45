#pragma once
// Parquet and JSON (one object a line, or an array of objects) as data sets, read by DuckDB.

#include <memory>

#include "base/result.h"
#include "tables/dataset.h"
#include "tables/formats.h"

namespace bulwark::tables {

[[nodiscard]] bool recognises_parquet(const Candidate& candidate);
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_parquet(const Candidate& candidate);

[[nodiscard]] bool recognises_json(const Candidate& candidate);
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_json(const Candidate& candidate);

// Arrow IPC and Feather: recognised, and refused with a way out.
[[nodiscard]] bool recognises_arrow(const Candidate& candidate);
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_arrow(const Candidate& candidate);

}  // namespace bulwark::tables
