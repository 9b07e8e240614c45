#include "scan/formats/python/parser.h"

namespace bulwark::python {
namespace {

constexpr std::size_t kVariables = 200'000;
constexpr std::size_t kStars = 64;           // "from m import *": every unknown name is tried in each
constexpr std::size_t kLongestName = 1'000;  // longer ones, dots included, are no names that anybody wrote

}  // namespace

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
        if (nesting_ == 0 && is_last()) state_.program.unclosed = ends_open(begin);
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
    clearly();
    if (contains(state_.stars, module)) return;
    if (state_.stars.size() >= kStars) {
      state_.program.complete = false;
      return;
    }
    state_.stars.push_back(module);
    return;
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
  // Every use copies the value with its names.
  const bool long_name = value.dotted.size() > kLongestName || value.path.size() > kLongestName;
  if (state_.variables.size() < kVariables && !variable.empty() && !long_name)
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

}  // namespace bulwark::python
