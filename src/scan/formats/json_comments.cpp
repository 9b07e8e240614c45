#include "scan/formats/json_comments.h"

#include <algorithm>

namespace bulwark::scan {
namespace {

// Behind the closing quote of the string that starts at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (; from < to; ++from)
    if (text[from] != '\n') text[from] = ' ';
}

}  // namespace

std::string without_json_comments(std::string_view text) {
  std::string out(text);
  std::size_t comma = std::string_view::npos;  // the last one, if only blanks and comments follow it so far
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = end_of_string(text, at);
      comma = std::string_view::npos;
    } else if (text.substr(at, 2) == "//") {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      blank(out, at, end);
      at = end;
    } else if (text.substr(at, 2) == "/*") {
      const std::size_t close = text.find("*/", at + 2);
      const std::size_t end = close == std::string_view::npos ? text.size() : close + 2;
      blank(out, at, end);
      at = end;
    } else {
      const char letter = text[at];
      if (letter == ',') comma = at;
      if ((letter == '}' || letter == ']') && comma != std::string_view::npos) blank(out, comma, comma + 1);
      if (letter != ',' && letter != ' ' && letter != '\t' && letter != '\r' && letter != '\n')
        comma = std::string_view::npos;
      ++at;
    }
  }
  return out;
}

}  // namespace bulwark::scan
