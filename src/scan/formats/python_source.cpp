#include "scan/formats/python_source.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/text.h"

namespace bulwark::scan {
namespace {

enum class TokenKind : std::uint8_t { Name, Number, Text, Symbol, LineEnd, End };

struct Token {
  TokenKind kind = TokenKind::End;
  std::string_view text;  // Text: without prefix and quotes, escapes as written
  std::uint64_t offset = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t indent = 0;  // of the logical line that the token stands on
  bool formatted = false;    // f-string
};

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<std::uint8_t>(c) >= 0x80;
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  std::vector<Token> read(bool& complete) {
    measure_indent();
    while (at_ < text_.size()) step();
    complete = complete_ && brackets_ == 0;
    push(TokenKind::LineEnd, at_, at_);
    return std::move(tokens_);
  }

 private:
  void push(TokenKind kind, std::size_t from, std::size_t to) {
    tokens_.push_back({kind, text_.substr(from, to - from), from, line_,
                       static_cast<std::uint32_t>(from - line_start_ + 1), indent_, false});
  }
  void new_line() {
    ++line_;
    line_start_ = at_;
  }
  void measure_indent() {
    std::size_t i = at_;
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t')) ++i;
    // Blank lines and comments do not change the block.
    if (i < text_.size() && text_[i] != '\n' && text_[i] != '\r' && text_[i] != '#')
      indent_ = static_cast<std::uint32_t>(i - at_);
  }

  void step() {
    const char c = text_[at_];
    if (c == '\n' || c == '\r') return line_end();
    if (c == ' ' || c == '\t' || c == '\f') {
      ++at_;
    } else if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
    } else if (c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '\n' || text_[at_ + 1] == '\r')) {
      at_ += text_.substr(at_).starts_with("\\\r\n") ? 3U : 2U;
      new_line();
    } else if (starts_name(c)) {
      name_or_text();
    } else if (digit(c)) {
      const std::size_t from = at_;
      while (at_ < text_.size() && (starts_name(text_[at_]) || digit(text_[at_]) || text_[at_] == '.')) ++at_;
      push(TokenKind::Number, from, at_);
    } else if (c == '\'' || c == '"') {
      text_token(at_, false);
    } else {
      if (c == '(' || c == '[' || c == '{') ++brackets_;
      if ((c == ')' || c == ']' || c == '}') && brackets_ > 0) --brackets_;
      push(TokenKind::Symbol, at_, at_ + 1);
      ++at_;
    }
  }

  void line_end() {
    const std::size_t from = at_;
    at_ += text_.substr(at_).starts_with("\r\n") ? 2U : 1U;
    if (brackets_ == 0) push(TokenKind::LineEnd, from, from);
    new_line();
    if (brackets_ == 0) measure_indent();
  }

  void name_or_text() {
    const std::size_t from = at_;
    while (at_ < text_.size() && (starts_name(text_[at_]) || digit(text_[at_]))) ++at_;
    const std::string prefix = lower(text_.substr(from, at_ - from));
    const bool quoted = at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"');
    if (quoted && prefix.size() <= 2 && prefix.find_first_not_of("rbuf") == std::string::npos) {
      text_token(from, prefix.find('f') != std::string::npos);
    } else {
      push(TokenKind::Name, from, at_);
    }
  }

  void text_token(std::size_t from, bool formatted) {
    const char quote = text_[at_];
    const std::string triple(3, quote);
    const bool is_triple = text_.substr(at_).starts_with(triple);
    at_ += is_triple ? 3 : 1;
    const std::size_t start = at_;
    Token token{TokenKind::Text, {},       from, line_, static_cast<std::uint32_t>(from - line_start_ + 1),
                indent_,         formatted};
    for (;; ++at_) {
      if (at_ >= text_.size() || (!is_triple && text_[at_] == '\n')) {
        complete_ = false;
        token.text = text_.substr(start, std::min(at_, text_.size()) - start);
        break;
      }
      if (text_[at_] == '\\') {
        ++at_;
        if (at_ < text_.size() && text_[at_] == '\n') count_line(at_ + 1);
        continue;
      }
      if (text_[at_] == '\n') count_line(at_ + 1);
      if (text_[at_] != quote || (is_triple && !text_.substr(at_).starts_with(triple))) continue;
      token.text = text_.substr(start, at_ - start);
      at_ += is_triple ? 3 : 1;
      break;
    }
    at_ = std::min(at_, text_.size());
    tokens_.push_back(token);
  }
  void count_line(std::size_t start_of_next) {
    ++line_;
    line_start_ = start_of_next;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t indent_ = 0;
  std::uint32_t brackets_ = 0;
  bool complete_ = true;
  std::vector<Token> tokens_;
};

// Builtins that matter as callees; any other bare name is a name of the module itself.
bool is_builtin(std::string_view name) {
  static constexpr std::string_view kBuiltins[] = {"eval",   "exec",    "compile",    "__import__",
                                                   "open",   "getattr", "setattr",    "globals",
                                                   "locals", "vars",    "breakpoint", "input"};
  return std::ranges::find(kBuiltins, name) != std::end(kBuiltins);
}

