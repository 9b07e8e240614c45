#pragma once
// Universal Binary JSON (draft 12) as XGBoost writes it: read into the same Document as JSON.

#include "base/byte_reader.h"
#include "base/document.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

// Containers with a type and a count whose elements are floats, or bytes of more than 4096, are not expanded:
// their Document is an empty List with `integer` = the count. Every other list has `integer` = its size as
// well. Errors: InvalidInput with the offset; LimitReached for depth and nodes.
[[nodiscard]] Result<ParsedDocument> read_ubjson(Bytes content, const Limits& limits);

}  // namespace bulwark::scan
