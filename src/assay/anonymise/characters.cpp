#include "assay/anonymise/characters.h"

#include "base/text.h"

namespace bulwark::assay::anonymise {
namespace {

std::size_t length_at(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 1) return 1;
  return length <= text.size() && is_utf8(text.substr(0, length)) ? length : 1;
}

}  // namespace

Sort sort_of(std::string_view character) {
  if (character.size() != 1) return Sort::Other;
  const char letter = character.front();
  if (letter >= '0' && letter <= '9') return Sort::Digit;
  if (letter >= 'A' && letter <= 'Z') return Sort::Upper;
  if (letter >= 'a' && letter <= 'z') return Sort::Lower;
  return letter >= ' ' && letter <= '~' ? Sort::Separator : Sort::Other;
}

void split_characters(std::string_view text, std::vector<std::string_view>& out) {
  out.clear();
  while (!text.empty()) {
    const std::size_t length = length_at(text);
    out.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

}  // namespace bulwark::assay::anonymise
