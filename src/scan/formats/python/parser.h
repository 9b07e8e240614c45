#pragma once
// The parser behind parse(): it evaluates values while it reads statements. Internal to scan/formats/python.
//
// statements.cpp: statements and bindings; expressions.cpp: operators, names, literals; calls.cpp: what a
// call means.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/python/lexer.h"
#include "scan/formats/python/program.h"
#include "scan/formats/python/value.h"

namespace bulwark::python {

inline constexpr std::size_t kCalls = 20'000;  // kept
inline constexpr std::size_t kItems = 4096;    // of one list whose elements are remembered
inline constexpr std::uint64_t kEvaluated = std::uint64_t{64}
                                            << 20;  // bytes that constants may cost in one source

// Functions that need no import and that the evaluation knows.
inline constexpr std::array<std::string_view, 20> kBuiltins = {
    "eval",    "exec",         "compile", "execfile", "__import__", "getattr", "setattr",
    "globals", "locals",       "vars",    "chr",      "str",        "bytes",   "bytearray",
    "open",    "__builtins__", "map",     "dict",     "list",       "tuple",
};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

// State that nested texts (exec of a constant, f-strings) share with the source around them.
struct State {
  Program program;
  Options options;
  std::map<std::string, Value, std::less<>> variables;
  std::map<std::string, Taint, std::less<>> functions;  // local ones: what they return
  std::vector<std::string> stars;                       // modules of "from m import *"
  std::uint64_t evaluated = 0;                          // bytes that pure functions have looked at
};

// "builtins.eval" and its like are "eval".
[[nodiscard]] std::string normal(std::string dotted);

class Parser {
 public:
  Parser(std::string_view source, State& state, std::uint32_t nesting, const Token* place)
      : state_(state), nesting_(nesting), place_(place), tokens_(tokens_of(source, state.options.tokens)) {
    if (tokens_.size() >= state.options.tokens) state.program.complete = false;
  }

  void statements(bool import_time);
  Value single_expression() { return list(0); }

 private:
  [[nodiscard]] const Token& now() const { return tokens_[std::min(at_, tokens_.size() - 1)]; }
  [[nodiscard]] const Token& after(std::size_t n = 1) const {
    return tokens_[std::min(at_ + n, tokens_.size() - 1)];
  }
  [[nodiscard]] bool ends() const { return now().kind == Kind::End; }
  [[nodiscard]] bool line_ends() const {
    return ends() || now().kind == Kind::Newline || now().kind == Kind::Dedent || now().is(";");
  }
  void next() { at_ = std::min(at_ + 1, tokens_.size() - 1); }
  bool take(std::string_view op) {
    if (!now().is(op)) return false;
    next();
    return true;
  }
  bool take_word(std::string_view word) {
    if (!now().word(word)) return false;
    next();
    return true;
  }
  void clearly() { state_.program.clearly += nesting_ == 0 ? 1 : 0; }

  // Nothing but the ends of blocks follows.
  [[nodiscard]] bool is_last() const {
    std::size_t at = at_;
    while (tokens_[at].kind == Kind::Newline || tokens_[at].kind == Kind::Dedent) ++at;
    return tokens_[at].kind == Kind::End;
  }
  // The statement from token `begin` to the end has more opening brackets than closing ones, or an open
  // string.
  [[nodiscard]] bool ends_open(std::size_t begin) const {
    std::int64_t open = 0;
    for (std::size_t i = begin; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.is("(") || token.is("[") || token.is("{")) ++open;
      if (token.is(")") || token.is("]") || token.is("}")) --open;
      if (token.kind == Kind::Bad && token.text.size() > 1) return true;
    }
    return open > 0;
  }
  void statement();
  void compound();
  void import_statement();
  void from_statement();
  void definition();
  void parameters();
  void assignment_or_expression();
  void bind_range(std::size_t begin, std::size_t end, const Value& value);
  void bind(const std::string& name, const Value& value);
  std::string dotted_name();

  Value list(std::uint32_t depth);
  Value expression(std::uint32_t depth);
  Value unit(std::uint32_t depth);
  Value atom(std::uint32_t depth);
  Value name(const Token& token);
  Value strings();
  Value bracketed(std::uint32_t depth);
  Value lambda(std::uint32_t depth);
  Value attribute(const Value& of, const Token& token);
  Value item(const Value& of, std::uint32_t depth);
  Value call(const Value& callee, const Value& subject, std::string_view method, const Token& where,
             std::uint32_t depth);
  Value result_of(const Value& callee, const Value& subject, std::string_view method,
                  std::vector<Value>& arguments, const Token& where);
  void record(const Value& callee, const std::vector<Value>& arguments, const Token& where, bool keep_text);
  void gadget(std::string_view what, const Token& where);

  // Charges the evaluation of constants; false once a source has cost more than any real one does.
  bool affordable(std::size_t bytes) {
    state_.evaluated += bytes;
    if (state_.evaluated <= kEvaluated) return true;
    state_.program.complete = false;
    return false;
  }
  Value sum(const Value& left, const Value& right) {
    const std::size_t bytes = left.text && right.text ? left.text->size() + right.text->size() : 0;
    if (affordable(bytes)) return add(left, right);
    Value value{.taint = left.taint};
    value.taint |= right.taint;
    value.taint.computed = true;
    return value;
  }
  void inline_statement() {
    constexpr std::array<std::string_view, 14> kBlocks = {"if",    "elif",   "else",  "while",   "for",
                                                          "try",   "except", "def",   "finally", "with",
                                                          "class", "async",  "match", "case"};
    // Only simple statements may share a line with a colon; anything else would be input-driven recursion.
    if (now().kind == Kind::Name && contains(kBlocks, now().text) && !after().is("=") && !after().is(".")) {
      failed_ = true;
    } else {
      statement();
    }
  }

  [[nodiscard]] const Token& place_of(const Token& token) const {
    return place_ != nullptr ? *place_ : token;
  }

  State& state_;
  std::uint32_t nesting_;
  const Token* place_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  bool failed_ = false;
  bool function_next_ = false;  // the next indented block is the body of a function
  bool on_function_line_ = false;
  std::vector<bool> blocks_;  // open blocks; true: of a function (or of `if __name__ == "__main__"`)
  bool import_time_ = true;
  std::string function_;  // the innermost definition, for what it returns
};

}  // namespace bulwark::python