bool is_keyword(std::string_view name) {
  static constexpr std::string_view kKeywords[] = {"if",     "elif", "while",  "for",    "in",     "not",
                                                   "and",    "or",   "return", "assert", "lambda", "yield",
                                                   "await",  "with", "as",     "is",     "del",    "raise",
                                                   "except", "else", "print",  "import", "from"};
  return std::ranges::find(kKeywords, name) != std::end(kKeywords);
}

// Calls whose result can be told from their arguments, see meaning_of_call.
bool yields_callable(std::string_view callee) {
  return callee == "builtins.__import__" || callee == "builtins.getattr" ||
         callee == "importlib.import_module" || callee == "importlib.__import__";
}

// Walks the tokens once, line by line, keeping what each name stands for.
class CallReader {
 public:
  explicit CallReader(std::span<const Token> tokens) : tokens_(tokens) {}

  void read(PythonSource& out) {
    bool line_start = true;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (line_start) enter_line(token);
      line_start = token.kind == TokenKind::LineEnd || is(i, ";");
      if (token.kind != TokenKind::Name) continue;
      if (token.text == "import") {
        i = read_import(i + 1, out);
      } else if (token.text == "from" && starts_statement(i)) {
        i = read_from(i + 1, out);
      } else if (token.text == "def" || token.text == "class") {
        if (token.text == "def") functions_.push_back(token.indent);
        ++i;  // the name that is defined is no call
      } else if (!is(i - 1, ".") || i == 0) {
        i = read_expression(i, out);
      }
    }
  }

 private:
  [[nodiscard]] bool is(std::size_t i, std::string_view symbol) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::Symbol && tokens_[i].text == symbol;
  }
  [[nodiscard]] bool is_name(std::size_t i) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::Name;
  }
  [[nodiscard]] bool starts_statement(std::size_t i) const {
    return i == 0 || tokens_[i - 1].kind == TokenKind::LineEnd || is(i - 1, ";") || is(i - 1, ":");
  }
  void enter_line(const Token& token) {
    while (!functions_.empty() && token.kind != TokenKind::LineEnd && token.indent <= functions_.back())
      functions_.pop_back();
  }

  // NAME(.NAME)*; `i` moves behind it.
  std::string dotted(std::size_t& i) const {
    std::string name;
    while (is(i, ".")) {
      name += '.';
      ++i;
    }
    while (is_name(i)) {
      name += tokens_[i++].text;
      if (!is(i, ".") || !is_name(i + 1)) break;
      name += '.';
      ++i;
    }
    return name;
  }

  // import a.b as c, d
  std::size_t read_import(std::size_t i, PythonSource& out) {
    while (is_name(i)) {
      const std::uint64_t offset = tokens_[i].offset;
      const std::string module = dotted(i);
      out.imports.push_back({module, offset});
      std::string bound = module.substr(0, module.find('.'));
      std::string meaning = bound;
      if (is_name(i) && tokens_[i].text == "as" && is_name(i + 1)) {
        bound = tokens_[i + 1].text;
        meaning = module;
        i += 2;
      }
      names_[bound] = meaning;
      if (!is(i, ",")) break;
      ++i;
    }
    return i - 1;
  }

  // from a.b import c as d, (e, f)
  std::size_t read_from(std::size_t i, PythonSource& out) {
    const std::uint64_t offset = i < tokens_.size() ? tokens_[i].offset : 0;
    const std::string module = dotted(i);
    out.imports.push_back({module, offset});
    if (!is_name(i) || tokens_[i].text != "import") return i - 1;
    for (++i; i < tokens_.size() && tokens_[i].kind != TokenKind::LineEnd && !is(i, ";"); ++i) {
      if (!is_name(i)) continue;
      const std::string name(tokens_[i].text);
      std::string bound = name;
      if (is_name(i + 1) && tokens_[i + 1].text == "as" && is_name(i + 2)) {
        bound = tokens_[i + 2].text;
        i += 2;
      }
      names_[bound] = module + "." + name;
    }
    return i - 1;
  }

  [[nodiscard]] std::string resolve(const std::string& name) const {
    const std::size_t dot = name.find('.');
    const std::string first = name.substr(0, dot);
    const std::string rest = dot == std::string::npos ? "" : name.substr(dot);
    if (const auto known = names_.find(first); known != names_.end()) return known->second + rest;
    if (first == "__builtins__" && !rest.empty()) return "builtins" + rest;
    if (is_builtin(first)) return "builtins." + name;
    return "?." + name;
  }

  // What `__import__("os")`, `importlib.import_module("os")` and `getattr(os, "system")` stand for, or empty.
  // `open`: index of the bracket; `end`: behind the closing one.
  [[nodiscard]] std::string meaning_of_call(const std::string& callee, std::size_t open,
                                            std::size_t end) const {
    if (callee == "builtins.__import__" || callee == "importlib.import_module" ||
        callee == "importlib.__import__") {
      if (open + 1 < end && tokens_[open + 1].kind == TokenKind::Text && !tokens_[open + 1].formatted)
        return std::string(tokens_[open + 1].text);
      return {};
    }
    if (callee != "builtins.getattr") return {};
    std::size_t i = open + 1;
    std::string object = meaning_of_operand(i, end);
    if (object.empty() || !is(i, ",") || i + 1 >= end || tokens_[i + 1].kind != TokenKind::Text) return {};
    return object + "." + std::string(tokens_[i + 1].text);
  }

  // A dotted name or one of the calls above at `i`, which moves behind it.
  [[nodiscard]] std::string meaning_of_operand(std::size_t& i, std::size_t end) const {
    if (!is_name(i)) return {};
    const std::string name = resolve(dotted(i));
    if (!is(i, "(")) return name;
    const std::size_t close = closing(i);
    if (close >= end) return {};
    // One level only: getattr(getattr(…)) nests through read_expression's own chain.
    std::string meaning = name == "builtins.getattr" ? std::string() : meaning_of_call(name, i, close + 1);
    i = close + 1;
    return meaning;
  }

  // Index of the bracket that closes the one at `open`, or the end of the tokens.
  [[nodiscard]] std::size_t closing(std::size_t open) const {
    std::uint32_t depth = 0;
    for (std::size_t i = open; i < tokens_.size(); ++i) {
      if (is(i, "(") || is(i, "[") || is(i, "{")) ++depth;
      if ((is(i, ")") || is(i, "]") || is(i, "}")) && --depth == 0) return i;
      // Looking far for the end of every call would make nesting cost its square.
      if (i - open > 256) break;
    }
    return tokens_.size();
  }

  // A name and what is called on it. Returns the last token that is used up; arguments are read by the
  // caller's loop.
  std::size_t read_expression(std::size_t i, PythonSource& out) {
    const std::size_t first = i;
    if (is_keyword(tokens_[i].text)) return i;
    const std::string name = dotted(i);
    std::string callee = resolve(name);
    if (!is(i, "(")) {
      remember_alias(first, i, name);
      return i - 1;
    }
    std::size_t last = i;
    // __import__("os").system("…"): follow the chain while it means something.
    while (is(i, "(")) {
      add_call(callee, first, i, out);
      if (!yields_callable(callee)) break;
      const std::size_t close = closing(i);
      const std::string meaning = meaning_of_call(callee, i, close);
      if (meaning.empty() || close >= tokens_.size()) break;
      i = close + 1;
      if (!is(i, ".")) {
        if (!is(i, "(")) {
          if (first >= 2 && is(first - 1, "=") && is_name(first - 2))
            names_[std::string(tokens_[first - 2].text)] = meaning;
          break;
        }
        callee = meaning;
        continue;
      }
      ++i;
      callee = meaning + "." + dotted(i);
      last = i;
    }
    return std::min(last, tokens_.size() - 1);
  }

  // run = os.system
  void remember_alias(std::size_t first, std::size_t after, const std::string& name) {
    if (first < 2 || !is(first - 1, "=") || !is_name(first - 2) || is(first - 3, ".")) return;
    if (after < tokens_.size() && tokens_[after].kind != TokenKind::LineEnd && !is(after, ";")) return;
    const std::string meaning = resolve(name);
    if (!meaning.starts_with("?.")) names_[std::string(tokens_[first - 2].text)] = meaning;
  }

  void add_call(const std::string& callee, std::size_t first, std::size_t open, PythonSource& out) {
    const Token& at = tokens_[first];
    PythonCall call{.callee = callee,
                    .argument = {},
                    .offset = at.offset,
                    .line = at.line,
                    .column = at.column,
                    .at_import = functions_.empty(),
                    .computed_argument = false};
    if (open + 1 < tokens_.size()) {
      const Token& argument = tokens_[open + 1];
      if (argument.kind == TokenKind::Text) {
        call.argument = argument.text.substr(0, 400);
      } else if (argument.kind == TokenKind::Name) {
        std::size_t i = open + 1;
        call.argument = dotted(i);
        call.computed_argument = is(i, "(");
      } else if (is(open + 1, "[") && open + 2 < tokens_.size() &&
                 tokens_[open + 2].kind == TokenKind::Text) {
        call.argument = tokens_[open + 2].text.substr(0, 400);
      }
    }
    out.calls.push_back(std::move(call));
  }

  std::span<const Token> tokens_;
  std::map<std::string, std::string> names_;
  std::vector<std::uint32_t> functions_;  // indents of the defs around the current line
};

}  // namespace

Result<PythonSource> read_python(std::string_view text, const Limits& limits) {
  // A token costs some 60 bytes: source of this size is data in disguise.
  constexpr std::uint64_t kLongestSource = 16U << 20;
  if (text.size() > std::min(kLongestSource, limits.document_bytes))
    return fail(Code::LimitReached, "Python source of " + human_size(text.size()));
  if (text.find('\0') != std::string_view::npos)
    return fail(Code::InvalidInput, "Python source holds a NUL byte", text.find('\0'));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  PythonSource source;
  const std::vector<Token> tokens = Tokenizer(text).read(source.complete);
  CallReader(tokens).read(source);
  return source;
}

}  // namespace bulwark::scan
