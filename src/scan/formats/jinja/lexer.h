#pragma once
// Cuts a Jinja2 template into tokens the way jinja2.lexer does with its default delimiters.
//
// Whitespace control ("-") is applied to the text around a tag; trim_blocks and lstrip_blocks are not,
// because templates are judged by what they reach, not by their exact output.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan::jinja {

enum class TokenKind : std::uint8_t {
  Data,           // text between tags
  VariableBegin,  // {{
  VariableEnd,
  BlockBegin,  // {%
  BlockEnd,
  Name,
  String,  // `text` with its escapes resolved
  Integer,
  Float,
  Operator,
  End,
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::string_view source;  // as written; Data: after whitespace control
  std::string text = {};    // String: the value
  std::uint64_t offset = 0;

  [[nodiscard]] bool is(TokenKind wanted, std::string_view value) const {
    return kind == wanted && source == value;
  }
};

struct Lexed {
  std::vector<Token> tokens;  // always ends with End
  // Why lexing stopped early; the tokens before are kept so that an unparsable template can still be
  // searched.
  std::vector<Error> stopped;  // at most one
};

// Errors: LimitReached when the template is larger than `template_bytes` of the limits.
[[nodiscard]] Result<Lexed> lex(std::string_view source, const Limits& limits);

}  // namespace bulwark::scan::jinja
