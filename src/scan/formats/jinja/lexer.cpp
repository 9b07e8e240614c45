#include "scan/formats/jinja/lexer.h"

#include <array>
#include <charconv>
#include <cstddef>

#include "base/encoding.h"

namespace bulwark::scan::jinja {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}

// Up to `count` digits of `base` at `at`; returns how many were read.
std::size_t read_digits(std::string_view body, std::size_t at, std::size_t count, int base,
                        std::uint32_t& value) {
  const std::size_t room = body.size() - at < count ? body.size() - at : count;
  const char* begin = body.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + room, value, base);
  return error == std::errc{} ? static_cast<std::size_t>(end - begin) : 0;
}

struct SimpleEscape {
  char written;
  char meant;
};
constexpr std::array kSimpleEscapes = {
    SimpleEscape{'n', '\n'},  SimpleEscape{'t', '\t'}, SimpleEscape{'r', '\r'}, SimpleEscape{'a', '\a'},
    SimpleEscape{'b', '\b'},  SimpleEscape{'f', '\f'}, SimpleEscape{'v', '\v'}, SimpleEscape{'\\', '\\'},
    SimpleEscape{'\'', '\''}, SimpleEscape{'"', '"'},
};

// One escape at `at` (just after the backslash), as Python's unicode-escape codec reads it; returns its
// length.
std::size_t unescape_one(std::string_view body, std::size_t at, std::string& out) {
  const char c = body[at];
  for (const auto& escape : kSimpleEscapes) {
    if (escape.written != c) continue;
    out += escape.meant;
    return 1;
  }
  if (c == '\n') return 1;
  std::uint32_t value = 0;
  if (c == 'x' || c == 'u' || c == 'U') {
    const std::size_t wanted = c == 'x' ? 2 : c == 'u' ? 4 : 8;
    if (read_digits(body, at + 1, wanted, 16, value) == wanted && value < 0x110000) {
      append_utf8(out, value);
      return 1 + wanted;
    }
  } else if (c >= '0' && c <= '7') {
    const std::size_t read = read_digits(body, at, 3, 8, value);
    append_utf8(out, value);
    return read;
  } else if (c == 'N' && body.substr(at + 1).starts_with("{LOW LINE}")) {
    // The one character name that matters: it builds "__class__" without an underscore in sight.
    out += '_';
    return 11;
  }
  out += '\\';
  out += c;
  return 1;
}

std::string unescape(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size();) {
    if (body[i] != '\\' || i + 1 == body.size()) {
      out += body[i++];
      continue;
    }
    i += 1 + unescape_one(body, i + 1, out);
  }
  return out;
}

