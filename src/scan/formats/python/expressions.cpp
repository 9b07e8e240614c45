#include "scan/formats/python/parser.h"

namespace bulwark::python {
namespace {

constexpr std::uint32_t kDepth = 100;  // nested brackets; people stay below ten

constexpr std::array<std::string_view, 15> kGadgets = {
    "__subclasses__", "__globals__", "__builtins__", "__bases__",    "__mro__",
    "__code__",       "__closure__", "f_globals",    "f_builtins",   "gi_frame",
    "cr_frame",       "tb_frame",    "f_back",       "func_globals", "__base__",
};
constexpr std::array<std::string_view, 13> kOperatorWords = {
    "and", "or", "in", "is", "not", "if", "else", "for", "async", "await", "yield", "from", "lambda"};

}  // namespace

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
  const Token first = now();  // where people look for the call
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
      value = call(value, subject, method, first, depth);
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
           open != std::string_view::npos && nesting_ < state_.options.nested_texts; open = rest.find('{')) {
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

}  // namespace bulwark::python
