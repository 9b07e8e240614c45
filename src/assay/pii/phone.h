#pragma once
// Telephone numbers: E.164 and the national plans of data/pii/phones.tsv (lengths and first digits as the
// countries notify them to the ITU).

#include <cstddef>
#include <optional>
#include <string_view>

#include "assay/pii/free.h"

namespace bulwark::assay::pii {

struct Phone {
  Extent extent;
  float score = 0;  // of the way it is written, before any context
};

// Digits alone that may be a number: 7 to 11 of them, up to 15 behind a zero.
inline constexpr std::size_t kLeastPhone = 7;
inline constexpr std::size_t kMostBarePhone = 15;
[[nodiscard]] inline bool may_be_bare_phone(std::size_t digits, bool zero) {
  return digits >= kLeastPhone && (digits <= 11 || (zero && digits <= kMostBarePhone));
}
inline constexpr float kBarePhone = 0.15F;
inline constexpr float kBareInternational = 0.5F;  // 00 and a country

// The score of a text of digits alone; 0: none. As phone_from() of it, if may_be_bare_phone(), without a
// country.
[[nodiscard]] float bare_phone_score(std::string_view digits);

// A number whose first digit is at `begin`; a '+' or '(' before it belongs to it. `country`: whose national
// form is expected; empty: any.
[[nodiscard]] std::optional<Phone> phone_from(std::string_view text, std::size_t begin,
                                              std::string_view country);

}  // namespace bulwark::assay::pii
