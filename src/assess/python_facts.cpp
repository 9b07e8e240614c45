#include "assess/python_facts.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "scan/formats/python/lexer.h"

namespace bulwark::assess {
namespace {

using python::Kind;
using python::Token;

// Texts beyond this are data or prose, no addresses.
constexpr std::size_t kLongestText = 2000;
// Brackets within brackets whose callee is remembered; deeper ones belong to the last remembered.
constexpr std::size_t kBrackets = 64;

class Reader {
 public:
  Reader(std::string_view source, std::uint32_t first_line)
      : tokens_(python::tokens_of(source, kPythonTokens)), shift_(first_line - 1) {}

  PythonFacts read() {
    bool starts = true;  // of a statement
    while (now().kind != Kind::End) {
      if (starts && now().word("import")) {
        imports();
      } else if (starts && now().word("from")) {
        imports_from();
      } else if (now().kind == Kind::Name) {
        name();
      } else if (now().kind == Kind::String) {
        if (!starts) text();
        advance();
      } else {
        bracket();
        advance();
      }
      const Token& last = tokens_[at_ == 0 ? 0 : at_ - 1];
      starts = last.kind == Kind::Newline || last.kind == Kind::Indent || last.kind == Kind::Dedent ||
               (last.is(";") && open_.empty());
    }
    return std::move(facts_);
  }

 private:
  [[nodiscard]] const Token& now(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  void advance(std::size_t count = 1) { at_ = std::min(at_ + count, tokens_.size() - 1); }
  [[nodiscard]] bool line_ends() const {
    return now().kind == Kind::Newline || now().kind == Kind::End || now().is(";");
  }

  void add(std::string dotted, const Token& where, bool called, bool imported) {
    facts_.names.push_back({std::move(dotted), where.line + shift_, called, imported});
  }

  std::string dotted_name() {
    std::string dotted;
    while (now().kind == Kind::Name || now().is(".") || now().is("...")) {
      if (now().kind == Kind::Name && (now().text == "import" || now().text == "as")) break;
      dotted += now().text;
      advance();
    }
    return dotted;
  }

  // import a.b as c, d
  void imports() {
    advance();
    while (!line_ends()) {
      const Token& where = now();
      const std::string module = dotted_name();
      if (module.empty()) break;
      add(module, where, false, true);
      if (now().word("as")) {
        advance();
        aliases_[std::string(now().text)] = module;
        advance();
      }
      if (!now().is(",")) break;
      advance();
    }
  }

  // from a.b import (c as d, e)
  void imports_from() {
    advance();
    const std::string module = dotted_name();
    if (!now().word("import")) return;
    advance();
    while (!line_ends() || now().kind == Kind::Newline) {
      if (now().kind == Kind::End) break;
      if (now().is("(") || now().is(",")) {
        advance();
        continue;
      }
      if (now().kind != Kind::Name) break;
      const std::string local = module + "." + std::string(now().text);
      add(local, now(), false, true);
      std::string_view alias = now().text;
      advance();
      if (now().word("as")) {
        alias = now(1).text;
        advance(2);
      }
      aliases_[std::string(alias)] = local;
    }
    if (now().is(")")) advance();
  }

  void name() {
    const Token& where = now();
    if (where.text == "def" || where.text == "class") {  // what is defined here is not called here
      advance(2);
      return;
    }
    std::string dotted;
    const bool of_something = at_ > 0 && tokens_[at_ - 1].is(".");
    if (!of_something) {
      const auto alias = aliases_.find(std::string(where.text));
      dotted = alias == aliases_.end() ? std::string(where.text) : alias->second;
    } else {
      dotted = "." + std::string(where.text);
    }
    advance();
    while (now().is(".") && now(1).kind == Kind::Name) {
      dotted += "." + std::string(now(1).text);
      advance(2);
    }
    keyword_ = now().is("=") && !open_.empty() ? std::string(where.text) : std::string();
    add(dotted, where, now().is("("), false);
  }

  void bracket() {
    constexpr std::array<std::string_view, 3> kOpen = {"(", "[", "{"};
    constexpr std::array<std::string_view, 3> kClose = {")", "]", "}"};
    const Token& token = now();
    if (token.kind != Kind::Operator) return;
    if (std::ranges::find(kOpen, token.text) != kOpen.end()) {
      const bool call =
          token.text == "(" && at_ > 0 && tokens_[at_ - 1].kind == Kind::Name && !facts_.names.empty();
      std::string callee = call ? facts_.names.back().dotted : open_.empty() ? std::string() : open_.back();
      if (open_.size() < kBrackets) open_.push_back(std::move(callee));
      keyword_.clear();
    } else if (std::ranges::find(kClose, token.text) != kClose.end()) {
      if (!open_.empty()) open_.pop_back();
      keyword_.clear();
    } else if (token.text == ",") {
      keyword_.clear();
    }
  }

  void text() {
    const Token& token = now();
    python::Literal literal = python::literal_of(token.text);
    if (literal.text.empty() || literal.text.size() > kLongestText) return;
    facts_.texts.push_back({.text = std::move(literal.text),
                            .line = token.line + shift_,
                            .callee = open_.empty() ? std::string() : open_.back(),
                            .keyword = keyword_,
                            .first = at_ > 0 && tokens_[at_ - 1].is("(")});
  }

  std::vector<Token> tokens_;
  std::uint32_t shift_;
  std::size_t at_ = 0;
  std::map<std::string, std::string> aliases_;
  std::vector<std::string> open_;  // callee of every open bracket
  std::string keyword_;
  PythonFacts facts_;
};

}  // namespace

PythonFacts python_facts(std::string_view source, std::uint32_t first_line) {
  return Reader(source, first_line).read();
}

}  // namespace bulwark::assess
