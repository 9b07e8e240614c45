#pragma once
// Syntax tree of Python source: what the parser makes of tokens, and what everybody else walks.
//
// Nodes lie in one array and name their first child and next sibling by index; 0 is "none". Chains
// (a.b(c)[d]) and operators (a + b + c) are flat lists, so a tree is only as deep as its brackets and
// indentation, which are bounded: walking it by recursion is safe.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/python/lexer.h"

namespace bulwark::python {

enum class Syntax : std::uint8_t {
  Missing,  // absent or unreadable; the null node
  // Expressions.
  Name,
  Number,
  String,  // adjacent constant literals: the tokens [token, end)
  Format,  // the same with an f-string among them; children: the expressions inside of it
  Ellipsis,
  Chain,          // first child: the base; then Attribute, Call and Item in the order of the text
  Attribute,      // .token
  Call,           // (…): expressions, Keyword, Star
  Item,           // […]: expressions, Slice
  Slice,          // a:b:c: up to three children, Missing where nothing is written
  Keyword,        // token = child
  Star,           // *child or **child (the token)
  Unary,          // token (not, -, await, yield …) child
  Operation,      // children joined by their `link` tokens: +, and, if, else, ==, in …
  Walrus,         // name, value
  Lambda,         // Parameter*, body
  Comprehension,  // element, [value of a dict], then Clause*
  Clause,         // target, iterated, conditions
  Tuple,
  List,
  Set,
  Dict,  // Pair and Star
  Pair,  // key, value
  // Statements.
  Block,  // statements
  Expression,
  Assign,     // targets, value last
  Annotated,  // target, annotation, [value]
  Augmented,  // target, value; `link`: the operator
  Return,
  Raise,
  Assert,
  Delete,
  Global,    // names: the tokens [token + 1, end)
  Pass,      // and break, continue
  Import,    // Module*
  From,      // Module, then Imported* or ImportAll
  Module,    // dotted name: the tokens [token, end); `link`: the alias, 0 if none
  Imported,  // token; `link`: the alias, 0 if none
  ImportAll,
  If,     // condition, Block
  Elif,   // condition, Block
  Else,   // Block
  While,  // condition, Block
  For,    // target, iterated, Block
  Try,
  Except,  // [type, [target]], Block
  Finally,
  With,       // WithItem*, Block
  WithItem,   // expression, [target]
  Match,      // subject, Block
  Case,       // pattern (and guard), Block
  Function,   // Decorator*, Parameter*, [Annotation], Block; token: the name
  Parameter,  // token: the name; [Annotation], [default]; `link`: the star, 0 if none
  Annotation,
  Decorator,   // expression
  Class,       // Decorator*, bases and Keywords, Block; token: the name
  Print,       // of Python 2, and exec: the word, then its arguments
  Unreadable,  // a statement that did not parse; children: what could be read of it
};

struct Node {
  Syntax kind = Syntax::Missing;
  std::uint32_t token = 0;  // the first; or as said above
  std::uint32_t end = 0;    // one past the last
  std::uint32_t first = 0;  // child
  std::uint32_t next = 0;   // sibling
  std::uint32_t link = 0;   // token; see above
};

using NodeId = std::uint32_t;

// Children of a node, for range-for.
class Children {
 public:
  class Iterator {
   public:
    Iterator(const std::vector<Node>* nodes, NodeId at) : nodes_(nodes), at_(at) {}
    NodeId operator*() const { return at_; }
    Iterator& operator++() {
      at_ = (*nodes_)[at_].next;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const std::vector<Node>* nodes_;
    NodeId at_;
  };
  Children(const std::vector<Node>* nodes, NodeId first) : nodes_(nodes), first_(first) {}
  [[nodiscard]] Iterator begin() const { return {nodes_, first_}; }
  [[nodiscard]] Iterator end() const { return {nodes_, 0}; }

 private:
  const std::vector<Node>* nodes_;
  NodeId first_;
};

struct Tree {
  std::string_view source;  // must outlive the tree
  std::vector<Token> tokens;
  std::vector<Node> nodes;  // [0] is Missing
  NodeId root = 0;          // Block; of an expression's text: the expression

  std::uint64_t statements = 0;
  std::uint64_t unreadable = 0;  // statements that did not parse
  std::uint64_t clearly = 0;     // statements that no other language writes so: imports, definitions …
  bool complete = true;          // false: a limit was reached
  bool unclosed = false;         // a string or bracket does not end where it should

  [[nodiscard]] const Node& at(NodeId id) const { return nodes[id]; }
  [[nodiscard]] Syntax kind(NodeId id) const { return nodes[id].kind; }
  [[nodiscard]] const Token& token(NodeId id) const { return tokens[nodes[id].token]; }
  [[nodiscard]] std::string_view text(NodeId id) const { return tokens[nodes[id].token].text; }
  [[nodiscard]] Children children(NodeId id) const { return {&nodes, nodes[id].first}; }
  [[nodiscard]] NodeId first(NodeId id) const { return nodes[id].first; }
  [[nodiscard]] NodeId next(NodeId id) const { return nodes[id].next; }
  [[nodiscard]] NodeId last(NodeId id) const {
    NodeId found = 0;
    for (const NodeId child : children(id)) found = child;
    return found;
  }
  // The source between the first and the last token of a node.
  [[nodiscard]] std::string_view written(NodeId id) const {
    const Node& node = nodes[id];
    if (node.end <= node.token || node.end > tokens.size()) return {};
    const std::uint64_t begin = tokens[node.token].offset;
    const Token& last_token = tokens[node.end - 1];
    return source.substr(begin, last_token.offset + last_token.text.size() - begin);
  }
};

struct ParseLimits {
  std::size_t tokens = 4'000'000;
  bool formats = true;  // read the expressions inside of f-strings
};

// Never fails: what cannot be read becomes Unreadable and reading goes on at the next logical line.
[[nodiscard]] Tree parse_tree(std::string_view source, const ParseLimits& limits = {});
// The text of an expression.
[[nodiscard]] Tree parse_expression_tree(std::string_view source, const ParseLimits& limits = {});

}  // namespace bulwark::python
