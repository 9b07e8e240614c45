#pragma once
// Whether a word is one of a few.

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace bulwark {

[[nodiscard]] constexpr bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace bulwark
