#pragma once
// Check digit systems that more than one identifier uses.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "assay/pii/recogniser.h"

namespace bulwark::assay::pii {

// Sum of weight × digit over the digits from `from`.
template <std::size_t N>
[[nodiscard]] constexpr int weighted(const Code& code, const std::array<std::int16_t, N>& weights,
                                     std::size_t from = 0) {
  static_assert(N <= Code::kMost);
  // Unrolled: as a loop it would read the weights, which are constants, from memory.
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (0 + ... + (weights[I] * code.v[from + I]));
  }(std::make_index_sequence<N>{});
}

// ISO/IEC 7812-1, annex B, over all digits from `from` to `to`.
[[nodiscard]] bool luhn(const Code& code, std::size_t from, std::size_t to);
// Dihedral group D5 (Verhoeff 1969) over digits [0, to).
[[nodiscard]] bool verhoeff(const Code& code, std::size_t from, std::size_t to);
// ISO/IEC 7064 mod 11,10; the last of the digits checks the others.
[[nodiscard]] bool iso7064_11_10(const Code& code, std::size_t size);
// The digits [from, to) as a number; at most 18 of them.
[[nodiscard]] constexpr std::uint64_t number(const Code& code, std::size_t from, std::size_t to) {
  std::uint64_t value = 0;
  for (std::size_t i = from; i < to; ++i) value = value * 10 + static_cast<std::uint64_t>(code.v[i]);
  return value;
}
// ISO 13616: the text turned by four, letters as 10 to 35, modulo 97.
[[nodiscard]] int iban_remainder(const Code& code);
// Doc 9303 of ICAO: weights 7, 3, 1; '<' counts 0, letters 10 to 35. `field` without its check digit.
[[nodiscard]] int mrz_check(std::string_view field);

// Two digits of the code as a number.
[[nodiscard]] constexpr int two(const Code& code, std::size_t at) {
  return code.v[at] * 10 + code.v[at + 1];
}
// Whether the calendar has that day; `year` -1: unknown, so 29 February is fine.
inline constexpr std::array<std::uint8_t, 13> kMostDays = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
[[nodiscard]] constexpr bool day_exists(int year, int month, int day) {
  const auto index = static_cast<unsigned>(month);
  if (index >= kMostDays.size() || static_cast<unsigned>(day - 1) >= kMostDays[index]) return false;
  const bool leap = year < 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
  return month != 2 || day < 29 || leap;
}
// All characters are the same: passes many checks and is nobody's.
[[nodiscard]] inline bool one_symbol(const Code& code) {
  // Hardly any text gets beyond its first eight pairs, and they are compared at once.
  std::array<char, 8> first{}, second{};
  std::copy_n(code.c.begin(), 8, first.begin());
  std::copy_n(code.c.begin() + 1, 8, second.begin());
  if (code.size > 8 && std::bit_cast<std::uint64_t>(first) != std::bit_cast<std::uint64_t>(second))
    return false;
  for (std::size_t i = 1; i < code.size; ++i)
    if (code.c[i] != code.c[0]) return false;
  return true;
}

[[nodiscard]] constexpr Verdict judged(bool passes) {
  return passes ? Verdict::Match : Verdict::Shape;
}

}  // namespace bulwark::assay::pii
