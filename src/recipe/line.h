#pragma once
// Lines and arguments of a recipe: samples as text, described in docs/formats/recipe.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::recipe {

struct Line {
  std::size_t number = 0;  // from 1
  std::string_view word;   // first word
  std::string_view rest;   // what follows, trimmed
};

// One argument: `text`, `"quoted text"` or `key=text`.
struct Argument {
  std::string key;  // empty if there is none
  std::string text;
};

// Lines that are neither empty nor comments.
[[nodiscard]] std::vector<Line> lines_of(std::string_view text, std::size_t first_number);
// Arguments separated by blanks; quotes ("…" or '…') hold C escapes (\n \t \r \0 \\ \" \' \xNN \uNNNN).
[[nodiscard]] Result<std::vector<Argument>> arguments_of(std::string_view rest);
// The text of one quoted argument, or the whole rest as it is if it does not start with a quote.
[[nodiscard]] Result<std::string> text_argument(std::string_view rest);
// Decimal, 0x…, negative (two's complement).
[[nodiscard]] Result<std::uint64_t> number_of(std::string_view text);
[[nodiscard]] Result<double> real_of(std::string_view text);
[[nodiscard]] Result<std::vector<std::uint8_t>> hex_of(std::string_view text);
[[nodiscard]] Result<std::vector<std::uint8_t>> base64_of(std::string_view text);

}  // namespace bulwark::recipe
