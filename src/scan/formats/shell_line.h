#pragma once
// Splits one line into commands as a POSIX shell does.

#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

struct ShellCommand {
  std::vector<std::string> words;  // quotes removed
  bool piped_into_next = false;
};

// Quotes, `|`, `;`, `&&`, `||`, `&`; substitutions stay text. Reads a bounded number of words and stops at
// the end of the line. No command is without words.
[[nodiscard]] std::vector<ShellCommand> split_commands(std::string_view line);

[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
[[nodiscard]] constexpr bool is_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace bulwark::scan
