#pragma once
// The parser behind parse_tree(). Internal to scan/formats/python.
//
// parse_statements.cpp: statements and blocks; parse_expressions.cpp: operators, chains, literals.

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "scan/formats/python/syntax.h"

namespace bulwark::python {

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

class TreeParser {
 public:
  TreeParser(Tree& tree, const ParseLimits& limits) : tree_(tree), limits_(limits) {
    tree.tokens = tokens_of(tree.source, limits.tokens, &tree.unclosed);
    tree.complete = tree.tokens.size() < limits.tokens;
    main_end_ = tree.tokens.size() - 1;
    tree.nodes.reserve(tree.tokens.size() + 16);
    tree.nodes.emplace_back();
  }

  NodeId module();
  NodeId single_expression() { return list(0); }

 private:
  // Children of a node that is being read.
  struct Siblings {
    NodeId first = 0;
    NodeId last = 0;
  };
  void append(Siblings& list, NodeId child) {
    if (child == 0) return;
    (list.last == 0 ? list.first : tree_.nodes[list.last].next) = child;
    list.last = child;
  }
  NodeId node(Syntax kind, std::size_t token) { return node(kind, token, Siblings()); }
  NodeId node(Syntax kind, std::size_t token, const Siblings& children, std::size_t link = 0) {
    tree_.nodes.push_back({.kind = kind,
                           .token = static_cast<std::uint32_t>(token),
                           .end = static_cast<std::uint32_t>(at_),
                           .first = children.first,
                           .next = 0,
                           .link = static_cast<std::uint32_t>(link)});
    return static_cast<NodeId>(tree_.nodes.size() - 1);
  }
  NodeId node_of(Syntax kind, std::size_t token, NodeId child) {
    return node(kind, token, {.first = child, .last = child});
  }
  // A place for a child that is not there, where children are told by their order.
  NodeId missing() { return node(Syntax::Missing, at_); }

  [[nodiscard]] const Token& now() const { return tree_.tokens[at_]; }
  [[nodiscard]] const Token& after(std::size_t n = 1) const {
    return tree_.tokens[std::min(at_ + n, tree_.tokens.size() - 1)];
  }
  [[nodiscard]] bool ends() const { return now().kind == Kind::End; }
  [[nodiscard]] bool line_ends() const {
    return ends() || now().kind == Kind::Newline || now().kind == Kind::Dedent || now().is(";");
  }
  void next() {
    if (!ends()) ++at_;
  }
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
  void fail() { failed_ = true; }
  void clearly() { ++tree_.clearly; }

  void statements(Siblings& into, std::uint32_t depth);
  NodeId statement_or_rest(std::uint32_t depth);
  NodeId statement(std::uint32_t depth);
  NodeId simple();
  NodeId compound(std::uint32_t depth);
  NodeId definition(std::uint32_t depth);
  void parameters(Siblings& into);
  void bases(Siblings& into);
  NodeId suite(std::uint32_t depth);
  NodeId jump();
  NodeId import_statement();
  NodeId from_statement();
  NodeId dotted_name();
  NodeId target();
  NodeId assignment_or_expression();
  [[nodiscard]] bool is_last() const;
  [[nodiscard]] bool ends_open(std::size_t begin) const;

  NodeId list(std::uint32_t depth);
  NodeId expression(std::uint32_t depth);
  NodeId comprehension(NodeId element, std::size_t begin, std::uint32_t depth);
  NodeId unit(std::uint32_t depth);
  NodeId atom(std::uint32_t depth);
  NodeId strings(std::uint32_t depth);
  void fields(const Token& format, Siblings& into, std::uint32_t depth);
  NodeId bracketed(std::uint32_t depth);
  NodeId lambda(std::uint32_t depth);
  NodeId call(std::uint32_t depth);
  NodeId item(std::uint32_t depth);

  Tree& tree_;
  ParseLimits limits_;
  std::size_t at_ = 0;
  std::size_t main_end_ = 0;  // the End of the source; tokens of f-strings lie behind it
  bool failed_ = false;
  Siblings decorators_;  // of the definition that follows
};

}  // namespace bulwark::python
