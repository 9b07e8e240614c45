#include "scan/formats/jinja/expressions.h"

#include <array>
#include <charconv>

namespace bulwark::scan::jinja {
namespace {

struct BinaryOperator {
  std::string_view text;
  int precedence;
};
// Precedences of jinja2.parser: or < and < not < comparison < + - < ~ < * / // % < unary < **.
constexpr std::array kBinaryOperators = {
    BinaryOperator{"or", 1}, BinaryOperator{"and", 2}, BinaryOperator{"==", 4}, BinaryOperator{"!=", 4},
    BinaryOperator{"<", 4},  BinaryOperator{"<=", 4},  BinaryOperator{">", 4},  BinaryOperator{">=", 4},
    BinaryOperator{"in", 4}, BinaryOperator{"+", 5},   BinaryOperator{"-", 5},  BinaryOperator{"~", 6},
    BinaryOperator{"*", 7},  BinaryOperator{"/", 7},   BinaryOperator{"//", 7}, BinaryOperator{"%", 7},
    BinaryOperator{"**", 9},
};
constexpr int kNotPrecedence = 3;
constexpr int kUnaryPrecedence = 8;

std::optional<BinaryOperator> binary_operator(const Token& token, const Token& after) {
  if (token.kind == TokenKind::Name && token.source == "not" && after.is(TokenKind::Name, "in")) {
    return BinaryOperator{"not in", 4};
  }
  if (token.kind != TokenKind::Operator && token.kind != TokenKind::Name) return std::nullopt;
  const auto found = std::ranges::find(kBinaryOperators, token.source, &BinaryOperator::text);
  if (found == kBinaryOperators.end()) return std::nullopt;
  return *found;
}

}  // namespace

Result<NodeId> Expressions::add(Node node) {
  node.end = at_ > 0 ? tokens_[at_ - 1].offset + tokens_[at_ - 1].source.size() : node.offset;
  for (const auto* ids : {&node.kids, &node.body, &node.otherwise}) {
    for (const NodeId id : *ids) {
      if (id != kNoNode) node.depth = std::max(node.depth, out_.nodes[id].depth + 1);
    }
  }
  if (node.depth > limits_.template_depth) return too_deep(node.offset);
  out_.nodes.push_back(std::move(node));
  return static_cast<NodeId>(out_.nodes.size() - 1);
}

std::unexpected<Error> Expressions::too_deep(std::uint64_t offset) const {
  return fail(Code::LimitReached,
              "template: nested deeper than " + std::to_string(limits_.template_depth) + " levels", offset);
}

Result<void> Expressions::append(std::vector<NodeId>& into, Result<NodeId> item) {
  if (!item) return std::unexpected(std::move(item).error());
  into.push_back(*item);
  return {};
}

Result<NodeId> Expressions::target_list() {
  const std::uint64_t offset = peek().offset;
  std::vector<NodeId> items;
  bool tuple = false;
  const bool parenthesised = skip_operator("(");
  while (true) {
    const std::uint64_t item_offset = peek().offset;
    std::string name = TRY(expect_name());
    NodeId item = TRY(add({.kind = NodeKind::Name, .offset = item_offset, .text = std::move(name)}));
    while (skip_operator(".")) {
      std::string attribute = TRY(expect_name());
      item = TRY(
          add({.kind = NodeKind::Attribute, .offset = offset, .text = std::move(attribute), .kids = {item}}));
    }
    items.push_back(item);
    if (!skip_operator(",")) break;
    tuple = true;
    if (peek().kind != TokenKind::Name || is_name("in")) break;
  }
  if (parenthesised) TRY(expect_operator(")"));
  if (!tuple) return items.front();
  return add({.kind = NodeKind::Tuple, .offset = offset, .kids = std::move(items)});
}

// One expression, or a tuple without parentheses.
Result<NodeId> Expressions::expression_list() {
  const std::uint64_t offset = peek().offset;
  const NodeId first = TRY(expression());
  if (!is_operator(",")) return first;
  std::vector<NodeId> items{first};
  while (skip_operator(",")) {
    if (ends_expression()) break;
    TRY(append(items, expression()));
  }
  return add({.kind = NodeKind::Tuple, .offset = offset, .kids = std::move(items)});
}

bool Expressions::ends_expression() const {
  const TokenKind kind = peek().kind;
  return kind == TokenKind::VariableEnd || kind == TokenKind::BlockEnd || kind == TokenKind::End ||
         is_operator(")") || is_operator("]") || is_operator("}");
}

Result<NodeId> Expressions::expression() {
  const Depth depth(depth_);
  if (depth_ > limits_.template_depth) return too_deep(peek().offset);
  const bool conditional = !no_conditional_;
  const std::uint64_t offset = peek().offset;
  NodeId value = TRY(binary(1));
  while (conditional && skip_name("if")) {
    const NodeId condition = TRY(binary(1));
    NodeId alternative = kNoNode;
    if (skip_name("else")) alternative = TRY(expression());
    value =
        TRY(add({.kind = NodeKind::Conditional, .offset = offset, .kids = {condition, value, alternative}}));
  }
  return value;
}

// Inside brackets an "if" always belongs to the expression, also in the head of a for loop.
Result<NodeId> Expressions::bracketed() {
  const bool outer = std::exchange(no_conditional_, false);
  auto result = expression();
  no_conditional_ = outer;
  return result;
}

Result<NodeId> Expressions::binary(int lowest) {
  const std::uint64_t offset = peek().offset;
  NodeId left = TRY(unary());
  while (true) {
    const auto op = binary_operator(peek(), peek(1));
    if (!op || op->precedence < lowest) return left;
    next();
    if (op->text == "not in") next();
    const NodeId right = TRY(binary(op->precedence + 1));
    left = TRY(add(
        {.kind = NodeKind::Binary, .offset = offset, .text = std::string(op->text), .kids = {left, right}}));
  }
}

Result<NodeId> Expressions::unary() {
  const Depth depth(depth_);
  if (depth_ > limits_.template_depth) return too_deep(peek().offset);
  const std::uint64_t offset = peek().offset;
  std::string_view sign;
  int precedence = kUnaryPrecedence;
  if (skip_name("not")) {
    sign = "not";
    precedence = kNotPrecedence + 1;
  } else if (is_operator("-") || is_operator("+")) {
    sign = next().source;
  }
  if (sign.empty()) {
    const NodeId value = TRY(primary());
    return postfix(value);
  }
  const NodeId operand = TRY(binary(precedence));
  return add({.kind = NodeKind::Unary, .offset = offset, .text = std::string(sign), .kids = {operand}});
}

Result<NodeId> Expressions::primary() {
  const Token& token = peek();
  switch (token.kind) {
    case TokenKind::Name: next(); return name(token);
    case TokenKind::String: {
      Node node{.kind = NodeKind::String, .offset = token.offset};
      while (peek().kind == TokenKind::String) node.text += next().text;  // adjacent literals are one
      return add(std::move(node));
    }
    case TokenKind::Integer: next(); return integer(token);
    case TokenKind::Float:
      next();
      return add({.kind = NodeKind::Float, .offset = token.offset, .text = std::string(token.source)});
    default: break;
  }
  if (skip_operator("(")) return parenthesised(token.offset);
  if (skip_operator("[")) return sequence(token.offset);
  if (skip_operator("{")) return dictionary(token.offset);
  return unexpected("an expression");
}

Result<NodeId> Expressions::name(const Token& token) {
  static constexpr std::array<std::string_view, 6> kConstants = {"true",  "True", "false",
                                                                 "False", "none", "None"};
  const bool constant = std::ranges::find(kConstants, token.source) != kConstants.end();
  return add({.kind = constant ? NodeKind::Constant : NodeKind::Name,
              .offset = token.offset,
              .text = std::string(token.source)});
}

Result<NodeId> Expressions::integer(const Token& token) {
  Node node{.kind = NodeKind::Integer, .offset = token.offset, .text = std::string(token.source)};
  std::string digits = node.text;
  std::erase(digits, '_');
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0') {
    const char mark = digits[1];
    base = mark == 'x' || mark == 'X'   ? 16
           : mark == 'o' || mark == 'O' ? 8
           : mark == 'b' || mark == 'B' ? 2
                                        : 10;
    if (base != 10) digits.erase(0, 2);
  }
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, node.number, base);
  if (error == std::errc::result_out_of_range)
    node.number = std::int64_t{1} << 62;
  else if (rest != end)
    return fail(Code::InvalidInput, "template: bad number", token.offset);
  return add(std::move(node));
}

