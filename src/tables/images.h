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

#include "tables/dataset.h"
#include "tables/formats.h"

namespace bulwark::tables {

[[nodiscard]] bool recognises_images(const Candidate& candidate);
// Errors: Unsupported (no folder, or no image in it).
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_images(const Candidate& candidate);

}  // namespace bulwark::tables
