#include "scan/formats/python/parser.h"

namespace bulwark::python {
namespace {

constexpr std::uint32_t kBlocks = 200;  // nested; the lexer indents at most kIndents times

constexpr std::array<std::string_view, 4> kRunners = {"eval", "exec", "compile", "__import__"};

}  // namespace

NodeId TreeParser::module() {
  Siblings all;
  statements(all, 0);
  return node(Syntax::Block, 0, all);
}

// Statements up to the end of the block.
void TreeParser::statements(Siblings& into, std::uint32_t depth) {
  while (!ends()) {
    if (now().kind == Kind::Newline || now().is(";")) {
      next();
    } else if (now().kind == Kind::Dedent) {
      if (depth > 0) return;
      next();
    } else if (now().kind == Kind::Indent) {
      // Belongs to nothing: the statement above did not parse.
      const std::size_t begin = at_;
      next();
      Siblings inside;
      if (depth < kBlocks) statements(inside, depth + 1);
      if (now().kind == Kind::Dedent) next();
      append(into, node(Syntax::Block, begin, inside));
    } else {
      append(into, statement_or_rest(depth));
    }
  }
}

NodeId TreeParser::statement_or_rest(std::uint32_t depth) {
  const std::size_t begin = at_;
  failed_ = false;
  ++tree_.statements;
  const NodeId read = statement(depth);
  const bool whole =
      !failed_ && at_ != begin &&
      (line_ends() || now().kind == Kind::Indent || tree_.tokens[at_ - 1].kind == Kind::Dedent ||
       tree_.tokens[at_ - 1].kind == Kind::Newline);
  if (whole) return read;
  failed_ = false;
  ++tree_.unreadable;
  while (!ends() && now().kind != Kind::Newline) next();
  if (is_last() && ends_open(begin)) tree_.unclosed = true;
  return node_of(Syntax::Unreadable, begin, read);
}

// Nothing but the ends of blocks follows.
bool TreeParser::is_last() const {
  std::size_t at = at_;
  while (tree_.tokens[at].kind == Kind::Newline || tree_.tokens[at].kind == Kind::Dedent) ++at;
  return tree_.tokens[at].kind == Kind::End;
}

// The statement has more opening brackets than closing ones, or an open string.
bool TreeParser::ends_open(std::size_t begin) const {
  std::int64_t open = 0;
  for (std::size_t i = begin; i < main_end_; ++i) {
    const Token& token = tree_.tokens[i];
    if (token.is("(") || token.is("[") || token.is("{")) ++open;
    if (token.is(")") || token.is("]") || token.is("}")) --open;
    if (token.kind == Kind::Bad && token.text.size() > 1) return true;
  }
  return open > 0;
}

NodeId TreeParser::statement(std::uint32_t depth) {
  const Token& token = now();
  if (token.is("@")) {
    const std::size_t begin = at_;
    next();
    clearly();
    const NodeId decorator = node_of(Syntax::Decorator, begin, expression(0));
    if (now().kind != Kind::Newline) fail();
    append(decorators_, decorator);
    // Decorators and what they decorate are one statement.
    while (!failed_ && now().kind == Kind::Newline) next();
    if (!failed_ && (now().is("@") || now().word("def") || now().word("class") || now().word("async"))) {
      // A hundred thousand decorators in a row must not be a hundred thousand calls.
      while (!failed_ && now().is("@")) {
        const std::size_t at = at_;
        next();
        append(decorators_, node_of(Syntax::Decorator, at, expression(0)));
        while (now().kind == Kind::Newline) next();
      }
      if (!failed_) return definition(depth);
    }
    const NodeId rest = node(Syntax::Block, begin, decorators_);
    decorators_ = {};
    return rest;
  }
  if (token.kind != Kind::Name) return simple();
  if (token.word("def") || token.word("class") || (token.word("async") && after().word("def")))
    return definition(depth);
  constexpr std::array<std::string_view, 10> kCompound = {"if",  "elif",   "else",    "while", "for",
                                                          "try", "except", "finally", "with",  "async"};
  if (token.text.size() <= 7 && contains(kCompound, token.text)) return compound(depth);
  const bool soft =
      (token.word("match") || token.word("case")) &&
      (after().kind == Kind::Name || after().kind == Kind::String || after().kind == Kind::Number ||
       after().is("(") || after().is("[") || after().is("{") || after().is("-") || after().is("*"));
  if (!soft || after().word("in") || after().word("is") || after().word("if") || after().word("and") ||
      after().word("or") || after().word("not"))
    return simple();
  // `match (x)` may be a call as well: only a colon at the end of the line makes a block of it.
  std::uint32_t open = 0;
  for (std::size_t i = at_ + 1; i < tree_.tokens.size() && tree_.tokens[i].kind != Kind::Newline; ++i) {
    const Token& each = tree_.tokens[i];
    if (each.is("(") || each.is("[") || each.is("{")) ++open;
    if ((each.is(")") || each.is("]") || each.is("}")) && open > 0) --open;
    if (open == 0 && each.is(":")) return compound(depth);
    if (open == 0 && (each.is("=") || each.is(";"))) break;
  }
  return simple();
}

NodeId TreeParser::simple() {
  const Token& token = now();
  const std::size_t begin = at_;
  if (token.word("import")) return import_statement();
  if (token.word("from")) return from_statement();
  constexpr std::array<std::string_view, 3> kAlone = {"pass", "break", "continue"};
  if (token.kind == Kind::Name && contains(kAlone, token.text)) {
    next();
    return node(Syntax::Pass, begin);
  }
  if (token.word("return") || token.word("raise") || token.word("assert") || token.word("del")) return jump();
  if (token.word("global") || token.word("nonlocal")) {
    while (!line_ends()) next();
    return node(Syntax::Global, begin);
  }
  // Python 2: exec text, print text, print >>file, text.
  const bool statement_of_2 = (token.word("exec") || token.word("print")) &&
                              (after().kind == Kind::String || after().kind == Kind::Name ||
                               after().kind == Kind::Number || (token.word("print") && after().is(">>"))) &&
                              !after().word("in") && !after().word("is") && !after().word("if") &&
                              !after().word("and") && !after().word("or") && !after().word("not");
  if (statement_of_2) {
    next();
    take(">>");
    return node_of(Syntax::Print, begin, list(0));
  }
  return assignment_or_expression();
}

NodeId TreeParser::jump() {
  const std::size_t begin = at_;
  const Token& token = now();
  const Syntax kind = token.word("return")   ? Syntax::Return
                      : token.word("raise")  ? Syntax::Raise
                      : token.word("assert") ? Syntax::Assert
                                             : Syntax::Delete;
  if (token.column > 1) clearly();
  next();
  Siblings parts;
  if (!line_ends()) append(parts, list(0));
  if (take_word("from")) append(parts, expression(0));
  return node(kind, begin, parts);
}

NodeId TreeParser::suite(std::uint32_t depth) {
  Siblings inside;
  const std::size_t begin = at_;
  if (now().kind != Kind::Newline) {
    // Only simple statements may share a line with a colon; anything else would be input-driven recursion.
    while (!failed_ && !ends() && now().kind != Kind::Newline && now().kind != Kind::Dedent) {
      constexpr std::array<std::string_view, 13> kBlockWords = {"if",    "elif",   "else", "while",   "for",
                                                                "try",   "except", "def",  "finally", "with",
                                                                "class", "async",  "case"};
      if (now().kind == Kind::Name && contains(kBlockWords, now().text) && !after().is("=") &&
          !after().is("."))
        fail();
      if (!failed_) {
        ++tree_.statements;
        append(inside, simple());
      }
      if (!take(";") && !line_ends()) fail();
    }
    return node(Syntax::Block, begin, inside);
  }
  // A block on its own lines. The line feed stays where there is none.
  std::size_t ahead = at_;
  while (tree_.tokens[ahead].kind == Kind::Newline) ++ahead;
  if (tree_.tokens[ahead].kind == Kind::Indent && depth < kBlocks) {
    at_ = ahead + 1;
    statements(inside, depth + 1);
    if (now().kind == Kind::Dedent) next();
    failed_ = false;
  }
  return node(Syntax::Block, begin, inside);
}

NodeId TreeParser::compound(std::uint32_t depth) {
  const std::size_t begin = at_;
  if (take_word("async") && !now().word("for") && !now().word("with")) fail();
  const Token first = now();
  next();
  Siblings parts;
  Syntax kind = Syntax::If;
  if (first.word("for")) {
    kind = Syntax::For;
    append(parts, target());
    if (!take_word("in")) fail();
    if (!failed_) append(parts, list(0));
  } else if (first.word("with")) {
    kind = Syntax::With;
    // with (a as b, c as d): — the bracket may also belong to an expression; then the colon tells.
    const std::size_t open = at_;
    bool around = now().is("(");
    if (around) {
      std::uint32_t level = 0;
      std::size_t i = at_;
      bool as = false;
      for (; i < tree_.tokens.size() && tree_.tokens[i].kind != Kind::Newline; ++i) {
        const Token& each = tree_.tokens[i];
        if (each.is("(") || each.is("[") || each.is("{")) ++level;
        if ((each.is(")") || each.is("]") || each.is("}")) && --level == 0) break;
        as = as || (level == 1 && (each.word("as") || each.is(",")));
      }
      around = as && i + 1 < tree_.tokens.size() && tree_.tokens[i + 1].is(":");
      at_ = open + (around ? 1 : 0);
    }
    while (!failed_ && !line_ends() && !now().is(":") && !now().is(")")) {
      const std::size_t item = at_;
      Siblings inside;
      append(inside, expression(0));
      if (take_word("as")) append(inside, expression(0));
      append(parts, node(Syntax::WithItem, item, inside));
      if (!take(",")) break;
    }
    if (around && !take(")")) fail();
  } else if (first.word("except")) {
    kind = Syntax::Except;
    if (!now().is(":")) append(parts, list(0));
    if (take_word("as")) append(parts, expression(0));
  } else if (first.word("else") || first.word("try") || first.word("finally")) {
    kind = first.word("else") ? Syntax::Else : first.word("try") ? Syntax::Try : Syntax::Finally;
  } else {
    kind = first.word("if")      ? Syntax::If
           : first.word("elif")  ? Syntax::Elif
           : first.word("while") ? Syntax::While
           : first.word("match") ? Syntax::Match
                                 : Syntax::Case;
    append(parts, list(0));
    if (kind == Syntax::Case && take_word("as")) append(parts, expression(0));
  }
  if (kind == Syntax::With) clearly();
  if (!take(":")) fail();
  if (!failed_) append(parts, suite(depth));
  return node(kind, begin, parts);
}

NodeId TreeParser::dotted_name() {
  const std::size_t begin = at_;
  while (take(".") || take("...")) {
  }
  while (now().kind == Kind::Name && !now().word("import") && at_ - begin < 200) {
    next();
    if (!now().is(".")) break;
    next();
  }
  return node(Syntax::Module, begin);
}

NodeId TreeParser::import_statement() {
  const std::size_t begin = at_;
  next();
  Siblings modules;
  do {
    const std::size_t before = at_;
    const NodeId module = dotted_name();
    if (at_ == before) fail();
    if (take_word("as")) {
      tree_.nodes[module].link = static_cast<std::uint32_t>(at_);
      if (now().kind != Kind::Name) fail();
      next();
    }
    append(modules, module);
  } while (!failed_ && take(","));
  if (!failed_ && line_ends()) clearly();
  return node(Syntax::Import, begin, modules);
}

NodeId TreeParser::from_statement() {
  const std::size_t begin = at_;
  next();
  Siblings parts;
  const std::size_t before = at_;
  append(parts, dotted_name());
  if (at_ == before || !take_word("import")) {
    fail();
    return node(Syntax::From, begin, parts);
  }
  if (take("*")) {
    clearly();
    append(parts, node(Syntax::ImportAll, at_ - 1));
    return node(Syntax::From, begin, parts);
  }
  const bool open = take("(");
  while (now().kind == Kind::Name) {
    const std::size_t name = at_;
    std::size_t alias = 0;
    next();
    if (take_word("as")) {
      alias = at_;
      next();
    }
    append(parts, node(Syntax::Imported, name, {}, alias));
    if (!take(",")) break;
  }
  if (open && !take(")")) fail();
  if (!failed_ && line_ends()) clearly();
  return node(Syntax::From, begin, parts);
}

void TreeParser::parameters(Siblings& into) {
  if (!take("(")) return;
  while (!ends() && !now().is(")") && !failed_) {
    const std::size_t before = at_;
    std::size_t star = 0;
    if (now().is("*") || now().is("**") || now().is("/")) {
      star = at_;
      next();
    }
    if (take("(")) {  // Python 2: def f((a, b)): …
      while (!line_ends() && !take(")")) next();
    }
    const std::size_t name = at_;
    Siblings inside;
    const bool named = now().kind == Kind::Name;
    if (named) next();
    if (take(":")) append(inside, node_of(Syntax::Annotation, at_ - 1, expression(0)));
    if (take("=")) append(inside, expression(0));
    if (named) append(into, node(Syntax::Parameter, name, inside, star));
    take(",");
    if (at_ == before) fail();
  }
  take(")");
}

void TreeParser::bases(Siblings& into) {
  if (!take("(")) return;
  while (!ends() && !now().is(")") && !failed_) {
    const std::size_t before = at_;
    if (now().kind == Kind::Name && after().is("=")) {
      next();
      next();
      append(into, node_of(Syntax::Keyword, before, expression(0)));
    } else {
      append(into, expression(0));
    }
    take(",");
    if (at_ == before) fail();
  }
  take(")");
}

NodeId TreeParser::definition(std::uint32_t depth) {
  Siblings parts = decorators_;
  decorators_ = {};
  take_word("async");
  const Syntax kind = now().word("def") ? Syntax::Function : Syntax::Class;
  next();
  const std::size_t name = at_;
  if (now().kind != Kind::Name) fail();
  next();
  if (take("[")) {  // type parameters
    while (!failed_ && !ends() && !now().is("]")) {
      const std::size_t before = at_;
      expression(0);
      if (take(":")) expression(0);
      if (take("=")) expression(0);
      take(",");
      if (at_ == before) fail();
    }
    if (!take("]")) fail();
  }
  if (kind == Syntax::Function) {
    parameters(parts);
    if (take("->")) append(parts, node_of(Syntax::Annotation, at_ - 1, expression(0)));
  } else {
    bases(parts);
  }
  if (!take(":")) fail();
  if (!failed_) {
    clearly();
    append(parts, suite(depth));
  }
  return node(kind, name, parts);
}

NodeId TreeParser::assignment_or_expression() {
  const std::size_t begin = at_;
  Siblings parts;
  // `type X = int`: two names in a row are nothing else.
  if (now().word("type") && after().kind == Kind::Name && (after(2).is("=") || after(2).is("["))) next();
  append(parts, list(0));
  if (failed_) return node(Syntax::Expression, begin, parts);
  if (take(":")) {
    append(parts, node_of(Syntax::Annotation, at_ - 1, expression(0)));
    if (take("=")) append(parts, list(0));
    return node(Syntax::Annotated, begin, parts);
  }
  constexpr std::array<std::string_view, 13> kAugmented = {
      "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "**=", "//=", ">>=", "<<="};
  if (now().kind == Kind::Operator && contains(kAugmented, now().text)) {
    const std::size_t op = at_;
    next();
    append(parts, list(0));
    return node(Syntax::Augmented, begin, parts, op);
  }
  if (!now().is("=")) {
    // A statement that only calls a built-in that runs code is Python as well.
    if (tree_.tokens[begin].kind == Kind::Name && now().kind != Kind::Bad &&
        contains(kRunners, tree_.tokens[begin].text) && tree_.tokens[begin + 1].is("("))
      clearly();
    return node(Syntax::Expression, begin, parts);
  }
  while (!failed_ && take("=")) append(parts, list(0));
  return node(Syntax::Assign, begin, parts);
}

Tree parse_tree(std::string_view source, const ParseLimits& limits) {
  Tree tree{.source = source, .tokens = {}, .nodes = {}};
  TreeParser parser(tree, limits);
  tree.root = parser.module();
  return tree;
}

Tree parse_expression_tree(std::string_view source, const ParseLimits& limits) {
  Tree tree{.source = source, .tokens = {}, .nodes = {}};
  TreeParser parser(tree, limits);
  tree.root = parser.single_expression();
  return tree;
}

}  // namespace bulwark::python
