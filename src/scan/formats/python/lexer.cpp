#include "scan/formats/python/lexer.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace bulwark::python {
namespace {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name(char c) {
  return is_name_start(c) || is_digit(c);
}

// Longest first.
constexpr std::array<std::string_view, 47> kOperators = {
    "**=", "//=", ">>=", "<<=", "...", "!=", "==", "<=", ">=", "->", ":=", "+=", "-=", "*=", "/=", "%=",
    "&=",  "|=",  "^=",  "@=",  "**",  "//", "<<", ">>", "<>", "+",  "-",  "*",  "/",  "%",  "&",  "|",
    "^",   "~",   "<",   ">",   "(",   ")",  "[",  "]",  "{",  "}",  ",",  ":",  ".",  ";",  "=",
};

// Length of the prefix of a string literal that starts here (0 with the quote itself), or npos.
std::size_t string_prefix(std::string_view rest) {
  std::size_t length = 0;
  while (length < 3 && length < rest.size()) {
    const char c = rest[length];
    if (c == '"' || c == '\'') return length;
    if (std::string_view("rRbBuUfFtT").find(c) == std::string_view::npos) return std::string_view::npos;
    ++length;
  }
  return length < rest.size() && (rest[length] == '"' || rest[length] == '\'') ? length
                                                                               : std::string_view::npos;
}

class Lexer {
 public:
  Lexer(std::string_view source, std::size_t limit) : source_(source), limit_(limit) {
    if (source_.starts_with("\xEF\xBB\xBF")) at_ = line_start_ = 3;
  }

  std::vector<Token> run() {
    begin_line();
    while (at_ < source_.size() && tokens_.size() < limit_) step();
    if (!tokens_.empty() && tokens_.back().kind != Kind::Newline) push(Kind::Newline, 0);
    for (; indents_.size() > 1; indents_.pop_back()) push(Kind::Dedent, 0);
    push(Kind::End, 0);
    return std::move(tokens_);
  }

 private:
  void push(Kind kind, std::size_t length) {
    tokens_.push_back({.kind = kind,
                       .text = source_.substr(std::min(at_, source_.size()), length),
                       .offset = at_,
                       .line = line_,
                       .column = static_cast<std::uint32_t>(at_ - line_start_ + 1)});
    at_ += length;
  }
  void next_line() {
    ++at_;
    ++line_;
    line_start_ = at_;
  }
  void begin_line();
  void step();
  void string(std::size_t prefix);
  void number();

  std::string_view source_;
  std::size_t limit_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t brackets_ = 0;
  std::vector<std::size_t> indents_{0};
  std::vector<Token> tokens_;
};

// Measures the indentation of the next line that is not blank.
void Lexer::begin_line() {
  for (;;) {
    std::size_t width = 0;
    while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\t' || source_[at_] == '\f')) {
      width = source_[at_] == '\t' ? width / 8 * 8 + 8 : width + 1;
      ++at_;
    }
    if (at_ < source_.size() && source_[at_] == '#') at_ = std::min(source_.find('\n', at_), source_.size());
    if (at_ >= source_.size()) return;
    if (source_[at_] == '\r' && at_ + 1 < source_.size() && source_[at_ + 1] == '\n') ++at_;
    if (source_[at_] == '\n') {
      next_line();
      continue;
    }
    if (width > indents_.back()) {
      if (indents_.size() < 200) indents_.push_back(width);
      push(Kind::Indent, 0);
    }
    for (; width < indents_.back(); indents_.pop_back()) push(Kind::Dedent, 0);
    return;
  }
}

void Lexer::string(std::size_t prefix) {
  const std::size_t begin = at_;
  const char quote = source_[at_ + prefix];
  const bool triple = source_.substr(at_ + prefix, 3) == std::string(3, quote);
  std::size_t end = at_ + prefix + (triple ? 3 : 1);
  std::uint32_t lines = 0;
  std::size_t last_line = 0;
  bool closed = false;
  for (; end < source_.size() && !closed; ++end) {
    const char c = source_[end];
    if (c == '\\' && end + 1 < source_.size()) {
      if (source_[++end] == '\n') last_line = end + 1, ++lines;
    } else if (c == '\n') {
      if (!triple) break;
      last_line = end + 1;
      ++lines;
    } else if (c == quote && (!triple || source_.substr(end, 3) == std::string(3, quote))) {
      end += triple ? 2 : 0;
      closed = true;
    }
  }
  push(closed ? Kind::String : Kind::Bad, end - begin);
  line_ += lines;
  if (lines > 0) line_start_ = last_line;
}

