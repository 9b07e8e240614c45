#pragma once
// Check digits that a changed value gets anew. Digits are numbers 0 to 9, not characters.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bulwark::assay::anonymise {

// ISO/IEC 7812-1: the digit that, behind these, makes the whole valid.
[[nodiscard]] std::uint16_t luhn_digit(std::span<const std::uint16_t> payload);
[[nodiscard]] bool luhn_valid(std::span<const std::uint16_t> digits);  // the last one checks the others

// ISO 13616: `bban` of letters and digits in any case, behind the country. Two digits.
[[nodiscard]] std::string iban_check(std::string_view country, std::string_view bban);
// Country, two check digits, and at least eleven letters and digits, without separators.
[[nodiscard]] bool iban_valid(std::string_view iban);

}  // namespace bulwark::assay::anonymise
