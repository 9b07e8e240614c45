#include "scan/formats/jinja/parser.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "scan/formats/jinja/expressions.h"

namespace bulwark::scan::jinja {
namespace {

class Parser : private Expressions {
 public:
  using Expressions::Expressions;

  Result<Template> run() {
    out_.body = TRY(statements({}));
    return std::move(out_);
  }

 private:
  using Names = std::initializer_list<std::string_view>;

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
};

}  // namespace

Result<Template> parse(const Lexed& lexed, const Limits& limits) {
  if (!lexed.stopped.empty()) return std::unexpected(lexed.stopped.front());
  return Parser(lexed, limits).run();
}

}  // namespace bulwark::scan::jinja
