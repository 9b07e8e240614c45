#pragma once
// Checks a document against a JSON Schema: the part of draft-07 and 2020-12 that our schemas and SARIF's use.

#include <string>

#include "base/document.h"

namespace bulwark::test {

// What is wrong, one complaint a line with its place ("/runs/0: missing 'tool'"); empty if the value fits.
// Knows: $ref (within the file), type, enum, const, properties, required, additionalProperties, items,
// minItems, maxItems, uniqueItems, minimum, maximum, minLength, pattern (anchored character classes only, see
// the .cpp), anyOf, oneOf, allOf. `format` and texts are ignored; any other keyword is a complaint.
[[nodiscard]] std::string schema_complaints(const Document& schema, const Document& value);

}  // namespace bulwark::test