Result<NodeId> Expressions::parenthesised(std::uint64_t offset) {
  const bool outer = std::exchange(no_conditional_, false);
  if (skip_operator(")")) {
    no_conditional_ = outer;
    return add({.kind = NodeKind::Tuple, .offset = offset});
  }
  auto inner = expression_list();
  no_conditional_ = outer;
  const NodeId value = TRY(std::move(inner));
  TRY(expect_operator(")"));
  return value;
}

Result<NodeId> Expressions::sequence(std::uint64_t offset) {
  Node node{.kind = NodeKind::List, .offset = offset};
  while (!skip_operator("]")) {
    if (!node.kids.empty()) {
      TRY(expect_operator(","));
      if (skip_operator("]")) break;
    }
    TRY(append(node.kids, bracketed()));
  }
  return add(std::move(node));
}

Result<NodeId> Expressions::dictionary(std::uint64_t offset) {
  Node node{.kind = NodeKind::Dict, .offset = offset};
  while (!skip_operator("}")) {
    if (!node.kids.empty()) {
      TRY(expect_operator(","));
      if (skip_operator("}")) break;
    }
    TRY(append(node.kids, bracketed()));
    TRY(expect_operator(":"));
    TRY(append(node.kids, bracketed()));
  }
  return add(std::move(node));
}

