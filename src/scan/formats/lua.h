#pragma once
// Lua programs as they travel inside model files: source text and the bytecode of Lua 5.1, 5.2 and LuaJIT.
//
// torch7 files carry functions as string.dump() output, and the loader hands them to loadstring(), which
// takes source text as well. Nothing is run here: names are collected from tokens and constant tables.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

// A name of the standard library that a program uses: "os.execute".
struct LuaUse {
  std::uint64_t offset =
      0;  // of the name (source) or of its last constant (bytecode), from the chunk's start
  std::string name;
  bool called = false;   // source only: an argument list follows
  std::string argument;  // source only: the first argument if it is a string
};

struct LuaProgram {
  std::string dialect;          // "Lua 5.1 bytecode", "LuaJIT bytecode", "Lua source"
  std::vector<LuaUse> uses;     // dangerous names only, in order
  std::uint32_t functions = 0;  // prototypes in the bytecode
};

[[nodiscard]] bool is_lua_bytecode(Bytes chunk);
// Errors: InvalidInput (truncated, lying sizes), Unsupported (another version), LimitReached (nesting).
[[nodiscard]] Result<LuaProgram> read_lua_bytecode(Bytes chunk);

// Which statements must hold for a name to count.
enum class LuaText : std::uint8_t {
  Program,  // known to be handed to loadstring(): every use counts
  Prose,    // may be a description: only calls that stand where a statement or an expression may stand
};
[[nodiscard]] LuaProgram read_lua_source(std::string_view text, LuaText kind);

}  // namespace bulwark::scan
