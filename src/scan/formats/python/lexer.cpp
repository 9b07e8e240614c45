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

// Length of the operator at the start of `rest`, 0 if there is none.
std::size_t operator_length(std::string_view rest) {
  constexpr std::string_view kAll = "+-*/%&|^~<>()[]{},:.;=!@";
  const char first = rest[0];
  if (kAll.find(first) == std::string_view::npos) return 0;
  const char second = rest.size() > 1 ? rest[1] : '\0';
  const char third = rest.size() > 2 ? rest[2] : '\0';
  const bool doubled = second == first && std::string_view("*/<>").find(first) != std::string_view::npos;
  if (doubled && third == '=') return 3;
  if (first == '.' && second == '.' && third == '.') return 3;
  if (doubled) return 2;
  if (second == '=' && std::string_view("!=<>+-*/%&|^@:").find(first) != std::string_view::npos) return 2;
  if ((first == '-' || first == '<') && second == '>') return 2;
  return first == '!' ? 0 : 1;
}

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

  // Reads on inside of `source`, from `at`; `line_start` may lie before it.
  Lexer(std::string_view source, std::size_t at, std::uint32_t line, std::size_t line_start)
      : source_(source),
        limit_(source.size() + 1),
        at_(at),
        line_start_(line_start),
        line_(line),
        brackets_(1) {}

  std::vector<Token> run(bool* reset) {
    tokens_.reserve(std::min(limit_, source_.size() / 5 + 16));
    begin_line();
    while (at_ < source_.size() && tokens_.size() < limit_) step();
    if (!tokens_.empty() && tokens_.back().kind != Kind::Newline) push(Kind::Newline, 0);
    for (; indents_.size() > 1; indents_.pop_back()) push(Kind::Dedent, 0);
    push(Kind::End, 0);
    if (reset != nullptr) *reset = reset_;
    return std::move(tokens_);
  }
  std::size_t end_of_field(std::size_t open) { return field_end(open, 0); }
  std::vector<Token> run_field() {
    while (at_ < source_.size()) step();
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
  std::size_t format_end(std::size_t begin, char quote, bool triple, std::uint32_t depth);
  std::size_t field_end(std::size_t open, std::uint32_t depth);
  [[nodiscard]] bool definition_begins() const;
  void number();

  std::string_view source_;
  std::size_t limit_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t brackets_ = 0;
  std::size_t in_vain(std::size_t at) {
    furthest_ = at;
    return std::string_view::npos;
  }

  std::size_t furthest_ = 0;
  std::size_t wasted_ = 0;  // bytes of f-strings that were read in vain
  bool reset_ = false;
  std::vector<std::size_t> indents_{0};
  std::vector<Token> tokens_;
};

constexpr std::uint32_t kFormatDepth = 6;              // f-strings within f-strings
constexpr std::size_t kWasted = std::size_t{1} << 20;  // then braces of f-strings are text

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
    if (width > indents_.back() && indents_.size() < kIndents) {
      indents_.push_back(width);
      push(Kind::Indent, 0);
    }
    for (; width < indents_.back(); indents_.pop_back()) push(Kind::Dedent, 0);
    return;
  }
}

// Behind the closing quote of the f-string whose text begins at `begin`, or npos. Since Python 3.12 the
// expressions inside may hold the same quotes.
std::size_t Lexer::format_end(std::size_t begin, char quote, bool triple, std::uint32_t depth) {
  if (depth > kFormatDepth) return in_vain(begin);
  for (std::size_t at = begin; at < source_.size(); ++at) {
    const char c = source_[at];
    if (c == '\\') {
      ++at;
    } else if (c == '\n' && !triple) {
      return in_vain(at);
    } else if (c == quote && (!triple || (source_.substr(at + 1, 1) == source_.substr(at, 1) &&
                                          source_.substr(at + 2, 1) == source_.substr(at, 1)))) {
      return at + (triple ? 3 : 1);
    } else if (c == '{') {
      if (source_.substr(at + 1, 1) == "{") {
        ++at;
        continue;
      }
      at = field_end(at, depth);
      if (at == std::string_view::npos) return at;
    }
  }
  return in_vain(source_.size());
}

// The brace that closes the one at `open`, or npos.
std::size_t Lexer::field_end(std::size_t open, std::uint32_t depth) {
  std::uint32_t nested = 0;
  for (std::size_t at = open + 1; at < source_.size(); ++at) {
    const char c = source_[at];
    if (c == '{' || c == '(' || c == '[') ++nested;
    if (c == ')' || c == ']') nested -= nested > 0 ? 1 : 0;
    if (c == '}') {
      if (nested == 0) return at;
      --nested;
    }
    if (c != '"' && c != '\'') continue;
    const bool triple = source_.substr(at + 1, 1) == source_.substr(at, 1) &&
                        source_.substr(at + 2, 1) == source_.substr(at, 1);
    const std::string_view letters = source_.substr(at - std::min<std::size_t>(at, 2), 2);
    const bool format =
        (letters.back() | 0x20) == 'f' || ((letters.back() | 0x20) == 'r' && (letters.front() | 0x20) == 'f');
    std::size_t end = at + (triple ? 3 : 1);
    if (format) {
      end = format_end(end, c, triple, depth + 1);
      if (end == std::string_view::npos) return end;
    } else {
      while (end < source_.size() && source_[end] != c) {
        if (source_[end] == '\n' && !triple) return in_vain(end);
        end += source_[end] == '\\' ? 2U : 1U;
      }
      end += triple ? 3U : 1U;
    }
    at = end - 1;
  }
  return in_vain(source_.size());
}

