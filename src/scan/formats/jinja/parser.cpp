#include "scan/formats/jinja/parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

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

class Parser {
 public:
  Parser(const Lexed& lexed, const Limits& limits) : tokens_(lexed.tokens), limits_(limits) {}

  Result<Template> run() {
    out_.body = TRY(statements({}));
    return std::move(out_);
  }

 private:
  using Names = std::initializer_list<std::string_view>;

  // ---- tokens
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& next() {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  [[nodiscard]] bool is_operator(std::string_view text) const { return peek().is(TokenKind::Operator, text); }
  [[nodiscard]] bool is_name(std::string_view text) const { return peek().is(TokenKind::Name, text); }
  bool skip_operator(std::string_view text) {
    if (!is_operator(text)) return false;
    next();
    return true;
  }
  bool skip_name(std::string_view text) {
    if (!is_name(text)) return false;
    next();
    return true;
  }
  [[nodiscard]] std::unexpected<Error> unexpected(std::string_view wanted) const {
    const Token& token = peek();
    return fail(
        Code::InvalidInput,
        "template: expected " + std::string(wanted) + " at offset " + std::to_string(token.offset) +
            (token.kind == TokenKind::End ? ", found the end" : ", found " + std::string(token.source)),
        token.offset);
  }
  [[nodiscard]] Result<void> expect_operator(std::string_view text) {
    if (!skip_operator(text)) return unexpected(text);
    return {};
  }
  [[nodiscard]] Result<void> expect(TokenKind kind, std::string_view what) {
    if (peek().kind != kind) return unexpected(what);
    next();
    return {};
  }
  [[nodiscard]] Result<std::string> expect_name() {
    if (peek().kind != TokenKind::Name) return unexpected("a name");
    return std::string(next().source);
  }

  // ---- nodes
  [[nodiscard]] Result<NodeId> add(Node node) {
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
  [[nodiscard]] std::unexpected<Error> too_deep(std::uint64_t offset) const {
    return fail(Code::LimitReached,
                "template: nested deeper than " + std::to_string(limits_.template_depth) + " levels", offset);
  }
  [[nodiscard]] static Result<void> append(std::vector<NodeId>& into, Result<NodeId> item) {
    if (!item) return std::unexpected(std::move(item).error());
    into.push_back(*item);
    return {};
  }
  struct Depth {
    explicit Depth(std::uint32_t& depth) : depth_(depth) { ++depth_; }
    ~Depth() { --depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    std::uint32_t& depth_;
  };

  // ---- statements
  [[nodiscard]] Result<std::vector<NodeId>> statements(Names until) {
    const Depth depth(depth_);
    if (depth_ > limits_.template_depth) return too_deep(peek().offset);
    std::vector<NodeId> body;
    while (true) {
      const Token& token = peek();
      if (token.kind == TokenKind::End) {
        if (until.size() == 0) return body;
        return unexpected(*(until.end() - 1));
      }
      if (token.kind == TokenKind::Data) {
        next();
        TRY(append(body,
                   add({.kind = NodeKind::Data, .offset = token.offset, .text = std::string(token.source)})));
      } else if (token.kind == TokenKind::VariableBegin) {
        next();
        const NodeId value = TRY(expression_list());
        TRY(expect(TokenKind::VariableEnd, "}}"));
        TRY(append(body, add({.kind = NodeKind::Output, .offset = token.offset, .kids = {value}})));
      } else {
        TRY(expect(TokenKind::BlockBegin, "a tag"));
        if (std::ranges::find(until, peek().source) != until.end()) return body;
        ++out_.tags;
        const NodeId statement = TRY(one_statement());
        if (statement != kNoNode) body.push_back(statement);
      }
    }
  }

  // The tag that ends a body, after statements() stopped at it.
  [[nodiscard]] Result<void> end_tag() {
    next();
    // endblock may repeat the name of its block.
    if (peek().kind == TokenKind::Name) next();
    return expect(TokenKind::BlockEnd, "%}");
  }
  [[nodiscard]] Result<std::vector<NodeId>> body_until(std::string_view end) {
    TRY(expect(TokenKind::BlockEnd, "%}"));
    std::vector<NodeId> body = TRY(statements({end}));
    TRY(end_tag());
    return body;
  }

  [[nodiscard]] Result<NodeId> one_statement() {
    const std::uint64_t offset = peek().offset;
    const std::string tag = TRY(expect_name());
    if (tag == "for") return for_loop(offset);
    if (tag == "if") return if_chain(offset);
    if (tag == "set") return set(offset);
    if (tag == "macro") return macro(offset);
    if (tag == "call") return call_block(offset);
    if (tag == "filter") return filter_block(offset);
    if (tag == "with") return with_block(offset);
    if (tag == "include" || tag == "import" || tag == "from" || tag == "extends") return load(offset, tag);
    if (tag == "block" || tag == "autoescape" || tag == "generation" || tag == "trans") {
      return simple_block(offset, "end" + tag);
    }
    if (tag == "break" || tag == "continue" || tag == "debug") {
      TRY(expect(TokenKind::BlockEnd, "%}"));
      return kNoNode;
    }
    if (tag == "do") {
      const NodeId value = TRY(expression_list());
      TRY(expect(TokenKind::BlockEnd, "%}"));
      return add({.kind = NodeKind::Do, .offset = offset, .kids = {value}});
    }
    return fail(Code::InvalidInput, "template: unknown tag " + tag + " at offset " + std::to_string(offset),
                offset);
  }

  [[nodiscard]] Result<NodeId> for_loop(std::uint64_t offset) {
    const NodeId target = TRY(target_list());
    if (!skip_name("in")) return unexpected("in");
    Node node{.kind = NodeKind::For, .offset = offset, .kids = {target}};
    no_conditional_ = true;
    auto iterable = expression_list();
    no_conditional_ = false;
    TRY(append(node.kids, std::move(iterable)));
    NodeId condition = kNoNode;
    if (skip_name("if")) condition = TRY(expression());
    node.kids.push_back(condition);
    skip_name("recursive");
    TRY(expect(TokenKind::BlockEnd, "%}"));
    node.body = TRY(statements({"else", "endfor"}));
    if (is_name("else")) {
      next();
      TRY(expect(TokenKind::BlockEnd, "%}"));
      node.otherwise = TRY(statements({"endfor"}));
    }
    TRY(end_tag());
    return add(std::move(node));
  }

  [[nodiscard]] Result<NodeId> if_chain(std::uint64_t offset) {
    Node node{.kind = NodeKind::If, .offset = offset};
    while (true) {
      TRY(append(node.kids, expression_list()));
      TRY(append(node.body, branch({"elif", "else", "endif"})));
      if (!skip_name("elif")) break;
    }
    if (skip_name("else")) TRY(append(node.body, branch({"endif"})));
    TRY(end_tag());
    return add(std::move(node));
  }
  [[nodiscard]] Result<NodeId> branch(Names until) {
    const std::uint64_t offset = peek().offset;
    TRY(expect(TokenKind::BlockEnd, "%}"));
    Node node{.kind = NodeKind::Branch, .offset = offset};
    node.body = TRY(statements(until));
    return add(std::move(node));
  }

  [[nodiscard]] Result<NodeId> set(std::uint64_t offset) {
    const NodeId target = TRY(target_list());
    Node node{.kind = NodeKind::Set, .offset = offset, .kids = {target}};
    if (skip_operator("=")) {
      TRY(append(node.kids, expression_list()));
      TRY(expect(TokenKind::BlockEnd, "%}"));
      return add(std::move(node));
    }
    NodeId filter = kNoNode;
    if (is_operator("|")) filter = TRY(filters(kNoNode));
    node.kids.push_back(filter);
    node.body = TRY(body_until("endset"));
    return add(std::move(node));
  }

  [[nodiscard]] Result<std::vector<NodeId>> parameters() {
    std::vector<NodeId> list;
    TRY(expect_operator("("));
    while (!skip_operator(")")) {
      if (!list.empty()) TRY(expect_operator(","));
      if (skip_operator(")")) break;
      const std::uint64_t offset = peek().offset;
      std::string name = TRY(expect_name());
      if (skip_operator("=")) {
        const NodeId value = TRY(expression());
        TRY(append(
            list,
            add({.kind = NodeKind::Keyword, .offset = offset, .text = std::move(name), .kids = {value}})));
      } else {
        TRY(append(list, add({.kind = NodeKind::Name, .offset = offset, .text = std::move(name)})));
      }
    }
    return list;
  }
  [[nodiscard]] Result<NodeId> macro(std::uint64_t offset) {
    Node node{.kind = NodeKind::Macro, .offset = offset};
    node.text = TRY(expect_name());
    node.kids = TRY(parameters());
    node.body = TRY(body_until("endmacro"));
    return add(std::move(node));
  }
  [[nodiscard]] Result<NodeId> call_block(std::uint64_t offset) {
    if (is_operator("(")) TRY(parameters());
    const NodeId call = TRY(expression());
    Node node{.kind = NodeKind::CallBlock, .offset = offset, .kids = {call}};
    node.body = TRY(body_until("endcall"));
    return add(std::move(node));
  }
  [[nodiscard]] Result<NodeId> filter_block(std::uint64_t offset) {
    const std::uint64_t name_offset = peek().offset;
    std::string name = TRY(dotted_name());
    Node first{.kind = NodeKind::Filter, .offset = name_offset, .text = std::move(name), .kids = {kNoNode}};
    if (is_operator("(")) TRY(arguments(first.kids));
    NodeId filter = TRY(add(std::move(first)));
    if (is_operator("|")) filter = TRY(filters(filter));
    Node node{.kind = NodeKind::Scoped, .offset = offset, .text = "filter", .kids = {filter}};
    node.body = TRY(body_until("endfilter"));
    return add(std::move(node));
  }
  [[nodiscard]] Result<NodeId> with_block(std::uint64_t offset) {
    Node node{.kind = NodeKind::Scoped, .offset = offset, .text = "with"};
    while (peek().kind != TokenKind::BlockEnd) {
      if (!node.kids.empty()) TRY(expect_operator(","));
      const std::uint64_t at = peek().offset;
      const NodeId target = TRY(target_list());
      TRY(expect_operator("="));
      const NodeId value = TRY(expression());
      TRY(append(node.kids, add({.kind = NodeKind::Set, .offset = at, .kids = {target, value}})));
    }
    node.body = TRY(body_until("endwith"));
    return add(std::move(node));
  }
  // The words of the opening tag (block name, "scoped", "required", trans variables) carry no dataflow we
  // follow, except expressions after "=".
  [[nodiscard]] Result<NodeId> simple_block(std::uint64_t offset, const std::string& end) {
    Node node{.kind = NodeKind::Scoped, .offset = offset, .text = end.substr(3)};
    while (peek().kind != TokenKind::BlockEnd) {
      skip_operator(",");
      if (peek().kind == TokenKind::BlockEnd) break;
      const NodeId value = TRY(expression());
      if (skip_operator("=")) {
        TRY(append(node.kids, expression()));
      } else if (out_.nodes[value].kind != NodeKind::Name) {
        node.kids.push_back(value);
      }
    }
    TRY(expect(TokenKind::BlockEnd, "%}"));
    node.body = TRY(statements({"pluralize", end}));
    if (is_name("pluralize")) {
      next();
      if (peek().kind == TokenKind::Name) next();
      TRY(expect(TokenKind::BlockEnd, "%}"));
      node.otherwise = TRY(statements({end}));
    }
    TRY(end_tag());
    return add(std::move(node));
  }
  [[nodiscard]] Result<NodeId> load(std::uint64_t offset, const std::string& tag) {
    const NodeId name = TRY(expression());
    while (peek().kind == TokenKind::Name || is_operator(","))
      next();  // "as x", "import a as b", "without context"
    TRY(expect(TokenKind::BlockEnd, "%}"));
    return add({.kind = NodeKind::Load, .offset = offset, .text = tag, .kids = {name}});
  }

  // ---- expressions
  [[nodiscard]] Result<NodeId> target_list() {
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
        item = TRY(add(
            {.kind = NodeKind::Attribute, .offset = offset, .text = std::move(attribute), .kids = {item}}));
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
  [[nodiscard]] Result<NodeId> expression_list() {
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
  [[nodiscard]] bool ends_expression() const {
    const TokenKind kind = peek().kind;
    return kind == TokenKind::VariableEnd || kind == TokenKind::BlockEnd || kind == TokenKind::End ||
           is_operator(")") || is_operator("]") || is_operator("}");
  }

  [[nodiscard]] Result<NodeId> expression() {
    const Depth depth(depth_);
    if (depth_ > limits_.template_depth) return too_deep(peek().offset);
    const bool conditional = !no_conditional_;
    const std::uint64_t offset = peek().offset;
    NodeId value = TRY(binary(1));
    while (conditional && skip_name("if")) {
      const NodeId condition = TRY(binary(1));
      NodeId alternative = kNoNode;
      if (skip_name("else")) alternative = TRY(expression());
      value = TRY(
          add({.kind = NodeKind::Conditional, .offset = offset, .kids = {condition, value, alternative}}));
    }
    return value;
  }
  // Inside brackets an "if" always belongs to the expression, also in the head of a for loop.
  [[nodiscard]] Result<NodeId> bracketed() {
    const bool outer = std::exchange(no_conditional_, false);
    auto result = expression();
    no_conditional_ = outer;
    return result;
  }

  [[nodiscard]] std::optional<BinaryOperator> binary_operator() const {
    const Token& token = peek();
    if (token.kind == TokenKind::Name && token.source == "not" && peek(1).is(TokenKind::Name, "in")) {
      return BinaryOperator{"not in", 4};
    }
    if (token.kind != TokenKind::Operator && token.kind != TokenKind::Name) return std::nullopt;
    const auto found = std::ranges::find(kBinaryOperators, token.source, &BinaryOperator::text);
    if (found == kBinaryOperators.end()) return std::nullopt;
    return *found;
  }
  [[nodiscard]] Result<NodeId> binary(int lowest) {
    const std::uint64_t offset = peek().offset;
    NodeId left = TRY(unary());
    while (true) {
      const auto op = binary_operator();
      if (!op || op->precedence < lowest) return left;
      next();
      if (op->text == "not in") next();
      const NodeId right = TRY(binary(op->precedence + 1));
      left = TRY(add({.kind = NodeKind::Binary,
                      .offset = offset,
                      .text = std::string(op->text),
                      .kids = {left, right}}));
    }
  }
  [[nodiscard]] Result<NodeId> unary() {
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

  [[nodiscard]] Result<NodeId> primary() {
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
  [[nodiscard]] Result<NodeId> name(const Token& token) {
    static constexpr std::array<std::string_view, 6> kConstants = {"true",  "True", "false",
                                                                   "False", "none", "None"};
    const bool constant = std::ranges::find(kConstants, token.source) != kConstants.end();
    return add({.kind = constant ? NodeKind::Constant : NodeKind::Name,
                .offset = token.offset,
                .text = std::string(token.source)});
  }
  [[nodiscard]] Result<NodeId> integer(const Token& token) {
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
  [[nodiscard]] Result<NodeId> parenthesised(std::uint64_t offset) {
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
  [[nodiscard]] Result<NodeId> sequence(std::uint64_t offset) {
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
  [[nodiscard]] Result<NodeId> dictionary(std::uint64_t offset) {
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
  [[nodiscard]] Result<NodeId> postfix(NodeId value) {
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
  [[nodiscard]] Result<NodeId> attribute(NodeId value) {
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
  [[nodiscard]] Result<NodeId> subscript(NodeId value, std::uint64_t offset) {
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
  [[nodiscard]] Result<NodeId> subscript_part() {
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
  [[nodiscard]] Result<void> arguments(std::vector<NodeId>& into) {
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
  [[nodiscard]] Result<std::string> dotted_name() {
    std::string text = TRY(expect_name());
    while (skip_operator(".")) {
      const std::string part = TRY(expect_name());
      text += "." + part;
    }
    return text;
  }
  [[nodiscard]] Result<NodeId> filters(NodeId value) {
    while (skip_operator("|")) {
      const std::uint64_t offset = peek().offset;
      std::string text = TRY(dotted_name());
      Node node{.kind = NodeKind::Filter, .offset = offset, .text = std::move(text), .kids = {value}};
      if (is_operator("(")) TRY(arguments(node.kids));
      value = TRY(add(std::move(node)));
    }
    return value;
  }
  [[nodiscard]] Result<NodeId> test(NodeId value, std::uint64_t offset) {
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
  [[nodiscard]] bool takes_argument() const {
    static constexpr std::array<std::string_view, 7> kWords = {"else", "or", "and", "is", "if", "in", "not"};
    const Token& token = peek();
    if (token.kind == TokenKind::Name) {
      return std::ranges::find(kWords, token.source) == kWords.end() && token.source != "recursive";
    }
    return token.kind == TokenKind::String || token.kind == TokenKind::Integer ||
           token.kind == TokenKind::Float || is_operator("[") || is_operator("{");
  }
  [[nodiscard]] Result<NodeId> postfix_of_test() {
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

  const std::vector<Token>& tokens_;
  const Limits& limits_;
  std::size_t at_ = 0;
  std::uint32_t depth_ = 0;
  bool no_conditional_ = false;  // head of a for loop: "if" is the loop's filter
  Template out_;
};

}  // namespace

Result<Template> parse(const Lexed& lexed, const Limits& limits) {
  if (!lexed.stopped.empty()) return std::unexpected(lexed.stopped.front());
  return Parser(lexed, limits).run();
}

}  // namespace bulwark::scan::jinja
