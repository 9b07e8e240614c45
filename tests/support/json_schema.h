#pragma once
// Checks a document against a JSON Schema, `format` included (base/json_schema.h).

#include <string>

#include "base/document.h"

namespace bulwark::test {

// What is wrong, one complaint a line with its place ("/runs/0: 'tool' is missing"); empty if the value fits.
[[nodiscard]] std::string schema_complaints(const Document& schema, const Document& value);

}  // namespace bulwark::test
