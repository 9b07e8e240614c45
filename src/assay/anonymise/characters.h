#pragma once
// Cells as characters: what stands in a cell for people, and what only separates.

#include <cstdint>
#include <string_view>
#include <vector>

namespace bulwark::assay::anonymise {

enum class Sort : std::uint8_t {
  Digit,
  Upper,
  Lower,
  Separator,  // blanks and ASCII punctuation: stays where it is
  Other,      // letters beyond ASCII, control characters, bytes that are no UTF-8
};
[[nodiscard]] Sort sort_of(std::string_view character);

// One view per UTF-8 character; a byte that belongs to none is one by itself.
void split_characters(std::string_view text, std::vector<std::string_view>& out);

}  // namespace bulwark::assay::anonymise