// Attributes, subscripts, calls, filters and tests behind a value.
Result<NodeId> Expressions::postfix(NodeId value) {
  while (true) {
    const Token& token = peek();
    if (skip_operator(".")) {
      value = TRY(attribute(value));
    } else if (skip_operator("[")) {
      value = TRY(subscript(value, token.offset));
    } else if (is_operator("(")) {
      Node node{.kind = NodeKind::Call, .offset = token.offset, .kids = {value}};
      TRY(arguments(node.kids));
      value = TRY(add(std::move(node)));
    } else if (is_operator("|")) {
      value = TRY(filters(value));
    } else if (skip_name("is")) {
      value = TRY(test(value, token.offset));
    } else {
      return value;
    }
  }
}

Result<NodeId> Expressions::attribute(NodeId value) {
  const Token& token = next();
  if (token.kind == TokenKind::Name || token.kind == TokenKind::Float) {
    return add({.kind = NodeKind::Attribute,
                .offset = token.offset,
                .text = std::string(token.source),
                .kids = {value}});
  }
  if (token.kind != TokenKind::Integer) return unexpected("a name after '.'");
  const NodeId index = TRY(integer(token));
  return add({.kind = NodeKind::Subscript, .offset = token.offset, .kids = {value, index}});
}

Result<NodeId> Expressions::subscript(NodeId value, std::uint64_t offset) {
  std::vector<NodeId> parts;
  bool tuple = false;
  while (true) {
    TRY(append(parts, subscript_part()));
    if (!skip_operator(",")) break;
    tuple = true;
  }
  TRY(expect_operator("]"));
  NodeId index = parts.front();
  if (tuple) index = TRY(add({.kind = NodeKind::Tuple, .offset = offset, .kids = std::move(parts)}));
  return add({.kind = NodeKind::Subscript, .offset = offset, .kids = {value, index}});
}

