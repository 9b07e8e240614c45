#pragma once
// JSON that we write: documents built from plain values, and their text.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"

namespace bulwark {

[[nodiscard]] Document json_string(std::string text);
[[nodiscard]] Document json_integer(std::int64_t value);
[[nodiscard]] Document json_number(double value);  // finite
[[nodiscard]] Document json_boolean(bool value);
[[nodiscard]] Document json_null();
[[nodiscard]] Document json_list(std::vector<Document> values = {});
[[nodiscard]] Document json_map(std::vector<Document::Entry> entries = {});

// Canonical form of RFC 8785 (JCS): keys sorted by UTF-16 code units, no blanks, shortest numbers. What is
// hashed or signed. Errors: InvalidInput for text that is no UTF-8, a key that comes twice, a number that is
// not finite, an integer beyond 2^53.
[[nodiscard]] Result<std::string> canonical_json(const Document& value);
// For people: keys in the order given, two blanks a level, lists of plain values in one line, a line feed at
// the end. Bytes that are no UTF-8 are shown as \xNN.
[[nodiscard]] std::string pretty_json(const Document& value);

}  // namespace bulwark
