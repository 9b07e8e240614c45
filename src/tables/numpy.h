#pragma once
// NumPy's .npy and .npz files as data sets.

#include <memory>

#include "base/result.h"
#include "tables/dataset.h"
#include "tables/formats.h"
#include "tables/npy_layout.h"

namespace bulwark::tables {

[[nodiscard]] bool recognises_npy(const Candidate& candidate);
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_npy(const Candidate& candidate);

// A zip whose first member, or whose name, says that it holds .npy files.
[[nodiscard]] bool recognises_npz(const Candidate& candidate);
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_npz(const Candidate& candidate);
// The same for bytes in memory, for the fuzzers.
[[nodiscard]] Result<std::unique_ptr<Dataset>> read_npz(Held file, Description about,
                                                        const DatasetLimits& limits);
[[nodiscard]] Result<std::unique_ptr<Dataset>> read_npy(Held file, Description about,
                                                        const DatasetLimits& limits);

}  // namespace bulwark::tables
