#pragma once
// Where a word stands in a text. As std::string_view::find, which goes from one occurrence of the word's
// first letter to the next: in prose and code that letter is everywhere. This looks at 16 places at once.

#include <cstddef>
#include <string_view>

namespace bulwark {

// The first place at or behind `from`, or npos.
[[nodiscard]] std::size_t find_text(std::string_view text, std::string_view word, std::size_t from = 0);

[[nodiscard]] inline bool holds_text(std::string_view text, std::string_view word) {
  return find_text(text, word) != std::string_view::npos;
}

}  // namespace bulwark
