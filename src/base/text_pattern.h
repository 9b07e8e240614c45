#pragma once
// A regular expression of a JSON Schema, matched anywhere in a UTF-8 text in linear time (RE2).

#include <memory>
#include <string_view>

#include "base/result.h"

namespace bulwark {

class TextPattern {
 public:
  // `expression`: ECMA-262 as schemas use it. Errors: Unsupported for what RE2 cannot do (look-around,
  // back-references) and for what is no expression.
  [[nodiscard]] static Result<TextPattern> compile(std::string_view expression);
  ~TextPattern();
  TextPattern(TextPattern&&) noexcept;
  TextPattern& operator=(TextPattern&&) noexcept;

  // Threads: safe from many at once. Text that is no UTF-8 does not match.
  [[nodiscard]] bool found_in(std::string_view text) const;

 private:
  struct Compiled;
  explicit TextPattern(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace bulwark