std::string_view right_trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Lexed run() {
    while (at_ < source_.size() && out_.stopped.empty()) root();
    out_.tokens.push_back({.kind = TokenKind::End, .source = {}, .offset = at_});
    return std::move(out_);
  }

 private:
  void stop(std::string message, std::size_t offset) {
    out_.stopped.push_back(Error{Code::InvalidInput, std::move(message), offset});
    at_ = source_.size();
  }
  void add(TokenKind kind, std::size_t begin, std::size_t end) {
    out_.tokens.push_back({.kind = kind, .source = source_.substr(begin, end - begin), .offset = begin});
  }
  void add_data(std::size_t begin, std::size_t end, bool trim_end) {
    if (strip_next_) {
      while (begin < end && is_blank(source_[begin])) ++begin;
    }
    strip_next_ = false;
    std::string_view text = source_.substr(begin, end - begin);
    if (trim_end) text = right_trimmed(text);
    if (!text.empty()) out_.tokens.push_back({.kind = TokenKind::Data, .source = text, .offset = begin});
  }

  // Text up to the next tag, then the tag.
  void root() {
    std::size_t tag = at_;
    while (true) {
      tag = source_.find('{', tag);
      if (tag == std::string_view::npos || tag + 1 >= source_.size()) {
        add_data(at_, source_.size(), false);
        at_ = source_.size();
        return;
      }
      const char next = source_[tag + 1];
      if (next == '{' || next == '%' || next == '#') break;
      ++tag;
    }
    const char kind = source_[tag + 1];
    std::size_t after = tag + 2;
    const bool strip = after < source_.size() && source_[after] == '-';
    add_data(at_, tag, strip);
    if (after < source_.size() && (strip || source_[after] == '+')) ++after;
    if (kind == '#') {
      comment(tag, after);
    } else if (kind == '%' && raw_block(tag, after)) {
      return;
    } else {
      add(kind == '{' ? TokenKind::VariableBegin : TokenKind::BlockBegin, tag, after);
      at_ = after;
      inside(kind == '{' ? "}}" : "%}", kind == '{' ? TokenKind::VariableEnd : TokenKind::BlockEnd, tag);
    }
  }

  void comment(std::size_t tag, std::size_t after) {
    const std::size_t end = source_.find("#}", after);
    if (end == std::string_view::npos) return stop("comment is never closed", tag);
    strip_next_ = end > after && source_[end - 1] == '-';
    at_ = end + 2;
  }

  // {% name %} at `after` (behind the opening delimiter); returns the offset behind it, or npos.
  std::size_t simple_tag(std::size_t after, std::string_view name, bool& strip) const {
    while (after < source_.size() && is_blank(source_[after])) ++after;
    if (!source_.substr(after).starts_with(name)) return std::string_view::npos;
    after += name.size();
    while (after < source_.size() && is_blank(source_[after])) ++after;
    strip = after < source_.size() && source_[after] == '-';
    if (strip || (after < source_.size() && source_[after] == '+')) ++after;
    return source_.substr(after).starts_with("%}") ? after + 2 : std::string_view::npos;
  }

  bool raw_block(std::size_t tag, std::size_t after) {
    bool strip = false;
    const std::size_t body = simple_tag(after, "raw", strip);
    if (body == std::string_view::npos) return false;
    for (std::size_t end = source_.find("{%", body); end != std::string_view::npos;
         end = source_.find("{%", end + 2)) {
      std::size_t inner = end + 2;
      const bool trim_end = inner < source_.size() && source_[inner] == '-';
      if (inner < source_.size() && (trim_end || source_[inner] == '+')) ++inner;
      bool strip_after = false;
      const std::size_t next = simple_tag(inner, "endraw", strip_after);
      if (next == std::string_view::npos) continue;
      strip_next_ = strip;
      add_data(body, end, trim_end);
      strip_next_ = strip_after;
      at_ = next;
      return true;
    }
    stop("raw block is never closed", tag);
    return true;
  }

  // Tokens of one tag. Closing delimiters count only outside of brackets, as in jinja2.
  void inside(std::string_view close, TokenKind end_kind, std::size_t tag) {
    std::string open;
    while (true) {
      while (at_ < source_.size() && is_blank(source_[at_])) ++at_;
      if (at_ >= source_.size()) return stop("tag is never closed", tag);
      if (open.empty()) {
        const std::size_t sign = source_[at_] == '-' || source_[at_] == '+' ? 1U : 0U;
        if (source_.substr(at_ + sign).starts_with(close)) {
          add(end_kind, at_, at_ + sign + 2);
          strip_next_ = source_[at_] == '-';
          at_ += sign + 2;
          return;
        }
      }
      if (!one_token(open)) return;
    }
  }

  bool one_token(std::string& open) {
    const std::size_t begin = at_;
    const char c = source_[begin];
    if (is_name_start(c)) {
      while (at_ < source_.size() && is_name_part(source_[at_])) ++at_;
      add(TokenKind::Name, begin, at_);
      return true;
    }
    if (is_digit(c)) {
      number();
      return true;
    }
    if (c == '"' || c == '\'') return string_literal(c);
    return operator_token(open);
  }

  void number() {
    const std::size_t begin = at_;
    bool real = false;
    while (at_ < source_.size()) {
      const char c = source_[at_];
      const bool fraction = c == '.' && !real && at_ + 1 < source_.size() && is_digit(source_[at_ + 1]);
      const bool signed_exponent = (c == '+' || c == '-') &&
                                   (source_[at_ - 1] == 'e' || source_[at_ - 1] == 'E') &&
                                   !source_.substr(begin).starts_with("0x");
      if (fraction || signed_exponent) real = true;
      if (!is_name_part(c) && !fraction && !signed_exponent) break;
      ++at_;
    }
    add(real ? TokenKind::Float : TokenKind::Integer, begin, at_);
  }

  bool string_literal(char quote) {
    const std::size_t begin = at_;
    for (std::size_t i = begin + 1; i < source_.size(); ++i) {
      if (source_[i] == '\\') {
        ++i;
      } else if (source_[i] == quote) {
        add(TokenKind::String, begin, i + 1);
        out_.tokens.back().text = unescape(source_.substr(begin + 1, i - begin - 1));
        at_ = i + 1;
        return true;
      }
    }
    stop("string is never closed", begin);
    return false;
  }

  bool operator_token(std::string& open) {
    static constexpr std::array<std::string_view, 6> kDouble = {"//", "**", "==", "!=", ">=", "<="};
    static constexpr std::string_view kSingle = "+-/*%~[](){}<>=.:|,;";
    const std::size_t begin = at_;
    for (const auto text : kDouble) {
      if (!source_.substr(begin).starts_with(text)) continue;
      at_ += 2;
      add(TokenKind::Operator, begin, at_);
      return true;
    }
    const char c = source_[begin];
    if (kSingle.find(c) == std::string_view::npos) {
      stop("unexpected character in a tag", begin);
      return false;
    }
    if (c == '(' || c == '[' || c == '{') open += c;
    if (c == ')' || c == ']' || c == '}') {
      const char expected = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (open.empty() || open.back() != expected) {
        stop("unbalanced bracket in a tag", begin);
        return false;
      }
      open.pop_back();
    }
    ++at_;
    add(TokenKind::Operator, begin, at_);
    return true;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  bool strip_next_ = false;  // the last tag ended in "-"
  Lexed out_;
};

}  // namespace

Result<Lexed> lex(std::string_view source, const Limits& limits) {
  if (source.size() > limits.template_bytes) {
    return fail(Code::LimitReached, "template of " + std::to_string(source.size()) +
                                        " bytes is larger than " + std::to_string(limits.template_bytes));
  }
  return Lexer(source).run();
}

}  // namespace bulwark::scan::jinja
