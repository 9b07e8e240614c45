#pragma once
// R's serialisation (.rds, and .RData after its "RDX3\n" line): XDR, native binary and ASCII, versions 2
// and 3.
//
// The stream is walked once, nothing is built. What can run code is reported as events: promises, calls
// inside promises and closures, and what the top level binds. Facts from R's src/main/serialize.c.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

// Around an item, innermost last matters.
enum class RContext : std::uint8_t {
  Value,     // plain data: calls in it are data (formulas, `lm` calls)
  Promise,   // an expression that runs when the binding is first touched
  Function,  // the body or a default argument of a closure: runs when it is called
  Hook,      // a function bound to a name that R runs by itself, such as .First
};

struct RCall {
  std::string function;  // "system", "base::system", "do.call"
  std::string argument;  // first argument that is a string, or a symbol's name
  std::uint64_t offset = 0;
  RContext context = RContext::Value;
};

struct RPromise {
  std::uint64_t offset = 0;
  std::string binding;        // the name it is bound to, empty if none
  bool evaluated = false;     // carries a value: its expression does not run again
  bool expression = false;    // of a call, not of a constant or a symbol
  bool at_top_level = false;  // the value that readRDS or load hands out
};

struct RBinding {  // of the pairlist that load() puts into the workspace
  std::string name;
  std::uint64_t offset = 0;
  bool is_function = false;
};

struct RSerial {
  std::string layout;  // "xdr", "binary", "ascii"
  std::uint32_t version = 0;
  std::string writer;      // "4.3.1"
  bool workspace = false;  // .RData: a list of bindings
  std::vector<RCall> calls;
  std::vector<RPromise> promises;
  std::vector<RBinding> bindings;
  std::uint64_t external_pointers = 0;
  std::uint64_t end = 0;  // first byte behind the stream
  std::string stopped;    // why the walk ended early; then `end` is where
  bool truncated = false;
  Code stop_code = Code::InvalidInput;
};

// True if the bytes start as a serialisation that R would read: layout letter and a known version.
[[nodiscard]] bool is_r_serial(Bytes content);
// Walks as far as the stream makes sense; what was found before a defect is kept (see `stopped`).
// Errors: InvalidInput if not even the header fits.
[[nodiscard]] Result<RSerial> read_r_serial(Bytes content, const Limits& limits);

}  // namespace bulwark::scan