Result<NodeId> Expressions::subscript_part() {
  const std::uint64_t offset = peek().offset;
  std::vector<NodeId> bounds;
  if (!is_operator(":")) {
    TRY(append(bounds, bracketed()));
    if (!is_operator(":")) return bounds.front();
  } else {
    bounds.push_back(kNoNode);
  }
  while (bounds.size() < 3 && skip_operator(":")) {
    NodeId bound = kNoNode;
    if (!is_operator(":") && !is_operator("]") && !is_operator(",")) bound = TRY(bracketed());
    bounds.push_back(bound);
  }
  bounds.resize(3, kNoNode);
  return add({.kind = NodeKind::Slice, .offset = offset, .kids = std::move(bounds)});
}

Result<void> Expressions::arguments(std::vector<NodeId>& into) {
  TRY(expect_operator("("));
  bool first = true;
  while (!skip_operator(")")) {
    if (!first) {
      TRY(expect_operator(","));
      if (skip_operator(")")) break;
    }
    first = false;
    const Token& token = peek();
    if (skip_operator("*") || skip_operator("**")) {
      const NodeId value = TRY(bracketed());
      TRY(append(into, add({.kind = NodeKind::Splat, .offset = token.offset, .kids = {value}})));
    } else if (token.kind == TokenKind::Name && peek(1).is(TokenKind::Operator, "=")) {
      next();
      next();
      const NodeId value = TRY(bracketed());
      TRY(append(into, add({.kind = NodeKind::Keyword,
                            .offset = token.offset,
                            .text = std::string(token.source),
                            .kids = {value}})));
    } else {
      TRY(append(into, bracketed()));
    }
  }
  return {};
}

Result<std::string> Expressions::dotted_name() {
  std::string text = TRY(expect_name());
  while (skip_operator(".")) {
    const std::string part = TRY(expect_name());
    text += "." + part;
  }
  return text;
}

Result<NodeId> Expressions::filters(NodeId value) {
  while (skip_operator("|")) {
    const std::uint64_t offset = peek().offset;
    std::string text = TRY(dotted_name());
    Node node{.kind = NodeKind::Filter, .offset = offset, .text = std::move(text), .kids = {value}};
    if (is_operator("(")) TRY(arguments(node.kids));
    value = TRY(add(std::move(node)));
  }
  return value;
}

Result<NodeId> Expressions::test(NodeId value, std::uint64_t offset) {
  skip_name("not");
  std::string text = TRY(dotted_name());
  Node node{.kind = NodeKind::Test, .offset = offset, .text = std::move(text), .kids = {value}};
  if (is_operator("(")) {
    TRY(arguments(node.kids));
  } else if (takes_argument()) {
    TRY(append(node.kids, postfix_of_test()));
  }
  return add(std::move(node));
}

// jinja2 lets a test take one argument without parentheses: "x is divisibleby 3".
bool Expressions::takes_argument() const {
  static constexpr std::array<std::string_view, 7> kWords = {"else", "or", "and", "is", "if", "in", "not"};
  const Token& token = peek();
  if (token.kind == TokenKind::Name) {
    return std::ranges::find(kWords, token.source) == kWords.end() && token.source != "recursive";
  }
  return token.kind == TokenKind::String || token.kind == TokenKind::Integer ||
         token.kind == TokenKind::Float || is_operator("[") || is_operator("{");
}

Result<NodeId> Expressions::postfix_of_test() {
  NodeId value = TRY(primary());
  while (true) {
    const Token& token = peek();
    if (skip_operator(".")) {
      value = TRY(attribute(value));
    } else if (skip_operator("[")) {
      value = TRY(subscript(value, token.offset));
    } else {
      return value;
    }
  }
}

}  // namespace bulwark::scan::jinja
