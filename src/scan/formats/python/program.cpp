#include "scan/formats/python/program.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "scan/formats/python/lexer.h"
#include "scan/formats/python/value.h"

namespace bulwark::python {
namespace {

constexpr std::uint32_t kDepth = 100;   // nested brackets; people stay below ten
constexpr std::size_t kCalls = 20'000;  // kept
constexpr std::size_t kVariables = 200'000;
constexpr std::size_t kItems = 4096;                           // of one list whose elements are remembered
constexpr std::uint64_t kEvaluated = std::uint64_t{64} << 20;  // bytes that constants may cost in one source

constexpr std::array<std::string_view, 15> kGadgets = {
    "__subclasses__", "__globals__", "__builtins__", "__bases__",    "__mro__",
    "__code__",       "__closure__", "f_globals",    "f_builtins",   "gi_frame",
    "cr_frame",       "tb_frame",    "f_back",       "func_globals", "__base__",
};
constexpr std::array<std::string_view, 20> kBuiltins = {
    "eval",    "exec",         "compile", "execfile", "__import__", "getattr", "setattr",
    "globals", "locals",       "vars",    "chr",      "str",        "bytes",   "bytearray",
    "open",    "__builtins__", "map",     "dict",     "list",       "tuple",
};
constexpr std::array<std::string_view, 13> kOperatorWords = {
    "and", "or", "in", "is", "not", "if", "else", "for", "async", "await", "yield", "from", "lambda"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

// State that nested texts (exec of a constant, f-strings) share with the source around them.
struct State {
  Program program;
  Limits limits;
  std::map<std::string, Value, std::less<>> variables;
  std::map<std::string, Taint, std::less<>> functions;  // local ones: what they return
  std::vector<std::string> stars;                       // modules of "from m import *"
  std::uint64_t evaluated = 0;                          // bytes that pure functions have looked at
};

class Parser {
 public:
  Parser(std::string_view source, State& state, std::uint32_t nesting, const Token* place)
      : state_(state), nesting_(nesting), place_(place), tokens_(tokens_of(source, state.limits.tokens)) {
    if (tokens_.size() >= state.limits.tokens) state.program.complete = false;
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
  void record(const std::string& dotted, const std::vector<Value>& arguments, const Token& where);
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

std::string normal(std::string dotted) {
  for (const std::string_view prefix : {"builtins.", "__builtins__.", "__builtin__."})
    if (dotted.starts_with(prefix)) dotted.erase(0, prefix.size());
  return dotted;
}

void Parser::statements(bool import_time) {
  import_time_ = import_time;
  while (!ends()) {
    const Token& token = now();
    if (token.kind == Kind::Newline || token.is(";")) {
      if (token.kind == Kind::Newline) on_function_line_ = false;
      next();
    } else if (token.kind == Kind::Indent) {
      blocks_.push_back(function_next_);
      function_next_ = false;
      next();
    } else if (token.kind == Kind::Dedent) {
      if (!blocks_.empty()) blocks_.pop_back();
      next();
    } else {
      const std::size_t begin = at_;
      failed_ = false;
      ++state_.program.statements;
      statement();
      if (failed_ || !(line_ends() || now().kind == Kind::Indent) || at_ == begin) {
        ++state_.program.unreadable;
        while (!ends() && now().kind != Kind::Newline) next();
        if (nesting_ == 0 &&
            (ends() || tokens_[at_ + 1].kind == Kind::End || tokens_[at_ + 1].kind == Kind::Dedent))
          state_.program.unclosed = ends_open(begin);
      }
    }
  }
}

void Parser::statement() {
  const Token& token = now();
  if (token.word("import")) return import_statement();
  if (token.word("from")) return from_statement();
  if (token.word("def") || token.word("class") || (token.word("async") && after().word("def")))
    return definition();
  if (take("@")) {
    clearly();
    expression(0);
    return;
  }
  constexpr std::array<std::string_view, 10> kCompound = {"if",  "elif",   "else",    "while", "for",
                                                          "try", "except", "finally", "with",  "async"};
  if (token.kind == Kind::Name && contains(kCompound, token.text)) return compound();
  const bool soft =
      (token.word("match") || token.word("case")) &&
      (after().kind == Kind::Name || after().kind == Kind::String || after().kind == Kind::Number);
  if (soft) return compound();
  constexpr std::array<std::string_view, 4> kAlone = {"pass", "break", "continue", "..."};
  if (contains(kAlone, token.text)) return next();
  if (token.word("return") || token.word("raise") || token.word("assert") || token.word("del") ||
      token.word("yield")) {
    if (!token.word("yield") && !blocks_.empty()) clearly();
    const bool returns = token.word("return");
    next();
    if (line_ends()) return;
    const Value value = list(0);
    if (returns && !function_.empty()) state_.functions[function_] |= value.taint;
    if (take_word("from")) expression(0);
    return;
  }
  if (token.word("global") || token.word("nonlocal")) {
    while (!line_ends()) next();
    return;
  }
  // Python 2: exec text, print text.
  const bool statement_of_2 = (token.word("exec") || token.word("print")) &&
                              (after().kind == Kind::String || after().kind == Kind::Name);
  if (statement_of_2) {
    const Token where = token;
    next();
    std::vector<Value> arguments{list(0)};
    if (where.text == "exec") result_of({.dotted = "exec"}, {}, {}, arguments, where);
    return;
  }
  assignment_or_expression();
}

void Parser::compound() {
  const bool main_only = now().word("if") && after().word("__name__");
  const bool with = now().word("with") || (now().word("async") && after().word("with"));
  const bool loop = now().word("for") || (now().word("async") && after().word("for"));
  const Token first = now();
  next();
  if (first.word("async")) next();
  if (loop) {
    const std::size_t begin = at_;
    while (!line_ends() && !now().word("in")) next();
    const std::size_t end = at_;
    if (!take_word("in")) failed_ = true;
    Value value = list(0);
    bind_range(begin, end, {.taint = value.taint});
  }
  while (!failed_ && !line_ends() && !now().is(":")) {
    const std::size_t before = at_;
    const Value value = list(0);
    if (take_word("as")) {
      const std::size_t begin = at_;
      while (!line_ends() && !now().is(":") && !now().is(",") && !now().is(")")) next();
      bind_range(begin, at_, value);
    }
    take(",");
    if (at_ == before) failed_ = true;
  }
  if (with) clearly();
  if (!take(":")) failed_ = true;
  if (main_only) {
    function_next_ = now().kind == Kind::Newline;
    on_function_line_ = true;
  }
  if (!failed_ && !line_ends()) inline_statement();
}

std::string Parser::dotted_name() {
  std::string dotted;
  while (take(".") || take("...")) dotted += '.';
  while (now().kind == Kind::Name && !now().word("import") && dotted.size() < 400) {
    dotted += now().text;
    next();
    if (!now().is(".")) break;
    next();
    dotted += '.';
  }
  return dotted;
}

void Parser::import_statement() {
  next();
  do {
    const std::string module = dotted_name();
    if (module.empty()) failed_ = true;
    state_.program.imports.push_back(module);
    if (take_word("as")) {
      bind(std::string(now().text), {.dotted = module});
      next();
    } else {
      const std::string top = module.substr(0, module.find('.'));
      bind(top, {.dotted = top});
    }
  } while (!failed_ && take(","));
  if (!failed_ && line_ends()) clearly();
}

void Parser::from_statement() {
  next();
  const std::string module = dotted_name();
  state_.program.imports.push_back(module);
  if (module.empty() || !take_word("import")) {
    failed_ = true;
    return;
  }
  if (take("*")) {
    state_.stars.push_back(module);
    return clearly();
  }
  const bool open = take("(");
  while (now().kind == Kind::Name) {
    const std::string imported(now().text);
    std::string as = imported;
    next();
    if (take_word("as")) {
      as = now().text;
      next();
    }
    bind(as, {.dotted = normal(module + (module.ends_with('.') ? "" : ".") + imported)});
    if (!take(",")) break;
  }
  if (open && !take(")")) failed_ = true;
  if (!failed_ && line_ends()) clearly();
}

void Parser::parameters() {
  if (!take("(")) return;
  while (!ends() && !now().is(")") && !failed_) {
    const std::size_t before = at_;
    if (now().is("*") || now().is("**") || now().is("/")) next();
    if (now().kind == Kind::Name) {
      const std::string parameter(now().text);
      next();
      if (parameter != "self") bind(parameter, {.path = parameter});
    }
    if (take(":")) expression(0);
    if (take("=")) expression(0);
    take(",");
    if (at_ == before) failed_ = true;
  }
  take(")");
}

void Parser::definition() {
  take_word("async");
  const bool function = now().word("def");
  next();
  const std::string defined(now().text);
  if (now().kind != Kind::Name) failed_ = true;
  next();
  if (now().is("[")) {  // type parameters
    next();
    list(0);
    if (!take("]")) failed_ = true;
  }
  const bool outside_class = blocks_.empty() || !import_time_;
  if (function) {
    parameters();
    if (take("->")) expression(0);
    if (outside_class) bind(defined, {.path = defined});
    state_.functions.try_emplace(defined);
    function_ = defined;
  } else if (now().is("(")) {
    next();
    while (!ends() && !now().is(")") && !failed_) {
      const std::size_t before = at_;
      expression(0);
      if (take("=")) expression(0);
      take(",");
      if (at_ == before) failed_ = true;
    }
    take(")");
  }
  if (!take(":")) failed_ = true;
  if (failed_) return;
  clearly();
  if (function) {
    function_next_ = now().kind == Kind::Newline;
    on_function_line_ = true;
  }
  if (!line_ends()) inline_statement();
}

void Parser::bind(const std::string& variable, const Value& value) {
  if (state_.variables.size() < kVariables && !variable.empty())
    state_.variables.insert_or_assign(variable, value);
}

// Binds the names between two tokens: `a`, `self.a`, `a, (b, c)`.
void Parser::bind_range(std::size_t begin, std::size_t end, const Value& value) {
  std::string path;
  std::size_t targets = 0;
  bool subscript = false;
  for (std::size_t i = begin; i < end; ++i) {
    const Token& token = tokens_[i];
    if (token.kind == Kind::Name) {
      path += token.text;
    } else if (token.is(".")) {
      path += '.';
    } else if (token.is("[") && i > begin) {
      subscript = true;
      break;
    } else if (!path.empty()) {
      bind(path, {.path = path, .taint = value.taint});
      path.clear();
      ++targets;
    }
  }
  if (path.empty()) return;
  if (targets > 0 || subscript) {
    Value part{.path = path, .taint = value.taint};
    if (const auto old = state_.variables.find(path); old != state_.variables.end())
      part.taint |= old->second.taint;
    return bind(path, part);
  }
  Value copy = value;
  copy.path = path;
  bind(path, copy);
}

void Parser::assignment_or_expression() {
  const std::size_t begin = at_;
  Value value = list(0);
  if (failed_) return;
  const std::size_t end = at_;
  if (take(":")) {  // annotation
    expression(0);
    if (!take("=")) return;
    value = list(0);
    bind_range(begin, end, value);
    return;
  }
  constexpr std::array<std::string_view, 13> kAugmented = {
      "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "**=", "//=", ">>=", "<<="};
  if (now().kind == Kind::Operator && contains(kAugmented, now().text)) {
    next();
    const Value right = list(0);
    bind_range(begin, end, sum(value, right));
    return;
  }
  std::vector<std::pair<std::size_t, std::size_t>> targets{{begin, end}};
  if (!now().is("=")) {
    // A statement that only calls a built-in that runs code is Python as well.
    if (tokens_[begin].kind == Kind::Name && after(0).kind != Kind::Bad &&
        contains(kBuiltins, tokens_[begin].text) && begin + 1 < tokens_.size() && tokens_[begin + 1].is("("))
      clearly();
    return;
  }
  while (take("=")) {
    const std::size_t from = at_;
    value = list(0);
    targets.emplace_back(from, at_);
  }
  targets.pop_back();
  for (const auto& [from, to] : targets) bind_range(from, to, value);
}

// expression (, expression)*
Value Parser::list(std::uint32_t depth) {
  Value first = expression(depth);
  if (!now().is(",")) return first;
  Value tuple;
  tuple.taint = first.taint;
  std::vector<Value> items{std::move(first)};
  while (!failed_ && take(",")) {
    if (line_ends() || now().is(")") || now().is("]") || now().is("}") || now().is("=") || now().is(":"))
      break;
    Value item = expression(depth);
    tuple.taint |= item.taint;
    if (items.size() < kItems) items.push_back(std::move(item));
  }
  tuple.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return tuple;
}

Value Parser::expression(std::uint32_t depth) {
  if (depth > kDepth) {
    failed_ = true;
    state_.program.complete = false;
    return {};
  }
  Value value = unit(depth + 1);
  constexpr std::array<std::string_view, 21> kBinary = {"+", "-",  "*",  "/",  "//", "%",  "**",
                                                        "@", "&",  "|",  "^",  "<<", ">>", "<",
                                                        ">", "<=", ">=", "==", "!=", "<>", ":="};
  while (!failed_) {
    const Token op = now();
    const bool word =
        op.kind == Kind::Name && contains(kOperatorWords, op.text) && !op.word("lambda") && !op.word("from");
    if (!word && !(op.kind == Kind::Operator && contains(kBinary, op.text))) break;
    const std::size_t before = at_;
    next();
    if (op.word("is") || op.word("not")) take_word("not");
    if (op.word("not")) take_word("in");
    if (op.word("for")) {  // targets of a comprehension
      const std::size_t begin = at_;
      while (!line_ends() && !now().word("in") && !now().is(")") && !now().is("]") && !now().is("}")) next();
      bind_range(begin, at_, {});
      continue;
    }
    if (op.word("async")) continue;
    Value right = unit(depth + 1);
    if (op.is(":=")) {
      bind_range(before - 1, before, right);
      value = std::move(right);
    } else if (op.is("+")) {
      value = sum(value, right);
    } else if (op.word("or") || op.word("and") || op.word("if") || op.word("else")) {
      // Either side may be the result; what is dangerous wins.
      if (value.dotted.empty()) value.dotted = right.dotted;
      if (!value.text) value.text = right.text;
      value.taint |= right.taint;
    } else {
      const Taint taint = value.taint;
      value = {.taint = right.taint};
      value.taint |= taint;
      value.taint.computed |= op.is("%") || op.is("*");
    }
  }
  return value;
}

Value Parser::unit(std::uint32_t depth) {
  while (now().is("-") || now().is("+") || now().is("~") || now().is("*") || now().is("**") ||
         now().word("not") || now().word("await") || now().word("yield") || now().word("from"))
    next();
  if (now().word("lambda")) return lambda(depth);
  Value subject;
  std::string method;
  Value value = atom(depth);
  while (!failed_) {
    const Token where = now();
    if (where.is(".")) {
      next();
      if (now().kind != Kind::Name) {
        failed_ = true;
        return {};
      }
      subject = value;
      method = now().text;
      value = attribute(value, now());
      next();
    } else if (where.is("(")) {
      value = call(value, subject, method, where, depth);
      subject = {};
      method.clear();
    } else if (where.is("[")) {
      next();
      value = item(value, depth);
      if (!take("]")) failed_ = true;
    } else {
      break;
    }
  }
  return value;
}

Value Parser::lambda(std::uint32_t depth) {
  next();
  while (!line_ends() && !now().is(":")) {
    if (now().kind == Kind::Name && !state_.variables.contains(now().text))
      bind(std::string(now().text), {.path = std::string(now().text)});
    next();
    if (take("=")) expression(depth + 1);
  }
  if (!take(":")) failed_ = true;
  Value body = expression(depth + 1);
  return {.taint = body.taint};
}

Value Parser::strings() {
  Value value;
  std::string text;
  bool constant = true;
  const Token place = place_of(now());
  while (now().kind == Kind::String) {
    const Literal literal = literal_of(now().text);
    if (literal.formatted && literal.text.find('{') != std::string::npos) {
      value.taint.computed = true;
      constant = false;
      // The expressions of an f-string run.
      std::string_view rest = literal.text;
      for (std::size_t open = rest.find('{');
           open != std::string_view::npos && nesting_ < state_.limits.nested_texts; open = rest.find('{')) {
        rest.remove_prefix(open + 1);
        const std::size_t close = rest.find('}');
        if (close == std::string_view::npos) break;
        Parser inner(rest.substr(0, close), state_, nesting_ + 1, &place);
        inner.import_time_ = import_time_;
        value.taint |= inner.single_expression().taint;
        rest.remove_prefix(close + 1);
      }
    } else if (text.size() + literal.text.size() <= kLongestText) {
      text += literal.text;
    } else {
      constant = false;  // an embedded payload: too long to evaluate
    }
    next();
  }
  if (constant) value.text = shared(std::move(text));
  return value;
}

Value Parser::name(const Token& token) {
  const std::string written(token.text);
  if (const auto found = state_.variables.find(written); found != state_.variables.end())
    return found->second;
  Value value{.path = written};
  if (contains(kBuiltins, written)) value.dotted = written;
  for (const std::string& star : state_.stars) {
    const std::string dotted = star + "." + written;
    if (scan::code_effect(dotted).effect != scan::Effect::None) value.dotted = dotted;
  }
  if (written == "__builtins__") gadget(written, token);
  return value;
}

Value Parser::atom(std::uint32_t depth) {
  const Token token = now();
  if (token.kind == Kind::String) return strings();
  if (token.is("(") || token.is("[") || token.is("{")) return bracketed(depth);
  if (token.kind == Kind::Number) {
    next();
    Value value;
    std::int64_t number = 0;
    const bool plain = token.text.size() < 10 &&
                       std::ranges::all_of(token.text, [](char c) { return c >= '0' && c <= '9'; });
    for (const char c : token.text) number = plain ? number * 10 + (c - '0') : 0;
    if (plain) value.number = number;
    return value;
  }
  if (token.is("...")) {
    next();
    return {};
  }
  constexpr std::array<std::string_view, 22> kNoNames = {
      "def",    "class", "import", "return", "raise", "with", "while", "try",    "elif",    "pass", "del",
      "global", "break", "as",     "in",     "is",    "and",  "or",    "except", "finally", "else", "for"};
  if (token.kind != Kind::Name || contains(kNoNames, token.text)) {
    failed_ = true;
    return {};
  }
  next();
  return name(token);
}

Value Parser::bracketed(std::uint32_t depth) {
  const bool braces = now().is("{");
  const bool round = now().is("(");
  const std::string_view close = now().is("(") ? ")" : braces ? "}" : "]";
  next();
  Value value;
  std::vector<Value> items;
  std::size_t entries = 0;
  bool comma = false;
  while (!failed_ && !ends() && !now().is(close)) {
    const std::size_t before = at_;
    Value entry = expression(depth + 1);
    if (braces && take(":")) {
      const Value mapped = expression(depth + 1);
      entry.taint |= mapped.taint;
    }
    ++entries;
    value.taint |= entry.taint;
    if (items.size() < kItems) items.push_back(std::move(entry));
    if (take(",")) comma = true;
    if (at_ == before) failed_ = true;
  }
  if (!take(close)) failed_ = true;
  if (round && entries == 1 && !comma) return std::move(items.front());
  value.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return value;
}

void Parser::gadget(std::string_view what, const Token& where) {
  if (state_.program.gadgets.size() >= kCalls) return;
  const Token& at = place_of(where);
  state_.program.gadgets.push_back({std::string(what), at.offset, at.line, at.column});
}

Value Parser::attribute(const Value& of, const Token& token) {
  if (contains(kGadgets, token.text)) gadget(token.text, token);
  Value value{.taint = of.taint};
  if (!of.path.empty() && of.path.size() < 300) {
    value.path = of.path + "." + std::string(token.text);
    if (const auto found = state_.variables.find(value.path); found != state_.variables.end())
      return found->second;
  }
  if (of.dotted.empty() || of.dotted.size() > 300) return value;
  value.dotted = normal(of.dotted + "." + std::string(token.text));
  if (value.dotted == "os.environ" || value.dotted == "os.environb") {
    value.taint.secret = true;
    state_.program.reads_environment = true;
  }
  return value;
}

Value Parser::item(const Value& of, std::uint32_t depth) {
  Value index;
  bool reversed = false;
  std::size_t colons = 0;
  while (!failed_ && !ends() && !now().is("]")) {
    const std::size_t before = at_;
    if (take(":")) {
      ++colons;
    } else if (colons == 2 && now().is("-") && after().kind == Kind::Number && after().text == "1") {
      reversed = true;
      next();
      next();
    } else if (!take(",")) {
      index = expression(depth + 1);
    }
    if (at_ == before) failed_ = true;
  }
  Value value{.taint = of.taint};
  value.taint |= index.taint;
  if (reversed && of.text) {
    if (affordable(of.text->size())) value.text = shared(std::string(of.text->rbegin(), of.text->rend()));
    return value;
  }
  if (colons > 0) {
    value.taint.computed = true;
    return value;
  }
  if (of.items && index.number && *index.number >= 0 &&
      static_cast<std::size_t>(*index.number) < of.items->size())
    return (*of.items)[static_cast<std::size_t>(*index.number)];
  if (!index.text) return value;
  if (of.dotted == "os.environ") {
    // One variable is configuration; the whole environment is a harvest.
    value.taint.secret = false;
  } else if (of.dotted == "sys.modules" || of.dotted == "__builtins__" || of.dotted == "globals()" ||
             of.dotted == "locals()") {
    value.dotted = normal(*index.text);
  } else if (of.dotted.ends_with(".__dict__") || of.dotted.ends_with("()")) {
    value.dotted = normal(of.dotted.substr(0, of.dotted.rfind('.')) + "." + *index.text);
  }
  return value;
}

Value Parser::call(const Value& callee, const Value& subject, std::string_view method, const Token& where,
                   std::uint32_t depth) {
  next();
  std::vector<Value> arguments;
  while (!failed_ && !ends() && !now().is(")")) {
    const std::size_t before = at_;
    if (now().kind == Kind::Name && after().is("=")) {
      next();
      next();
      Value named = expression(depth + 1);
      // Keyword arguments count for what they carry, not for their place.
      if (!arguments.empty()) {
        arguments.front().taint |= named.taint;
      } else {
        arguments.push_back(std::move(named));
      }
    } else {
      arguments.push_back(expression(depth + 1));
    }
    take(",");
    if (at_ == before) failed_ = true;
  }
  if (!take(")")) failed_ = true;
  return result_of(callee, subject, method, arguments, where);
}

void Parser::record(const std::string& dotted, const std::vector<Value>& arguments, const Token& where) {
  const auto known = scan::code_effect(dotted);
  if (known.effect == scan::Effect::None) return;
  if (state_.program.calls.size() >= kCalls) {
    state_.program.complete = false;
    return;
  }
  const Token& at = place_of(where);
  Call call{.dotted = dotted,
            .has_arguments = !arguments.empty(),
            .known = known,
            .offset = at.offset,
            .line = at.line,
            .column = at.column};
  call.import_time = import_time_ && !on_function_line_ && std::ranges::find(blocks_, true) == blocks_.end();
  for (const Value& argument : arguments) {
    call.taint |= argument.taint;
    const Value& shown =
        argument.text || !argument.items || argument.items->empty() ? argument : argument.items->front();
    if (call.arguments.size() < 200)
      call.arguments +=
          (call.arguments.empty() ? "" : ", ") + (shown.text ? "'" + shown.text->substr(0, 120) + "'"
                                                  : shown.dotted.empty() ? "…"
                                                                         : shown.dotted);
  }
  if (!arguments.empty() && arguments[0].text) {
    call.constant = true;
    call.text = *arguments[0].text;
  }
  state_.program.calls.push_back(std::move(call));
}

Value Parser::result_of(const Value& callee, const Value& subject, std::string_view method,
                        std::vector<Value>& arguments, const Token& where) {
  const std::string dotted = callee.dotted;
  Value result;
  result.taint = callee.taint;
  result.taint |= subject.taint;
  for (const Value& argument : arguments) result.taint |= argument.taint;

  const bool imports = dotted == "__import__" || dotted == "importlib.import_module";
  if (imports && !arguments.empty() && arguments[0].text) {
    state_.program.imports.push_back(*arguments[0].text);
    return {.dotted = normal(*arguments[0].text)};
  }
  if (dotted == "getattr" && arguments.size() >= 2 && !arguments[0].dotted.empty()) {
    if (arguments[1].text) return {.dotted = normal(arguments[0].dotted + "." + *arguments[1].text)};
    // getattr(os, <computed>): the name is hidden on purpose.
    if (scan::look_up(arguments[0].dotted, "*").effect != scan::Effect::None &&
        scan::is_standard_library(arguments[0].dotted) && arguments[1].taint.computed)
      gadget("getattr(" + arguments[0].dotted + ", …)", where);
    return result;
  }
  if ((dotted == "globals" || dotted == "locals" || dotted == "vars") && arguments.size() <= 1)
    return {.dotted = arguments.empty() ? dotted + "()" : arguments[0].dotted + ".()"};
  if (dotted == "map" && arguments.size() >= 2 && arguments[0].dotted == "chr") {
    if (!arguments[1].items || !affordable(arguments[1].items->size() * sizeof(Value))) return result;
    std::vector<Value> items;
    for (const Value& number : *arguments[1].items) items.push_back(pure_function("chr", {number}));
    return {.items = std::make_shared<const std::vector<Value>>(std::move(items)), .taint = result.taint};
  }
  if (dotted == "os.getenv" || dotted.starts_with("os.environ")) {
    state_.program.reads_environment = true;
    result.taint.secret =
        dotted != "os.getenv" && !dotted.ends_with(".get") && !dotted.ends_with(".setdefault");
    return result;
  }
  record(dotted, arguments, where);
  const auto known = scan::code_effect(dotted);
  const bool runs = dotted == "exec" || dotted == "eval" || dotted == "compile" || dotted == "execfile";
  if (runs && !arguments.empty() && arguments[0].text && nesting_ < state_.limits.nested_texts &&
      affordable(arguments[0].text->size() * 16)) {
    const Token place = place_of(where);
    Parser inner(*arguments[0].text, state_, nesting_ + 1, &place);
    const bool now_runs =
        import_time_ && !on_function_line_ && std::ranges::find(blocks_, true) == blocks_.end();
    inner.statements(now_runs);
  }
  if (known.effect == scan::Effect::Network) result.taint.remote = true;
  std::size_t cost = subject.text ? subject.text->size() : 0;
  for (const Value& argument : arguments)
    cost += argument.text ? argument.text->size() : argument.items ? argument.items->size() * 16 : 1;
  const bool pays = affordable(cost);
  if (!pays) return result;
  if (known.decodes || dotted == "chr" || dotted == "bytes" || dotted == "bytearray" || dotted == "str") {
    Value pure = pure_function(dotted, arguments);
    pure.taint |= result.taint;
    return pure;
  }
  if (subject.text && dotted.empty()) {
    Value pure = text_method(subject, method, arguments);
    pure.taint |= result.taint;
    return pure;
  }
  const std::string& local = callee.path;
  if (const auto found = state_.functions.find(local.substr(local.rfind('.') + 1));
      found != state_.functions.end())
    result.taint |= found->second;
  if (!dotted.empty() && dotted.size() < 300 && known.effect == scan::Effect::Network) result.dotted = dotted;
  return result;
}

}  // namespace

Program parse(std::string_view source, const Limits& limits) {
  State state;
  state.limits = limits;
  Parser(source, state, 0, nullptr).statements(true);
  return std::move(state.program);
}

bool looks_like_python(std::string_view source) {
  constexpr std::size_t kPages = 8192;
  // A single line is a command, not a module (inspectors/command_line.cpp).
  if (source.size() < 8 || source.find('\n') >= source.size() - 1) return false;
  std::string_view head = source.substr(0, kPages);
  if (head.find('\0') != std::string_view::npos) return false;
  const bool cut = head.size() < source.size();
  if (cut) head = head.substr(0, head.rfind('\n') == std::string_view::npos ? 0 : head.rfind('\n') + 1);
  for (const char c : head)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f')
      return false;
  const Program program = parse(head, {.tokens = 4000, .nested_texts = 0});
  // The last statement may be cut by the edge of the page.
  const std::uint64_t tolerated = (cut ? 1 : 0) + program.statements / 50;
  return program.clearly > 0 && program.unreadable <= tolerated;
}

}  // namespace bulwark::python
