#pragma once
// What Python source imports and calls, with constant arguments and where they come from. Nothing is
// executed.
//
// A tolerant parser that evaluates as it goes: names are followed through imports, assignments, getattr() and
// constant text operations ("o" + "s", [::-1], base64), and every value remembers whether it was decoded,
// comes from the network or holds secrets. Scopes share one namespace and branches are read in order:
// over-reporting is the safe side. What cannot be parsed is skipped to the end of its line and counted.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "scan/knowledge/code_effects.h"

namespace bulwark::python {

// Where a value comes from.
struct Taint {
  bool decoded = false;   // base64, zlib, hex …: its text is not to be seen in the source
  bool remote = false;    // read from the network
  bool secret = false;    // environment, credentials, or files of the user
  bool computed = false;  // put together at run time, content unknown

  Taint& operator|=(const Taint& other) {
    decoded |= other.decoded;
    remote |= other.remote;
    secret |= other.secret;
    computed |= other.computed;
    return *this;
  }
};

struct Call {
  std::string dotted;     // resolved: "subprocess.run", "eval"; as written if it could not be
  std::string arguments;  // constant arguments, for people
  std::string text;       // first argument if it is a constant text
  bool constant = false;  // the first argument is a constant
  bool has_arguments = false;
  scan::CodeEffect known;
  Taint taint;               // of all arguments
  bool import_time = false;  // not inside a function
  std::uint64_t offset = 0;  // of the expression's first name
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

// An attribute or item that leads into the interpreter: __globals__, __subclasses__ …
struct Gadget {
  std::string name;
  std::uint64_t offset = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

struct Program {
  std::vector<Call> calls;
  std::vector<Gadget> gadgets;
  std::vector<std::string> imports;  // modules
  std::uint64_t statements = 0;
  std::uint64_t unreadable = 0;  // statements that did not parse
  std::uint64_t clearly =
      0;                 // imports, definitions, decorators, with, raise …: no other language writes these so
  bool complete = true;  // false: a limit was reached
  bool unclosed = false;  // ends inside of a string or bracket
  bool reads_environment = false;
};

struct Options {
  std::size_t tokens = 4'000'000;
  std::uint32_t nested_texts = 4;  // exec("exec(…)"): texts read as source inside texts
  // Calls to keep although nothing is known about what they do, by their resolved name or, where nothing was
  // imported, as written: TorchScript's "ops.aten.save".
  bool (*also)(std::string_view name) = nullptr;
};

[[nodiscard]] Program parse(std::string_view source, const Options& options = {});

// True if text begins like Python and like nothing else that lies beside models. Looks at the first pages
// only.
[[nodiscard]] bool looks_like_python(std::string_view source);

}  // namespace bulwark::python
