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
  // What a digit adds as it is and doubled; a letter more than all digits together.
  constexpr int kLetter = 1000;
  constexpr auto kAdds = [] {
    std::array<std::array<std::int16_t, 36>, 2> table{};
    for (std::size_t value = 0; value < 36; ++value) {
      table[1][value] = static_cast<std::int16_t>(value < 10 ? static_cast<int>(value) : kLetter);
      table[0][value] = static_cast<std::int16_t>(
          value < 10 ? static_cast<int>(value < 5 ? 2 * value : 2 * value - 9) : kLetter);
    }
    return table;
  }();
  int sum = 0;
  std::size_t i = from;
  if ((to - from) % 2 != 0) sum += kAdds[1][static_cast<std::size_t>(code.v[i++])];
  for (; i < to; i += 2)
    sum += kAdds[0][static_cast<std::size_t>(code.v[i])] + kAdds[1][static_cast<std::size_t>(code.v[i + 1])];
  return sum < kLetter && sum % 10 == 0;
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

}  // namespace bulwark::assay::pii