void Lexer::string(std::size_t prefix) {
  const std::size_t begin = at_;
  const char quote = source_[at_ + prefix];
  const bool triple = source_.size() - at_ - prefix >= 3 && source_[at_ + prefix + 1] == quote &&
                      source_[at_ + prefix + 2] == quote;
  const std::size_t text = at_ + prefix + (triple ? 3 : 1);
  std::size_t end = text;
  bool closed = false;
  const std::string_view letters = source_.substr(at_, prefix);
  if (letters.find_first_of("fFtT") != std::string_view::npos && wasted_ < kWasted) {
    end = format_end(text, quote, triple, 0);
    closed = end != std::string_view::npos;
    if (!closed) {
      wasted_ += furthest_ - std::min(furthest_, text);
      end = text;
    }
  }
  for (; end < source_.size() && !closed; ++end) {
    const char c = source_[end];
    if (c == '\\' && end + 1 < source_.size()) {
      if (source_[++end] == '\r' && end + 1 < source_.size() && source_[end + 1] == '\n') ++end;
    } else if (c == '\n') {
      if (!triple) break;
    } else if (c == quote && (!triple || (end + 2 < source_.size() && source_[end + 1] == quote &&
                                          source_[end + 2] == quote))) {
      end += triple ? 2 : 0;
      closed = true;
    }
  }
  end = std::min(end, source_.size());
  push(closed ? Kind::String : Kind::Bad, end - begin);
  const std::string_view whole = source_.substr(begin, end - begin);
  const std::size_t last = whole.rfind('\n');
  if (last == std::string_view::npos) return;
  line_ += static_cast<std::uint32_t>(std::ranges::count(whole, '\n'));
  line_start_ = begin + last + 1;
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

// At the start of a line: what follows can stand in no bracket.
bool Lexer::definition_begins() const {
  const std::string_view rest = source_.substr(at_, 64);
  const auto follows = [&](std::string_view word) {
    return rest.starts_with(word) && rest.size() > word.size() && is_name_start(rest[word.size()]);
  };
  if (follows("def ") || follows("class ") || follows("import ")) return true;
  return follows("from ") && rest.find(" import ") != std::string_view::npos;
}

void Lexer::step() {
  const char c = source_[at_];
  if (c == '\n') {
    if (brackets_ == 0) push(Kind::Newline, 0);
    next_line();
    if (brackets_ == 0) return begin_line();
    if (!definition_begins()) return;
    // Somebody forgot to close a bracket, or hides code behind one: read on as if it was closed.
    brackets_ = 0;
    reset_ = true;
    push(Kind::Newline, 0);
    return begin_line();
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
  const std::size_t prefix = string_prefix(source_.substr(at_, 4));
  if (prefix != std::string_view::npos) return string(prefix);
  if (is_name_start(c)) {
    std::size_t end = at_;
    while (end < source_.size() && is_name(source_[end])) ++end;
    return push(Kind::Name, end - at_);
  }
  if (is_digit(c) || (c == '.' && at_ + 1 < source_.size() && is_digit(source_[at_ + 1]))) return number();
  const std::size_t length = operator_length(source_.substr(at_, 3));
  if (length == 0) return push(Kind::Bad, 1);
  if (c == '(' || c == '[' || c == '{') ++brackets_;
  if ((c == ')' || c == ']' || c == '}') && brackets_ > 0) --brackets_;
  push(Kind::Operator, length);
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

std::vector<Token> tokens_of(std::string_view source, std::size_t limit, bool* reset_brackets) {
  return Lexer(source, limit).run(reset_brackets);
}

std::vector<Token> field_tokens(const Token& format) {
  std::vector<Token> tokens;
  // Views of one source: what the token does not reach is not looked at.
  const std::string_view text = format.text;
  std::size_t line_start = 0;
  std::uint32_t line = format.line;
  std::size_t counted = 0;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open)) {
    if (text.substr(open + 1, 1) == "{") {
      open += 2;
      continue;
    }
    const std::size_t close = Lexer(text, 0).end_of_field(open);
    if (close == std::string_view::npos) break;
    for (; counted < open; ++counted) {
      if (text[counted] != '\n') continue;
      ++line;
      line_start = counted + 1;
    }
    for (Token& token : Lexer(text.substr(0, close), open + 1, line, line_start).run_field()) {
      if (token.line == format.line) token.column += format.column - 1;
      token.offset += format.offset;
      tokens.push_back(token);
    }
    open = close + 1;
  }
  return tokens;
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
