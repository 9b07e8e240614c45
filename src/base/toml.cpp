// TOML through toml++, header only. Its tree becomes our document tree; lines and columns are toml++'s.

// toml++ asserts what hostile text can break ("[[a." at the end of a line), and lets clang assume the same in
// release builds; without assertions every one of these places goes on to report an error.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "base/document.h"

namespace bulwark {
namespace {

// toml++ recurses per level of nesting and stops at 256 of its own; document_depth may be lower.
class TomlTree {
 public:
  explicit TomlTree(const Limits& limits) : limits_(limits), left_(limits.document_nodes) {}

  Result<Document> convert(const toml::node& node, std::uint32_t depth) {
    if (depth > limits_.document_depth)
      return fail(Code::LimitReached,
                  "TOML text is nested deeper than " + std::to_string(limits_.document_depth) + " levels");
    if (left_-- == 0)
      return fail(Code::LimitReached,
                  "TOML text has more than " + std::to_string(limits_.document_nodes) + " values");
    Document value;
    value.line = node.source().begin.line;
    value.column = node.source().begin.column;
    if (const toml::table* table = node.as_table()) {
      TRY(convert_table(*table, depth, value));
    } else if (const toml::array* array = node.as_array()) {
      value.kind = Document::Kind::List;
      for (const toml::node& item : *array) {
        Document each = TRY(convert(item, depth + 1));
        value.list.push_back(std::move(each));
      }
    } else {
      convert_scalar(node, value);
    }
    return value;
  }

 private:
  // toml++ sorts keys by name; the text's order is what a reader of findings expects.
  Result<void> convert_table(const toml::table& table, std::uint32_t depth, Document& value) {
    value.kind = Document::Kind::Map;
    for (const auto& [key, item] : table) {
      Document each = TRY(convert(item, depth + 1));
      value.map.emplace_back(std::string(key.str()), std::move(each));
    }
    std::ranges::stable_sort(value.map, [](const Document::Entry& a, const Document::Entry& b) {
      return std::pair(a.second.line, a.second.column) < std::pair(b.second.line, b.second.column);
    });
    return {};
  }

  static void convert_scalar(const toml::node& node, Document& value) {
    if (const auto* text = node.as_string()) {
      value.kind = Document::Kind::String;
      value.string = text->get();
    } else if (const auto* truth = node.as_boolean()) {
      value.kind = Document::Kind::Boolean;
      value.boolean = truth->get();
    } else if (const auto* integer = node.as_integer()) {
      value.kind = Document::Kind::Integer;
      value.integer = integer->get();
      value.number = static_cast<double>(value.integer);
    } else if (const auto* number = node.as_floating_point()) {
      value.kind = Document::Kind::Number;
      value.number = number->get();
    } else {  // dates and times: no check of ours looks at their parts
      std::ostringstream written;
      node.visit([&](const auto& any) {
        if constexpr (toml::is_chronological<decltype(any)>) written << any.get();
      });
      value.kind = Document::Kind::String;
      value.string = written.str();
    }
  }

  const Limits& limits_;
  std::uint64_t left_;
};

// toml++ recurses while it parses arrays and inline tables: its own ceiling (256) is a compile-time constant.
static_assert(TOML_MAX_NESTED_VALUES <= 256);

// Behind the string that starts at `at`, of one line or of several; the end of the text if it is not closed.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = text.substr(at, 3);
  const bool several_lines = three.size() == 3 && three[1] == quote && three[2] == quote;
  for (at += several_lines ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (several_lines ? text.substr(at, 3) == three : text[at] == quote) {
      if (!several_lines) return at + 1;
      at += 3;
      // Up to two quotes may stand right before the closing three.
      for (int extra = 0; extra < 2 && at < text.size() && text[at] == quote; ++extra) ++at;
      return at;
    } else if (!several_lines && text[at] == '\n') {
      return at;
    }
  }
  return text.size();
}

// What toml++ 3.3 cannot be trusted with, outside of strings and comments:
//  - every dot of a key opens a table. Its ceiling bounds brackets, not keys, and it takes its tree down by
//    recursion: `[a.a.a…]` with a million dots would overflow the stack;
//  - letters beyond ASCII, which TOML 1.0 does not allow there, lead to a place that it calls unreachable
//    (is_non_ascii_horizontal_whitespace for U+00A1 … U+0499).
Result<void> check_what_stands_outside_of_strings(std::string_view text, std::uint32_t limit) {
  constexpr std::uint32_t kWithinOneValue = 4096;  // keys of inline tables within inline tables
  const auto too_deep = [&] {
    return fail(Code::LimitReached,
                "keys of the TOML text are nested deeper than " + std::to_string(limit) + " levels");
  };
  std::uint32_t dots = 0;
  std::uint32_t nested = 0;
  int brackets = 0;
  for (std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < text.size();) {
    const char letter = text[at];
    if (static_cast<unsigned char>(letter) > 0x7F)
      return fail(Code::InvalidInput, "TOML text has a letter beyond ASCII outside of strings and comments",
                  at);
    if (letter == '"' || letter == '\'') {
      at = end_of_string(text, at);
      continue;
    }
    if (letter == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    ++at;
    if (letter == '.' && ++dots > limit) return too_deep();
    const bool in_key = letter == '.' || letter == '_' || letter == '-' || letter == ' ' || letter == '\t' ||
                        (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                        (letter >= 'A' && letter <= 'Z');
    if (in_key) continue;
    if (dots > 1) nested += dots;  // a single dot is a number's
    if (nested > kWithinOneValue) return too_deep();
    dots = 0;
    if (letter == '[' || letter == '{') ++brackets;
    if (letter == ']' || letter == '}') --brackets;
    if (letter == '\n' && brackets <= 0) nested = 0;
  }
  return {};
}

}  // namespace

Result<Document> parse_toml(std::string_view text, const Limits& limits) {
  if (text.size() > limits.document_bytes) {
    return fail(Code::LimitReached, "TOML text of " + std::to_string(text.size()) +
                                        " bytes is above the limit of " +
                                        std::to_string(limits.document_bytes));
  }
  TRY(check_what_stands_outside_of_strings(text, limits.document_depth));
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& problem = parsed.error();
    return fail(Code::InvalidInput, "TOML text at line " + std::to_string(problem.source().begin.line) +
                                        ", column " + std::to_string(problem.source().begin.column) + ": " +
                                        std::string(problem.description()));
  }
  return TomlTree(limits).convert(parsed.table(), 0);
}

}  // namespace bulwark
