#pragma once
// YAML as the tools around a cluster or a pipeline read it: streams with merge keys resolved, and the way
// back from a value to the line of text that says it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

// All documents of a YAML stream, or of a JSON text, with `<<` merge keys resolved as YAML 1.1 does: keys of
// the map itself win, then those of the first map that is merged. Errors: as parse_yaml and parse_json.
[[nodiscard]] Result<std::vector<Document>> parse_yaml_stream(std::string_view text, const Limits& limits);

// Offset of the first `{{` that a YAML parser would read as structure: a Helm or Jinja template that has to
// be rendered before it is YAML. Quoted text, comments, block scalars and `${{` are no such place.
[[nodiscard]] std::optional<std::uint64_t> find_template_markup(std::string_view text);

// The line around `offset` without its indentation; at most 200 bytes.
[[nodiscard]] std::string_view line_around(std::string_view text, std::uint64_t offset);

// Offset of the key `key` whose value stands at `value`. Looks back a few lines; the value itself if the key
// is not there (an alias, a JSON text).
[[nodiscard]] std::uint64_t offset_of_key(std::string_view text, std::string_view key, const Document& value);

// Offset in the text at which `piece` of a scalar is written; searched from `from`. The start of the scalar
// if it is written in another way there (folded, escaped).
[[nodiscard]] std::uint64_t offset_of_piece(std::string_view text, const Document& scalar,
                                            std::string_view piece, std::uint64_t from = 0);

// Truth as written in YAML 1.1 and in quotes: true, "true", yes, on, 1.
[[nodiscard]] bool says_true(const Document* value);
[[nodiscard]] bool says_false(const Document* value);

// The list under `key`, or an empty one.
[[nodiscard]] const std::vector<Document>& list_under(const Document& map, std::string_view key);
// The map under `key`, or null.
[[nodiscard]] const Document* map_under(const Document& map, std::string_view key);
// The value that several keys in a row lead to, or null.
[[nodiscard]] const Document* value_at(const Document& map, std::initializer_list<std::string_view> keys);

}  // namespace bulwark::scan
