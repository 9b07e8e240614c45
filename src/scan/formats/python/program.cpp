#include "scan/formats/python/program.h"

#include <algorithm>

#include "scan/formats/python/evaluator.h"

namespace bulwark::python {

Program evaluate(const Tree& tree, const Options& options) {
  State state;
  state.options = options;
  state.program.statements = tree.statements;
  state.program.unreadable = tree.unreadable;
  state.program.clearly = tree.clearly;
  state.program.complete = tree.complete;
  state.program.unclosed = tree.unclosed;
  Evaluator(tree, state, 0, nullptr).run(true);
  return std::move(state.program);
}

Program parse(std::string_view source, const Options& options) {
  return evaluate(parse_tree(source, {.tokens = options.tokens}), options);
}

bool looks_like_python(std::string_view source) {
  constexpr std::size_t kPages = 8192;
  std::string_view head = source.substr(0, kPages);
  // A single line is a command, not a module (inspectors/command_line.cpp).
  const std::size_t feed = head.find('\n');
  if (source.size() < 8 || feed == std::string_view::npos || feed + 1 == source.size()) return false;
  if (head.find('\0') != std::string_view::npos) return false;
  const bool cut = head.size() < source.size();
  if (cut) head = head.substr(0, head.rfind('\n') == std::string_view::npos ? 0 : head.rfind('\n') + 1);
  for (const char c : head)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f')
      return false;
  // Most texts show what they are in their first lines.
  constexpr std::size_t kFirstLines = 1536;
  if (head.size() > 2 * kFirstLines) {
    const Tree first =
        parse_tree(head.substr(0, head.rfind('\n', kFirstLines) + 1), {.tokens = 1000, .formats = false});
    const auto lines =
        static_cast<std::uint64_t>(std::ranges::count(head, '\n') + std::ranges::count(head, ';'));
    if (first.unreadable == 0 && first.clearly >= 4) return true;
    if (first.unreadable > 3 + lines / 50) return false;
  }
  const Tree tree = parse_tree(head, {.tokens = 4000, .formats = false});
  // The last statement may be cut by the edge of the page.
  const std::uint64_t tolerated = (cut ? 1 : 0) + tree.statements / 50;
  return tree.clearly > 0 && tree.unreadable <= tolerated;
}

}  // namespace bulwark::python
