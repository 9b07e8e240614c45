#include "assay/pii/check_digits.h"

namespace bulwark::assay::pii {
namespace {

// Multiplication in D5 and the permutation by place, of which the power for place i is row i mod 8.
constexpr std::array<std::array<std::uint8_t, 10>, 10> kDihedral = {{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
    {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
    {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
    {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
    {4, 0, 1, 2, 3, 9, 5, 6, 7, 8},
    {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
    {6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
    {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
    {8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
    {9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
}};
constexpr std::array<std::array<std::uint8_t, 10>, 8> kPermutation = {{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
    {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
    {5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
    {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
    {9, 4, 5, 3, 1, 2, 6, 8, 7, 0},
    {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
    {2, 7, 9, 3, 8, 0, 6, 4, 1, 5},
    {7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
}};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

Code code_of(std::string_view text) {
  Code code;
  for (const char raw : text) {
    const char upper = raw >= 'a' && raw <= 'z' ? static_cast<char>(raw - 'a' + 'A') : raw;
    const bool letter = upper >= 'A' && upper <= 'Z';
    if (!letter && !is_digit(upper)) continue;
    if (code.size == Code::kMost) return {};
    if (letter) code.letters |= std::uint64_t{1} << code.size;
    code.c[code.size] = upper;
    code.v[code.size] = static_cast<std::int16_t>(letter ? upper - 'A' + 10 : upper - '0');
    ++code.size;
  }
  return code;
}

bool luhn(const Code& code, std::size_t from, std::size_t to) {
  constexpr std::array<std::uint8_t, 10> kDoubled = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
  int sum = 0;
  for (std::size_t i = from; i < to; ++i) {
    const auto digit = static_cast<std::size_t>(code.v[i]);
    if (digit > 9) return false;
    sum += (to - i) % 2 == 0 ? kDoubled[digit] : static_cast<int>(digit);
  }
  return sum % 10 == 0;
}

bool verhoeff(const Code& code, std::size_t from, std::size_t to) {
  std::size_t state = 0;
  for (std::size_t i = 0; from + i < to; ++i)
    state = kDihedral[state][kPermutation[i % 8][static_cast<std::size_t>(code.v[to - 1 - i]) % 10]];
  return state == 0;
}

bool iso7064_11_10(const Code& code, std::size_t size) {
  int product = 10;
  for (std::size_t i = 0; i + 1 < size; ++i) {
    int sum = (product + code.v[i]) % 10;
    if (sum == 0) sum = 10;
    product = sum * 2 % 11;
  }
  return (11 - product) % 10 == code.v[size - 1];
}

std::uint64_t number(const Code& code, std::size_t from, std::size_t to) {
  std::uint64_t value = 0;
  for (std::size_t i = from; i < to; ++i) value = value * 10 + static_cast<std::uint64_t>(code.v[i]);
  return value;
}

int iban_remainder(const Code& code) {
  int remainder = 0;
  for (std::size_t i = 0; i < code.size; ++i) {
    const int value = code.v[(i + 4) % code.size];
    remainder = (value > 9 ? remainder * 100 + value : remainder * 10 + value) % 97;
  }
  return remainder;
}

int mrz_check(std::string_view field) {
  constexpr std::array<int, 3> kWeights = {7, 3, 1};
  int sum = 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const char c = field[i];
    int value = 0;
    if (is_digit(c)) value = c - '0';
    if (c >= 'A' && c <= 'Z') value = c - 'A' + 10;
    sum += kWeights[i % 3] * value;
  }
  return sum % 10;
}

bool day_exists(int year, int month, int day) {
  constexpr std::array<int, 13> kDays = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  if (day > kDays[static_cast<std::size_t>(month)]) return false;
  const bool leap = year < 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
  return month != 2 || day < 29 || leap;
}

bool one_symbol(const Code& code) {
  for (std::size_t i = 1; i < code.size; ++i)
    if (code.c[i] != code.c[0]) return false;
  return true;
}

}  // namespace bulwark::assay::pii
