#include "scan/secrets/assignment.h"

#include <algorithm>

namespace bulwark::scan::secrets {
namespace {

constexpr std::size_t kNameBefore = 50;
constexpr std::size_t kNameAfter = 20;
constexpr std::size_t kTypeLength = 40;
constexpr std::size_t kBlanks = 24;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_space(char c) {
  return is_blank(c) || c == '\n' || c == '\r';
}
bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}

// Walks through a text; at its end it sees NUL, which is in no class.
class Cursor {
 public:
  Cursor(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void step(std::size_t count = 1) { at_ += count; }
  template <class Class>
  std::size_t skip(std::size_t most, Class in_class) {
    std::size_t count = 0;
    while (count < most && in_class(peek())) {
      ++count;
      step();
    }
    return count;
  }
  bool take(std::string_view word) {
    if (!text_.substr(std::min(at_, text_.size())).starts_with(word)) return false;
    step(word.size());
    return true;
  }
  // A quote, or an escaped one as JSON and strings within strings write it.
  bool take_quote(char* which = nullptr) {
    const std::size_t slash = peek() == '\\' ? 1 : 0;
    if (!is_quote(peek(slash))) return false;
    if (which != nullptr) *which = peek(slash);
    step(slash + 1);
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

// `name="KEY" value=…` of XML, `- name: KEY` / `value: …` of YAML, `"name": "KEY", "value": …` of JSON.
bool take_value_word(Cursor& cursor) {
  Cursor ahead = cursor;
  if (ahead.peek() == ',') ahead.step();
  if (ahead.skip(kBlanks, is_space) == 0 && ahead.at() == cursor.at()) return false;
  ahead.take_quote();
  if (!ahead.take("value") && !ahead.take("Value") && !ahead.take("default")) return false;
  ahead.take_quote();
  ahead.skip(2, is_blank);
  if (ahead.peek() != ':' && ahead.peek() != '=') return false;
  cursor = ahead;
  return true;
}

bool take_operator(Cursor& cursor) {
  switch (cursor.peek()) {
    case '=':
      cursor.step();
      if (cursor.peek() == '>') cursor.step();
      return cursor.peek() != '~';
    case ':':
      cursor.skip(3, [](char c) { return c == ':'; });
      if (cursor.peek() == '=') cursor.step();
      return true;
    case '?': cursor.step(); return cursor.take("=");
    case '|': cursor.step(); return cursor.take("|");
    case '>':
    case ',': cursor.step(); return true;
    default: return false;
  }
}

// `: str = "…`, `: Option<&str> = Some("…`: the type between the name and its value.
void skip_type(Cursor& cursor) {
  Cursor ahead = cursor;
  ahead.skip(2, is_blank);
  const auto in_type = [](char c) {
    return is_name(c) || c == '[' || c == ']' || c == '<' || c == '>' || c == '&' || c == '*' || c == '|' ||
           c == '?' || is_blank(c);
  };
  if (ahead.skip(kTypeLength, in_type) < 2 || ahead.peek() != '=') return;
  ahead.step();
  ahead.skip(2, is_blank);
  if (is_quote(ahead.peek())) cursor = ahead;
}

}  // namespace

std::optional<Assignment> assignment_of(std::string_view text, Span keyword) {
  Cursor cursor(text, keyword.end);
  Assignment found;
  cursor.skip(kNameAfter, is_name);
  found.name = {keyword.begin, cursor.at()};
  cursor.skip(kNameAfter, [](char c) { return is_name(c) || is_blank(c); });
  const bool quoted_name = cursor.take_quote();
  if (cursor.peek() == ']' || (quoted_name && cursor.peek() == ')')) cursor.step();
  const char next = cursor.peek();
  if ((is_space(next) || next == ',') && take_value_word(cursor)) {
    // the operator of the value's own name follows
  } else {
    cursor.skip(3, is_space);
  }
  const char op = cursor.peek();
  if (!take_operator(cursor)) return std::nullopt;
  if (op == ':') skip_type(cursor);
  for (std::size_t i = 0; i < 5; ++i) {
    if (cursor.take_quote(&found.quote)) continue;
    if (!is_space(cursor.peek()) && cursor.peek() != '=') break;
    cursor.step();
  }
  found.value = cursor.at();
  while (found.name.begin > 0 && keyword.begin - found.name.begin < kNameBefore &&
         is_name(text[found.name.begin - 1]))
    --found.name.begin;
  return found;
}

}  // namespace bulwark::scan::secrets
