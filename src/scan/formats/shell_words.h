#pragma once
// A shell script read as POSIX sh does it: simple commands, their words and where each of them stands.
//
// Nothing is run or expanded. Unlike shell_line.h (one suspicious line of any origin, no positions) this
// reads whole scripts: comments, continuation lines, heredocs, subshells, substitutions, compound commands.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

struct ShellWord {
  std::string text;          // quotes and escapes removed; expansions stay as written: "$HOST", "$(cat key)"
  std::uint64_t offset = 0;  // of its first byte in the script, quotes included
  std::uint64_t length = 0;  // bytes in the script
  bool expands = false;      // holds a $VARIABLE, $(…) or `…` that the shell would replace
  bool quoted = false;       // some of it stands in quotes
};

struct Redirection {
  std::string sign;               // "<", ">", ">>", "2>", "&>", "<<", "<<-", "<<<" …
  ShellWord target;               // file, descriptor, or the delimiter of a heredoc
  std::uint64_t body_offset = 0;  // of a heredoc's lines in the script
  std::uint64_t body_length = 0;
};

// One command with what stands in front of it.
struct SimpleCommand {
  std::vector<ShellWord> assignments;  // NAME=value before the command; alone if `words` is empty
  std::vector<ShellWord> words;        // program and arguments, redirections and reserved words removed
  std::vector<Redirection> redirections;
  std::uint64_t offset = 0;  // first byte of all that
  std::uint64_t length = 0;
  std::uint32_t pipeline = 0;    // commands joined by `|` share the number
  std::uint32_t depth = 0;       // of subshells and substitutions around it
  bool piped_into_next = false;  // its output goes to the next command of the same pipeline
};

struct ShellScript {
  // In the order of the text; commands inside `$(…)` follow the command whose word holds them.
  std::vector<SimpleCommand> commands;
  // Ran into a ceiling (65,536 words, substitutions 8 deep): commands are missing.
  bool cut = false;
};

// Never fails: what is no shell comes out as odd commands. Cost: linear, times the depth of substitutions.
[[nodiscard]] ShellScript parse_shell(std::string_view script);

// "NAME=value": the name, or empty if the word is no assignment.
[[nodiscard]] std::string_view assigned_name(std::string_view word);

// "/usr/bin/python3.11" -> "python3.11", "C:\\x\\jupyter.exe" -> "jupyter".
[[nodiscard]] std::string program_of(std::string_view word);

}  // namespace bulwark::scan
