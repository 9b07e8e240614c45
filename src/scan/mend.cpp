#include "scan/mend.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"

namespace bulwark::scan {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Characters that may stand beside a word without being part of a longer one, a quoted text or a template.
bool ends_word(char c) {
  return std::string_view(" \t\r\n,;:=()[]{}").find(c) != std::string_view::npos;
}

bool stands_alone(std::string_view text, std::uint64_t offset, std::size_t size) {
  const std::uint64_t end = offset + size;
  return (offset == 0 || ends_word(text[offset - 1])) && (end == text.size() || ends_word(text[end]));
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// As `pattern` is written: in capitals, with a capital, or neither.
std::string written_like(std::string_view pattern, std::string_view word) {
  std::string out(word);
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto capital = [](char& c) { c = static_cast<char>(c - 'a' + 'A'); };
  if (pattern.size() > 1 && is_capital(pattern[1])) {
    std::ranges::for_each(out, capital);
  } else if (is_capital(pattern[0])) {
    capital(out[0]);
  }
  return out;
}

}  // namespace

std::vector<Edit> mend_word(std::string_view text, std::uint64_t offset, std::string_view word,
                            std::string_view by) {
  if (word.empty() || offset > text.size() || !text.substr(offset).starts_with(word) ||
      !stands_alone(text, offset, word.size()))
    return {};
  return {{offset, std::string(word), std::string(by)}};
}

std::vector<Edit> mend_switch(std::string_view text, std::uint64_t offset, bool on) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSwitches = {
      {{"true", "false"}, {"yes", "no"}, {"on", "off"}}};
  if (offset >= text.size()) return {};
  std::size_t size = 0;
  while (size < 6 && offset + size < text.size() && is_letter(text[offset + size])) ++size;
  const std::string_view word = text.substr(offset, size);
  const std::string small = lower(word);
  for (const auto& [yes, no] : kSwitches)
    if (small == (on ? no : yes)) return mend_word(text, offset, word, written_like(word, on ? yes : no));
  return {};
}

std::vector<Edit> drop_word(std::string_view text, std::uint64_t offset, std::string_view word) {
  if (word.empty() || offset == 0 || offset > text.size() || !text.substr(offset).starts_with(word))
    return {};
  const std::uint64_t end = offset + word.size();
  if (text[offset - 1] != ' ' || (end < text.size() && !is_space(text[end]))) return {};
  return {{offset - 1, " " + std::string(word), ""}};
}

}  // namespace bulwark::scan