void Lexer::number() {
  std::size_t end = at_;
  while (end < source_.size() && (is_name(source_[end]) || source_[end] == '.' ||
                                  ((source_[end] == '+' || source_[end] == '-') && end > at_ &&
                                   (source_[end - 1] == 'e' || source_[end - 1] == 'E') &&
                                   !source_.substr(at_, 2).starts_with("0x"))))
    ++end;
  push(Kind::Number, end - at_);
}

void Lexer::step() {
  const char c = source_[at_];
  if (c == '\n') {
    if (brackets_ == 0) push(Kind::Newline, 0);
    next_line();
    if (brackets_ == 0) begin_line();
    return;
  }
  if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
    ++at_;
    return;
  }
  if (c == '#') {
    at_ = std::min(source_.find('\n', at_), source_.size());
    return;
  }
  if (c == '\\' && source_.substr(at_ + 1).starts_with("\n")) {
    ++at_;
    return next_line();
  }
  if (c == '\\' && source_.substr(at_ + 1).starts_with("\r\n")) {
    at_ += 2;
    return next_line();
  }
  const std::size_t prefix = string_prefix(source_.substr(at_));
  if (prefix != std::string_view::npos) return string(prefix);
  if (is_name_start(c)) {
    std::size_t end = at_;
    while (end < source_.size() && is_name(source_[end])) ++end;
    return push(Kind::Name, end - at_);
  }
  if (is_digit(c) || (c == '.' && at_ + 1 < source_.size() && is_digit(source_[at_ + 1]))) return number();
  for (const std::string_view op : kOperators) {
    if (!source_.substr(at_).starts_with(op)) continue;
    if (op == "(" || op == "[" || op == "{") ++brackets_;
    if ((op == ")" || op == "]" || op == "}") && brackets_ > 0) --brackets_;
    return push(Kind::Operator, op.size());
  }
  push(Kind::Bad, 1);
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The escape after the backslash at `body[at]`; returns how many characters it takes.
std::size_t escape(std::string_view body, std::size_t at, std::string& text) {
  const char c = body[at];
  const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits > 0) {
    std::uint32_t value = 0;
    std::size_t read = 0;
    while (read < digits && at + 1 + read < body.size() && hex_digit(body[at + 1 + read]) >= 0)
      value = value * 16 + static_cast<std::uint32_t>(hex_digit(body[at + 1 + read++]));
    append_utf8(text, value);
    return read + 1;
  }
  if (c >= '0' && c <= '7') {
    std::uint32_t value = 0;
    std::size_t read = 0;
    while (read < 3 && at + read < body.size() && body[at + read] >= '0' && body[at + read] <= '7')
      value = value * 8 + static_cast<std::uint32_t>(body[at + read++] - '0');
    append_utf8(text, value);
    return read;
  }
  constexpr std::string_view kFrom = "abfnrtv\\'\"\n";
  constexpr std::string_view kTo = "\a\b\f\n\r\t\v\\'\"";
  const std::size_t found = kFrom.find(c);
  if (found == std::string_view::npos) {
    text += '\\';
    text += c;
  } else if (found < kTo.size()) {
    text += kTo[found];
  }
  return 1;
}

}  // namespace

std::vector<Token> tokens_of(std::string_view source, std::size_t limit) {
  return Lexer(source, limit).run();
}

Literal literal_of(std::string_view token) {
  Literal literal;
  bool raw = false;
  while (!token.empty() && token[0] != '"' && token[0] != '\'') {
    const char c = static_cast<char>(token[0] | 0x20);
    raw = raw || c == 'r';
    literal.bytes = literal.bytes || c == 'b';
    literal.formatted = literal.formatted || c == 'f' || c == 't';
    token.remove_prefix(1);
  }
  const std::size_t quotes = token.size() >= 6 && token[0] == token[1] && token[1] == token[2] ? 3 : 1;
  if (token.size() < 2 * quotes) return literal;
  token = token.substr(quotes, token.size() - 2 * quotes);
  for (std::size_t at = 0; at < token.size();) {
    if (token[at] == '\\' && !raw && at + 1 < token.size()) {
      at += 1 + escape(token, at + 1, literal.text);
    } else {
      literal.text += token[at++];
    }
  }
  return literal;
}

}  // namespace bulwark::python
