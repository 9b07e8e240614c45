#include "base/document_checks.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark {

std::string at_line(const Document& value) {
  return "line " + std::to_string(value.line);
}

std::unexpected<Error> wrong(const Document& value, std::string_view what) {
  return fail(Code::InvalidInput, at_line(value) + ": " + std::string(what), value.offset);
}

std::unexpected<Error> unknown(const Document& value, std::string_view kind, std::string_view word,
                               const std::vector<std::string_view>& known) {
  std::string text = "unknown " + std::string(kind) + " '" + printable(word, 60) + "'";
  const std::string_view guess = nearest(word, known);
  if (!guess.empty()) text += "; did you mean '" + std::string(guess) + "'?";
  return wrong(value, text);
}

Result<void> check_keys(const Document& map, std::string_view where,
                        const std::vector<std::string_view>& known) {
  if (!map.is_map())
    return wrong(map, std::string(where) + " must be a map of " + std::string(known.front()) + " …");
  for (std::size_t i = 0; i < map.map.size(); ++i) {
    const auto& [key, value] = map.map[i];
    if (std::ranges::find(known, key) == known.end()) return unknown(value, "key", key, known);
    for (std::size_t j = 0; j < i; ++j)
      if (map.map[j].first == key) return wrong(value, "key '" + key + "' comes twice");
  }
  return {};
}

std::string quoted(std::string_view text, std::size_t limit) {
  std::string out = "\"";
  // `printable` leaves nothing in it that needs more than these two.
  for (const char letter : printable(text, limit)) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + "\"";
}

}  // namespace bulwark
