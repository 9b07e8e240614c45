#include "base/text_pattern.h"

#include <re2/re2.h>

#include <string>

#include "base/text.h"

namespace bulwark {
namespace {

constexpr std::int64_t kMemory = 16 << 20;  // of one automaton; CVSS vectors need a quarter of it

// ECMA-262 writes \uFFFF where RE2 writes \x{FFFF}.
std::string in_re2_syntax(std::string_view expression) {
  constexpr std::size_t kDigits = 4;
  std::string text;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const bool escape = expression[i] == '\\' && i + 1 < expression.size();
    if (escape && expression[i + 1] == 'u' && i + 2 + kDigits <= expression.size()) {
      text += "\\x{" + std::string(expression.substr(i + 2, kDigits)) + "}";
      i += 1 + kDigits;
      continue;
    }
    text += expression[i];
    if (escape) text += expression[++i];
  }
  return text;
}

}  // namespace

struct TextPattern::Compiled {
  RE2 re;
};

TextPattern::TextPattern(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
TextPattern::~TextPattern() = default;
TextPattern::TextPattern(TextPattern&&) noexcept = default;
TextPattern& TextPattern::operator=(TextPattern&&) noexcept = default;

Result<TextPattern> TextPattern::compile(std::string_view expression) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  auto compiled = std::unique_ptr<Compiled>(new Compiled{RE2(in_re2_syntax(expression), options)});
  if (!compiled->re.ok()) {
    return fail(Code::Unsupported, "the expression '" + printable(expression, 100) +
                                       "' cannot be used: " + printable(compiled->re.error(), 200));
  }
  return TextPattern(std::move(compiled));
}

bool TextPattern::found_in(std::string_view text) const {
  return is_utf8(text) && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->re);
}

}  // namespace bulwark
