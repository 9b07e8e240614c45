#pragma once
// Numbers of any length as they stand in version strings: "007" is 7, and 31 digits are no overflow.

#include <compare>
#include <cstddef>
#include <string_view>

namespace bulwark::scan {

[[nodiscard]] inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] inline bool all_digits(std::string_view text) {
  for (const char c : text)
    if (!is_digit(c)) return false;
  return !text.empty();
}

// The digits that `text` starts with.
[[nodiscard]] inline std::string_view leading_digits(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  return text.substr(0, length);
}

// Without leading zeros; an empty text is 0.
[[nodiscard]] inline std::string_view without_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits.empty() ? std::string_view("0") : digits;
}

[[nodiscard]] inline std::strong_ordering compare_digits(std::string_view left, std::string_view right) {
  left = without_zeros(left);
  right = without_zeros(right);
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left.compare(right) <=> 0;
}

}  // namespace bulwark::scan
