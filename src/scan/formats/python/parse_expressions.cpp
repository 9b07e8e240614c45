#include "scan/formats/python/parser.h"

namespace bulwark::python {
namespace {

constexpr std::uint32_t kDepth = 100;       // nested brackets; people stay below ten
constexpr std::uint32_t kFormatLevels = 8;  // what an f-string within an f-string costs of it

// Words that join operands; "for" makes a comprehension.
bool joins(const Token& token) {
  constexpr std::array<std::string_view, 7> kWords = {"and", "or", "in", "is", "not", "if", "else"};
  if (token.kind == Kind::Name) return token.text.size() <= 4 && contains(kWords, token.text);
  if (token.kind != Kind::Operator) return false;
  // By far the most operators are these.
  constexpr std::string_view kOthers = "(),.[]{}:;";
  if (kOthers.contains(token.text.front())) return false;
  constexpr std::array<std::string_view, 20> kBinary = {"+", "-",  "*",  "/",  "//", "%",  "**",
                                                        "@", "&",  "|",  "^",  "<<", ">>", "<",
                                                        ">", "<=", ">=", "==", "!=", "<>"};
  return contains(kBinary, token.text);
}

// Words that begin no expression. "print" and "match" do.
bool reserved(std::string_view word) {
  constexpr std::array<std::string_view, 23> kWords = {
      "def",  "class", "import",  "return", "raise", "with", "while", "try",
      "elif", "pass",  "del",     "global", "break", "as",   "in",    "is",
      "and",  "or",    "finally", "else",   "for",   "if",   "except"};
  return word.size() <= 7 && contains(kWords, word);
}

}  // namespace

// expression (, expression)*
NodeId TreeParser::list(std::uint32_t depth) {
  const std::size_t begin = at_;
  const NodeId first = expression(depth);
  if (!now().is(",")) return first;
  Siblings items;
  append(items, first);
  while (!failed_ && take(",")) {
    if (line_ends() || now().is(")") || now().is("]") || now().is("}") || now().is("=") || now().is(":"))
      break;
    append(items, expression(depth));
  }
  return node(Syntax::Tuple, begin, items);
}

NodeId TreeParser::expression(std::uint32_t depth) {
  if (depth > kDepth) {
    fail();
    tree_.complete = false;
    return 0;
  }
  const std::size_t begin = at_;
  const NodeId first = unit(depth + 1);
  if (now().is(":=") && tree_.kind(first) == Syntax::Name) {
    next();
    Siblings parts;
    append(parts, first);
    append(parts, expression(depth + 1));
    return node(Syntax::Walrus, begin, parts);
  }
  NodeId value = first;
  Siblings operands;
  while (!failed_) {
    if (now().word("for") || (now().word("async") && after().word("for"))) {
      if (operands.first != 0) value = node(Syntax::Operation, begin, operands);
      return comprehension(value, begin, depth);
    }
    if (!joins(now())) break;
    // "not" alone does not join: "x not y" is no expression.
    if (now().word("not") && !after().word("in")) break;
    const std::size_t op = at_;
    next();
    if (tree_.tokens[op].word("is")) take_word("not");
    if (tree_.tokens[op].word("not")) take_word("in");
    if (operands.first == 0) append(operands, first);
    const NodeId right = unit(depth + 1);
    tree_.nodes[right].link = static_cast<std::uint32_t>(right == 0 ? 0 : op);
    append(operands, right);
  }
  return operands.first == 0 ? value : node(Syntax::Operation, begin, operands);
}

NodeId TreeParser::comprehension(NodeId element, std::size_t begin, std::uint32_t depth) {
  Siblings parts;
  append(parts, element);
  while (!failed_ && (now().word("for") || (now().word("async") && after().word("for")))) {
    const std::size_t clause = at_;
    take_word("async");
    next();
    Siblings inside;
    append(inside, target());
    if (!take_word("in")) fail();
    // "if" begins a condition, unless an "else" makes it part of the value: both read the same here.
    append(inside, expression(depth + 1));
    while (!failed_ && take_word("if")) append(inside, expression(depth + 1));
    append(parts, node(Syntax::Clause, clause, inside));
  }
  return node(Syntax::Comprehension, begin, parts);
}

// Names between "for" and "in": `a`, `a, (b, c)`, `self.x[0]`.
NodeId TreeParser::target() {
  const std::size_t begin = at_;
  Siblings names;
  std::uint32_t open = 0;
  while (!line_ends() && !(open == 0 && now().word("in"))) {
    if (now().is("(") || now().is("[")) ++open;
    if ((now().is(")") || now().is("]")) && open-- == 0) break;
    if (now().is("}")) break;
    const std::size_t name = at_;
    const bool is_name = now().kind == Kind::Name && !now().word("in");
    next();
    if (!is_name) continue;
    Siblings trailers;
    const NodeId base = node(Syntax::Name, name);
    while (now().is(".") && after().kind == Kind::Name) {
      next();
      next();
      append(trailers, node(Syntax::Attribute, at_ - 1));
    }
    if (trailers.first == 0) {
      append(names, base);
      continue;
    }
    tree_.nodes[base].next = trailers.first;
    append(names, node(Syntax::Chain, name, {.first = base, .last = trailers.last}));
  }
  if (names.first == 0) fail();
  const bool one = names.first == names.last && !tree_.tokens[at_ - 1].is(",");
  return one ? names.first : node(Syntax::Tuple, begin, names);
}

NodeId TreeParser::unit(std::uint32_t depth) {
  const std::size_t begin = at_;
  std::size_t prefix = 0;
  bool star = false;
  while (now().is("-") || now().is("+") || now().is("~") || now().is("*") || now().is("**") ||
         now().word("not") || now().word("await") || now().word("yield") || now().word("from")) {
    star = star || now().is("*") || now().is("**");
    prefix = at_ + 1;
    next();
  }
  const bool alone = prefix > 0 && (line_ends() || now().is(")") || now().is("=") || now().is("]"));
  if (alone && tree_.tokens[begin].word("yield")) return node(Syntax::Unary, begin);
  if (alone && star) return node(Syntax::Star, begin);  // (*) and [*] of TorchScript and parameters
  if (now().word("lambda")) {
    const NodeId function = lambda(depth);
    return prefix == 0 ? function : node_of(star ? Syntax::Star : Syntax::Unary, begin, function);
  }
  const std::size_t where = at_;
  NodeId base = atom(depth);
  Siblings chain;
  append(chain, base);
  while (!failed_) {
    if (now().is(".")) {
      next();
      if (now().kind != Kind::Name) {
        fail();
        break;
      }
      next();
      append(chain, node(Syntax::Attribute, at_ - 1));
    } else if (now().is("(")) {
      append(chain, call(depth));
    } else if (now().is("[")) {
      append(chain, item(depth));
    } else {
      break;
    }
  }
  if (chain.first != chain.last) base = node(Syntax::Chain, where, chain);
  if (prefix == 0) return base;
  const bool yields = tree_.tokens[begin].word("yield");
  if (yields && now().is(",")) {  // yield a, b
    Siblings items;
    append(items, base);
    while (!failed_ && take(",")) {
      if (line_ends() || now().is(")")) break;
      append(items, expression(depth + 1));
    }
    base = node(Syntax::Tuple, where, items);
  }
  return node_of(star ? Syntax::Star : Syntax::Unary, begin, base);
}

NodeId TreeParser::lambda(std::uint32_t depth) {
  const std::size_t begin = at_;
  next();
  Siblings parts;
  while (!line_ends() && !now().is(":") && !failed_) {
    const std::size_t before = at_;
    std::size_t star = 0;
    if (now().is("*") || now().is("**") || now().is("/")) {
      star = at_;
      next();
    }
    if (take("(")) {  // Python 2: lambda (a, b): …
      while (!line_ends() && !take(")")) next();
    }
    if (now().kind == Kind::Name) {
      const std::size_t name = at_;
      next();
      Siblings inside;
      if (take("=")) append(inside, expression(depth + 1));
      append(parts, node(Syntax::Parameter, name, inside, star));
    }
    take(",");
    if (at_ == before) fail();
  }
  if (!take(":")) fail();
  if (!failed_) append(parts, expression(depth + 1));
  return node(Syntax::Lambda, begin, parts);
}

NodeId TreeParser::strings(std::uint32_t depth) {
  const std::size_t begin = at_;
  Siblings inside;
  bool formatted = false;
  while (now().kind == Kind::String) {
    const Token token = now();
    const std::string_view letters = token.text.substr(0, token.text.find_first_of("\"'"));
    if (letters.find_first_of("fFtT") != std::string_view::npos &&
        token.text.find('{') != std::string_view::npos) {
      formatted = true;
      if (limits_.formats) fields(token, inside, depth);
    }
    next();
  }
  return node(formatted ? Syntax::Format : Syntax::String, begin, inside);
}

// The expressions of an f-string; their tokens are put behind those of the source.
void TreeParser::fields(const Token& format, Siblings& into, std::uint32_t depth) {
  if (depth + kFormatLevels > kDepth) return;
  std::vector<Token> inner = field_tokens(format);
  if (inner.empty()) return;
  const std::size_t back = at_;
  const bool failed = failed_;
  std::size_t begin = tree_.tokens.size();
  tree_.tokens.insert(tree_.tokens.end(), inner.begin(), inner.end());
  const std::size_t end = tree_.tokens.size();
  while (begin < end) {
    at_ = begin;
    failed_ = false;
    if (!ends()) append(into, list(depth + kFormatLevels));
    // Of what follows (conversion, format) only nested braces hold expressions.
    failed_ = false;
    while (!ends()) {
      const bool nested = now().is("{");
      next();
      if (nested && !ends() && !failed_) append(into, list(depth + kFormatLevels));
    }
    begin = at_ + 1;
  }
  at_ = back;
  failed_ = failed;
}

NodeId TreeParser::atom(std::uint32_t depth) {
  const Token token = now();
  if (token.kind == Kind::String) return strings(depth);
  if (token.is("(") || token.is("[") || token.is("{")) return bracketed(depth);
  if (token.kind == Kind::Number) {
    next();
    return node(Syntax::Number, at_ - 1);
  }
  if (token.is("...")) {
    next();
    return node(Syntax::Ellipsis, at_ - 1);
  }
  if (token.kind != Kind::Name || reserved(token.text)) {
    fail();
    return 0;
  }
  next();
  return node(Syntax::Name, at_ - 1);
}

NodeId TreeParser::bracketed(std::uint32_t depth) {
  const std::size_t begin = at_;
  const bool braces = now().is("{");
  const bool round = now().is("(");
  const std::string_view close = round ? ")" : braces ? "}" : "]";
  next();
  Siblings items;
  std::size_t entries = 0;
  bool comma = false;
  bool pairs = false;
  while (!failed_ && !ends() && !now().is(close)) {
    const std::size_t before = at_;
    NodeId entry = expression(depth + 1);
    if (braces && !failed_ && tree_.kind(entry) == Syntax::Star) pairs = pairs || tree_.token(entry).is("**");
    if (braces && take(":")) {
      pairs = true;
      NodeId mapped = expression(depth + 1);
      Siblings parts;
      append(parts, entry);
      // {k: v for …}: the comprehension reads as that of v; the key joins it as an element.
      if (tree_.kind(mapped) == Syntax::Comprehension) {
        append(parts, tree_.first(mapped));
        tree_.nodes[mapped].first = parts.first;
        entry = mapped;
      } else {
        append(parts, mapped);
        entry = node(Syntax::Pair, before, parts);
      }
    }
    ++entries;
    append(items, entry);
    // case {…} | {…} as name
    if (take_word("as")) append(items, expression(depth + 1));
    if (take(",")) comma = true;
    if (at_ == before) fail();
  }
  if (!take(close)) fail();
  if (round && entries == 1 && !comma) return items.first;
  return node(round                   ? Syntax::Tuple
              : !braces               ? Syntax::List
              : pairs || entries == 0 ? Syntax::Dict
                                      : Syntax::Set,
              begin, items);
}

NodeId TreeParser::call(std::uint32_t depth) {
  const std::size_t begin = at_;
  next();
  Siblings arguments;
  while (!failed_ && !ends() && !now().is(")")) {
    const std::size_t before = at_;
    if (now().kind == Kind::Name && after().is("=")) {
      next();
      next();
      append(arguments, node_of(Syntax::Keyword, before, expression(depth + 1)));
    } else {
      append(arguments, expression(depth + 1));
      if (take_word("as")) append(arguments, expression(depth + 1));  // case Point(x=0 as y)
    }
    take(",");
    if (at_ == before) fail();
  }
  if (!take(")")) fail();
  return node(Syntax::Call, begin, arguments);
}

NodeId TreeParser::item(std::uint32_t depth) {
  const std::size_t begin = at_;
  next();
  Siblings indexes;
  while (!failed_ && !ends() && !now().is("]")) {
    const std::size_t before = at_;
    Siblings parts;
    bool slice = false;
    for (;;) {
      const bool absent = now().is(":") || now().is("]") || now().is(",");
      append(parts, absent ? missing() : expression(depth + 1));
      if (failed_ || !take(":")) break;
      slice = true;
    }
    if (slice) {
      append(indexes, node(Syntax::Slice, before, parts));
    } else {
      append(indexes, parts.first);
    }
    take(",");
    if (at_ == before) fail();
  }
  if (!take("]")) fail();
  return node(Syntax::Item, begin, indexes);
}

}  // namespace bulwark::python
