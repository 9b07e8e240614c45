#pragma once
// What a byte of a text can be part of.

#include <array>
#include <cstdint>

namespace bulwark::assay::pii {

inline constexpr unsigned kDigit = 1;
inline constexpr unsigned kLower = 2;
inline constexpr unsigned kUpper = 4;
inline constexpr unsigned kHigh = 8;      // of a character beyond ASCII: a letter, as far as we care
inline constexpr unsigned kTrigger = 16;  // starts a parser of its own: @ : <
inline constexpr unsigned kWide = 32;     // beginning with it: punctuation, Chinese, Japanese, Korean
inline constexpr unsigned kWordClasses = kDigit | kLower | kUpper | kHigh;

inline constexpr std::array<std::uint8_t, 256> kByteClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = kDigit;
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = kLower;
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = kUpper;
  for (unsigned c = 0x80; c <= 0xFF; ++c) classes[c] = c >= 0xE2 ? kHigh | kWide : kHigh;
  for (const unsigned c : {0x40U, 0x3AU, 0x3CU}) classes[c] = kTrigger;
  return classes;
}();

// Whether a byte continues a word. Scripts without blanks put numbers and Latin words right behind their own,
// and a dash, a quotation mark or a full-width colon ends a word.
[[nodiscard]] constexpr bool continues(unsigned word, unsigned next) {
  if (((word | next) & (kHigh | kDigit)) == (kHigh | kDigit)) return false;
  if ((next & kWide) != 0) return word == 0 || (word & kWide) != 0;
  return (word & kWide) == 0 || (next & (kLower | kUpper)) == 0;
}

[[nodiscard]] constexpr unsigned class_of(char c) {
  return kByteClasses[static_cast<unsigned char>(c)];
}

}  // namespace bulwark::assay::pii
