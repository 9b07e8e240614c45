#pragma once
// Small text helpers that more than one module needs.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark {

// Makes hostile text safe to print: control characters, quotes' neighbours that drive terminals, invalid
// UTF-8, bidi and zero-width characters become \xNN or \u{NNNN}; cut to `limit` characters with "…" at the
// end.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

[[nodiscard]] bool is_utf8(std::string_view text);       // strict: no surrogates, no overlong forms
[[nodiscard]] std::string lower(std::string_view text);  // ASCII only
[[nodiscard]] std::string hex(Bytes bytes);              // lower case, no separators

// Pieces between separators; "a  b" split at ' ' gives "a", "", "b". Views into `text`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
// Like split, without the empty pieces.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);  // ASCII blanks and line ends

struct LineColumn {
  std::uint32_t line = 1;    // from 1
  std::uint32_t column = 1;  // from 1, in bytes
};
// Position of byte `offset` (clamped to the end). Linear in `offset`.
[[nodiscard]] LineColumn line_column(std::string_view text, std::uint64_t offset);

// "1.5 GiB", "312 B": for people, never for machines.
[[nodiscard]] std::string human_size(std::uint64_t bytes);

// The member of `known` nearest to `word` by edits, or empty if none is within three.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

// True if `path` read as a relative path leaves its directory or names a place of its own on any operating
// system:
// "..", absolute, drive letter, UNC, backslashes, NUL, "~". `why` (optional) receives the reason, a literal.
[[nodiscard]] bool path_escapes(std::string_view path, std::string_view* why = nullptr);

}  // namespace bulwark
