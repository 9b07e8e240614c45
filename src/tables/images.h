#pragma once
// A folder of images as a data set: one row per image, sorted by the bytes of its path.
//
// Columns: `file` (path below the folder), `label` (name of the folder below the given one; without such
// folders there is no column), `width`, `height`, `channels`, `bytes`. Array: `images`, rows × channels ×
// height × width, uint8.
//
// All images are decoded once, when the folder is opened. If at least half of them have one shape, the rows
// are these, and each other one is a gap; if not, all are rows and there is no array. Files that are no
// images, that are damaged or too large, and links out of the folder are gaps.

#include <memory>
#include <string>

#include "tables/dataset.h"

namespace bulwark::tables {

// Errors: NotFound, Denied, Unsupported (no image in it), LimitReached.
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_images(const std::string& folder,
                                                           const DatasetOptions& options);

}  // namespace bulwark::tables
