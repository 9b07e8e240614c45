#include "scan/formats/python/program.h"

#include "scan/formats/python/parser.h"

namespace bulwark::python {

Program parse(std::string_view source, const Options& options) {
  State state;
  state.options = options;
  Parser(source, state, 0, nullptr).statements(true);
  return std::move(state.program);
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
  const Program program = parse(head, {.tokens = 4000, .nested_texts = 0});
  // The last statement may be cut by the edge of the page.
  const std::uint64_t tolerated = (cut ? 1 : 0) + program.statements / 50;
  return program.clearly > 0 && program.unreadable <= tolerated;
}

}  // namespace bulwark::python
