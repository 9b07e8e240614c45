#pragma once
// A data set made of named arrays: those with one dimension are its columns, the others its arrays.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/report.h"
#include "tables/dataset.h"
#include "tables/npy_layout.h"

namespace bulwark::tables {

struct NamedArray {
  std::string name;
  NpyLayout layout;
  std::function<Result<Held>()> load;  // the whole .npy file
};

// The rows are the first dimension that most arrays have; one-dimensional arrays of another length are arrays
// of their own. Single values are left out. `about`: path, format and bytes; the rest is filled in. `gaps`:
// what of the file cannot be read at all; every pass tells them.
[[nodiscard]] std::unique_ptr<Dataset> make_array_table(std::vector<NamedArray> arrays, Description about,
                                                        std::vector<Gap> gaps, const DatasetLimits& limits);

}  // namespace bulwark::tables
