#pragma once
// Corpora: a text file, or a folder of them, one row each (columns `path` and `text`).

#include <memory>

#include "base/result.h"
#include "tables/dataset.h"
#include "tables/formats.h"

namespace bulwark::tables {

// A file named .txt, .md, .markdown or .rst without NUL bytes; a folder with such files and no images.
[[nodiscard]] bool recognises_texts(const Candidate& candidate);
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_texts(const Candidate& candidate);

}  // namespace bulwark::tables
