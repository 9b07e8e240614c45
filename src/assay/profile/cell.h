#pragma once
// What one cell is: which null, which type, its number, its length, and the pattern of its characters.
// Decides as tables/values.h does; short cells, by far the most, take a few tens of cycles.

#include <cstdint>
#include <string>
#include <string_view>

#include "stats/hash.h"

namespace bulwark::assay::profile {

// The kinds of nulls are those of tables::Null, in its order.
enum class CellKind : std::uint8_t {
  Value,
  Absent,
  Empty,
  Word,
  NaN,
  Integer,
  Real,
  Boolean,
  Date,
  Instant,
  Text
};
inline constexpr std::size_t kCellKinds = 11;
[[nodiscard]] std::string_view name_of(CellKind kind);  // "absent" … "text"
inline bool is_null(CellKind kind) {
  return kind >= CellKind::Absent && kind <= CellKind::NaN;
}
inline bool is_number(CellKind kind) {
  return kind == CellKind::Integer || kind == CellKind::Real;
}

// What else is remarkable about a cell, as bits.
enum CellMark : std::uint8_t {
  kPadded = 1,       // blanks in front or behind
  kNotUtf8 = 2,      // bytes that are no UTF-8
  kBeyondAscii = 4,  // characters beyond ASCII
  kLeadingZero = 8,  // "007": a code rather than a number
  kInfinite = 16,    // inf
  kControl = 32,     // a NUL byte
};

struct Cell {
  CellKind kind = CellKind::Text;
  std::uint8_t marks = 0;
  std::uint32_t length = 0;  // characters; bytes if they are no UTF-8
  double number = 0;         // Integer, Real; Date, Instant: seconds since 1970; Boolean: 0 or 1
  // Of plain decimals: sign, point and how many digits on both sides, which is their pattern. 0: not one.
  std::uint32_t shape = 0;
};

// `words`: stats::leading(text).
[[nodiscard]] Cell examine(std::string_view text, const stats::Leading& words);
// The same of what is no plain decimal of at most 16 bytes (decimal.h) and no long one.
[[nodiscard]] Cell examine_other(std::string_view text);
// Decimals of 17 to 31 bytes with a point, as programs write doubles; false for all else.
[[nodiscard]] bool read_long_decimal(std::string_view text, Cell& cell);
// The same without instructions of a certain processor: for others, and to check it.
[[nodiscard]] Cell examine_plainly(std::string_view text, const stats::Leading& words);

// The classes of characters: upper case A, lower case a, digits 9, each byte beyond ASCII w; all others stand
// for themselves. Only of texts up to kPatternBytes.
inline constexpr std::size_t kPatternBytes = 48;
[[nodiscard]] std::string pattern_of(std::string_view text);
[[nodiscard]] std::uint64_t pattern_hash(std::string_view text);  // of equal patterns equal
// RE2 syntax, anchored: "A99" is "[A-Z][0-9]{2}". Empty if the pattern has bytes beyond ASCII.
[[nodiscard]] std::string expression_of(std::string_view pattern);

}  // namespace bulwark::assay::profile
