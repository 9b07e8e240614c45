#pragma once
// The expressions of a Jinja2 template, and the tokens and nodes that statements need as well. Internal to
// scan/formats/jinja: parser.cpp reads statements with it.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scan/formats/jinja/parser.h"

namespace bulwark::scan::jinja {

class Expressions {
 public:
  Expressions(const Lexed& lexed, const Limits& limits) : tokens_(lexed.tokens), limits_(limits) {}

 protected:
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
  [[nodiscard]] Result<NodeId> add(Node node);
  [[nodiscard]] std::unexpected<Error> too_deep(std::uint64_t offset) const;
  [[nodiscard]] static Result<void> append(std::vector<NodeId>& into, Result<NodeId> item);
  struct Depth {
    explicit Depth(std::uint32_t& depth) : depth_(depth) { ++depth_; }
    ~Depth() { --depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    std::uint32_t& depth_;
  };

  // ---- expressions
  [[nodiscard]] Result<NodeId> target_list();

  [[nodiscard]] Result<NodeId> expression_list();
  [[nodiscard]] bool ends_expression() const;

  [[nodiscard]] Result<NodeId> expression();
  [[nodiscard]] Result<NodeId> bracketed();

  [[nodiscard]] Result<NodeId> binary(int lowest);
  [[nodiscard]] Result<NodeId> unary();

  [[nodiscard]] Result<NodeId> primary();
  [[nodiscard]] Result<NodeId> name(const Token& token);
  [[nodiscard]] Result<NodeId> integer(const Token& token);
  [[nodiscard]] Result<NodeId> parenthesised(std::uint64_t offset);
  [[nodiscard]] Result<NodeId> sequence(std::uint64_t offset);
  [[nodiscard]] Result<NodeId> dictionary(std::uint64_t offset);

  [[nodiscard]] Result<NodeId> postfix(NodeId value);
  [[nodiscard]] Result<NodeId> attribute(NodeId value);
  [[nodiscard]] Result<NodeId> subscript(NodeId value, std::uint64_t offset);
  [[nodiscard]] Result<NodeId> subscript_part();
  [[nodiscard]] Result<void> arguments(std::vector<NodeId>& into);
  [[nodiscard]] Result<std::string> dotted_name();
  [[nodiscard]] Result<NodeId> filters(NodeId value);
  [[nodiscard]] Result<NodeId> test(NodeId value, std::uint64_t offset);
  [[nodiscard]] bool takes_argument() const;
  [[nodiscard]] Result<NodeId> postfix_of_test();

  const std::vector<Token>& tokens_;
  const Limits& limits_;
  std::size_t at_ = 0;
  std::uint32_t depth_ = 0;
  bool no_conditional_ = false;  // head of a for loop: "if" is the loop's filter
  Template out_;
};

}  // namespace bulwark::scan::jinja
