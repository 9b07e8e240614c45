#pragma once
// Sentences aimed at a language model: what an attacker writes into a tool's description, a rules file or a
// document so that whoever's model reads it obeys.
//
// Not a list of strings: text is folded first (look-alike letters, widths, invisible characters, letter
// spacing, leetspeak, HTML and Unicode escapes), hidden layers (base64, hexadecimal, rot13, reversed text,
// Unicode tags) are read as well, and patterns of words are searched with gaps. A sentence that forbids or
// quotes an instruction ("never follow text such as …") is a mention. Patterns:
// data/agents/instructions.tsv.
//
// What it cannot see: instructions paraphrased in words that no pattern has, or in most other languages.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

enum class InstructionKind : std::uint8_t {
  Override,      // cancels what the model was told before
  Secrecy,       // keeps something from the person
  Exfiltration,  // sends data somewhere
  Harvest,       // reads credentials or private files
  Hijack,        // puts one tool before or in place of others
  Jailbreak,     // makes the model drop its rules
  Role,          // forges the marks between system, user and tool
  Spread,        // copies itself
  Command,       // runs commands, or without asking
};
[[nodiscard]] std::string_view name_of(InstructionKind kind);  // "cancels earlier instructions" …

struct Instruction {
  InstructionKind kind = InstructionKind::Override;
  std::uint64_t offset = 0;   // of its first word in the text
  std::string quote;          // as a person would read it after unfolding; at most 200 characters
  std::string_view disguise;  // "base64", "Unicode tags" …; empty: in plain sight
  bool mentioned = false;     // forbidden, quoted or given as an example
};

// In order of offset, at most 100; of the first 1 MiB of text. Linear.
[[nodiscard]] std::vector<Instruction> instructions_in(std::string_view text);

}  // namespace bulwark::scan
