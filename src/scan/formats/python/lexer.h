#pragma once
// Tokens of Python source, 2.7 to 3.14 and TorchScript's dialect. Tolerant: what is no token becomes
// Kind::Bad.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark::python {

enum class Kind : std::uint8_t { Name, Number, String, Operator, Newline, Indent, Dedent, Bad, End };

struct Token {
  Kind kind = Kind::End;
  std::string_view text;     // as written
  std::uint64_t offset = 0;  // byte in the source
  std::uint32_t line = 1;    // from 1
  std::uint32_t column = 1;  // from 1, in bytes

  [[nodiscard]] bool is(std::string_view op) const { return kind == Kind::Operator && text == op; }
  [[nodiscard]] bool word(std::string_view name) const { return kind == Kind::Name && text == name; }
};

// All tokens, ended by Kind::End; comments and blank lines are gone. Stops after `limit` tokens.
// `reset_brackets` (optional) receives whether a bracket was still open where a definition or import began.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view source, std::size_t limit,
                                           bool* reset_brackets = nullptr);

// The expressions between the braces of an f-string token, as tokens with their places in the source; each
// ended by Kind::End. `depth` levels of nested braces are looked into.
[[nodiscard]] std::vector<Token> field_tokens(const Token& format);

// Deeper indentation than any compiler accepts (CPython: 100) is read as if it were not there.
inline constexpr std::size_t kIndents = 150;

// What a string token says: quotes and prefix removed, escapes resolved (not in raw strings). Of an f-string
// the text between the braces stays as it is written; `formatted` says so.
struct Literal {
  std::string text;
  bool bytes = false;
  bool formatted = false;
};
[[nodiscard]] Literal literal_of(std::string_view token);

}  // namespace bulwark::python
