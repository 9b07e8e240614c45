#include "assay/anonymise/check_digits.h"

#include <algorithm>

namespace bulwark::assay::anonymise {
namespace {

constexpr std::size_t kLeastIban = 15;  // Norway
constexpr std::size_t kMostIban = 34;   // ISO 13616

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}
bool is_letter(char letter) {
  return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
}

// Letters count 10 to 35, so they take two places.
void feed(unsigned& remainder, std::string_view text) {
  for (const char letter : text) {
    if (is_digit(letter)) {
      remainder = (remainder * 10 + static_cast<unsigned>(letter - '0')) % 97;
    } else {
      const auto value = static_cast<unsigned>((letter | 0x20) - 'a') + 10;
      remainder = (remainder * 100 + value) % 97;
    }
  }
}

}  // namespace

std::uint16_t luhn_digit(std::span<const std::uint16_t> payload) {
  unsigned sum = 0;
  bool doubled = true;
  for (std::size_t i = payload.size(); i-- > 0; doubled = !doubled) {
    unsigned digit = payload[i];
    if (doubled) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return static_cast<std::uint16_t>((10 - sum % 10) % 10);
}

bool luhn_valid(std::span<const std::uint16_t> digits) {
  return digits.size() >= 2 && luhn_digit(digits.first(digits.size() - 1)) == digits.back();
}

std::string iban_check(std::string_view country, std::string_view bban) {
  unsigned remainder = 0;
  feed(remainder, bban);
  feed(remainder, country);
  feed(remainder, "00");
  const unsigned check = 98 - remainder;
  return {static_cast<char>('0' + check / 10), static_cast<char>('0' + check % 10)};
}

bool iban_valid(std::string_view iban) {
  if (iban.size() < kLeastIban || iban.size() > kMostIban) return false;
  if (!is_letter(iban[0]) || !is_letter(iban[1])) return false;
  if (!std::ranges::all_of(iban.substr(2), [](char letter) { return is_digit(letter) || is_letter(letter); }))
    return false;
  return iban_check(iban.substr(0, 2), iban.substr(4)) == iban.substr(2, 2);
}

}  // namespace bulwark::assay::anonymise
