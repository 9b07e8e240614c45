#pragma once
// What one cell means: null, number, date, truth. Shared by everything that reads cells, so that a cell is
// never a null for one check and a value for another.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tables/dataset.h"

namespace bulwark::tables {

// The ways in which data say "nothing".
enum class Null : std::uint8_t {
  None,    // a value
  Absent,  // the format has no value there
  Empty,   // "" or blanks
  Word,    // NA, N/A, null, None, nil, -, ? …
  NaN,     // a number that is none
};
[[nodiscard]] Null null_of(std::string_view text);
[[nodiscard]] Null null_of(const Cells& cells, std::size_t row);

// Decimal integers and floating-point numbers as programs write them ("-1.5e3", ".5", "+7"); blanks around
// are allowed, thousands separators are not; "nan" and "inf" are no numbers. Never throws, locale-free.
[[nodiscard]] std::optional<std::int64_t> integer_of(std::string_view text);
[[nodiscard]] std::optional<double> number_of(std::string_view text);
// The number in a cell; empty for nulls, NaN, infinities and texts that are none. Booleans are 0 and 1.
[[nodiscard]] std::optional<double> number_of(const Cells& cells, std::size_t row);
// true/false, yes/no, t/f, y/n in any case; "0" and "1" are numbers.
[[nodiscard]] std::optional<bool> truth_of(std::string_view text);
// Seconds since 1970-01-01 UTC of an ISO 8601 date, or date and time (blank or T between, optional fraction
// and zone); without a zone it is UTC.
[[nodiscard]] std::optional<double> instant_of(std::string_view text);

// The cell as text. `scratch` holds it if the cell is no text; the view lives as long as both.
[[nodiscard]] std::string_view text_of(const Cells& cells, std::size_t row, std::string& scratch);

}  // namespace bulwark::tables
