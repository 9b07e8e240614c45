#pragma once
// Python byte code as instructions: which interpreter it is for, what it says, what it reaches.
//
// The opcode tables are data (data/knowledge/opcodes.tsv, printed by tools/opcodes.py from the interpreters).

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/marshal/marshal.h"
#include "scan/knowledge/code_effects.h"

namespace bulwark::marshal {

enum class Indexes : std::uint8_t { Nothing, Name, Constant, Local, Free };

struct Opcode {
  std::string_view name;  // empty: no such opcode
  Indexes indexes = Indexes::Nothing;
  std::uint8_t caches = 0;  // code units that follow and belong to it
};
using OpcodeTable = std::array<Opcode, 256>;

// Table of "3.11"; all opcodes unknown for a version that is not listed.
[[nodiscard]] OpcodeTable opcodes_of(std::string_view version);

struct Instruction {
  std::uint64_t offset = 0;  // in the instructions
  const Opcode* opcode = nullptr;
  std::uint32_t argument = 0;  // with EXTENDED_ARG folded in
};

// All instructions up to `limit`; EXTENDED_ARG and caches are folded away.
[[nodiscard]] std::vector<Instruction> instructions_of(Bytes code, const OpcodeTable& table,
                                                       std::size_t limit);

// The version whose table reads the program best: what its header says, else the one with the fewest misfits.
[[nodiscard]] std::string_view version_of(const Program& program);

// What `argument` of an instruction stands for: a name, a constant, or empty.
[[nodiscard]] std::string describe(const Program& program, const Code& code, const Instruction& instruction,
                                   std::string_view version);

// Text of all code objects, at most `limit` characters.
[[nodiscard]] std::string disassemble(const Program& program, std::string_view version, std::size_t limit);

// One thing that the code imports, loads or calls.
struct Use {
  std::string dotted;        // resolved: "os.system", "eval"
  std::string arguments;     // constant arguments, for people
  scan::CodeEffect known;    // what it does
  bool called = false;       // else only loaded or imported
  bool imported = false;     // by an import statement alone
  std::uint64_t offset = 0;  // of the code object in the input
};

struct Reach {
  std::vector<Use> uses;             // in order, without repetitions
  std::vector<std::string> dunders;  // attribute gadgets: __globals__, __subclasses__ …
  bool pure = true;                  // imports nothing and loads no global but harmless built-ins
};

[[nodiscard]] Reach reach_of(const Program& program, std::string_view version);

}  // namespace bulwark::marshal
