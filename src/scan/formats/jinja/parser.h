#pragma once
// The syntax tree of a Jinja2 template: expressions and statements of the language with Hugging Face's
// additions
// ({% generation %}, {% break %}, {% continue %}, {% do %}).

#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/jinja/lexer.h"

namespace bulwark::scan::jinja {

enum class NodeKind : std::uint8_t {
  // Expressions; `kids` in the order given.
  Name,         // text
  String,       // text
  Integer,      // number (text as written when it does not fit)
  Float,        // text
  Constant,     // true, false, none in `text`
  List,         // items
  Tuple,        // items
  Dict,         // key, value, key, value …
  Attribute,    // object; name in `text`
  Subscript,    // object, index
  Slice,        // start, stop, step; kNoNode where left out
  Call,         // callee, arguments
  Keyword,      // value; name in `text`
  Splat,        // value: *args and **kwargs
  Filter,       // target (kNoNode in a filter block), arguments; name in `text`
  Test,         // target, arguments; name in `text`
  Unary,        // operand; operator in `text`
  Binary,       // left, right; operator in `text`, comparisons and "and", "or", "in" too
  Conditional,  // condition, value, alternative (or kNoNode)
  // Statements; nested ones in `body` and `otherwise`.
  Data,       // text
  Output,     // expression
  For,        // target, iterable, condition (or kNoNode)
  If,         // conditions; `body` holds one Branch for each, and one more for else
  Branch,     // body
  Set,        // target, value; or target and body, then kids[1] is a Filter or kNoNode
  Macro,      // parameters (Name or Keyword); name in `text`
  CallBlock,  // call
  Scoped,     // filter, with, block, autoescape, generation, trans: kids are evaluated, then the body
  Load,       // template name: include, import, from, extends; which in `text`
  Do,         // expression
};

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = ~NodeId{0};

struct Node {
  NodeKind kind = NodeKind::Data;
  std::uint32_t depth = 1;  // of the tree below, to keep walks of it within the stack
  std::uint64_t offset = 0;
  std::uint64_t end = 0;  // expressions: where their text ends
  std::int64_t number = 0;
  std::string text = {};
  std::vector<NodeId> kids = {};
  std::vector<NodeId> body = {};
  std::vector<NodeId> otherwise = {};
};

struct Template {
  std::vector<Node> nodes;
  std::vector<NodeId> body;
  std::uint32_t tags = 0;  // {% … %} statements read
};

// Errors: InvalidInput with the offset of the token that does not fit; LimitReached for depth
// (`template_depth`).
[[nodiscard]] Result<Template> parse(const Lexed& lexed, const Limits& limits);

}  // namespace bulwark::scan::jinja
