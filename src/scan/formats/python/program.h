#pragma once
// What Python source imports and calls, with constant arguments and where they come from. Nothing is
// executed.
//
// The tree is walked in the order of the text and evaluated: names are followed through imports, assignments,
// getattr() and constant text operations ("o" + "s", [::-1], base64), and every value remembers where it
// comes from. Branches are read one after the other, and what either of them assigns counts: over-reporting
// is the safe side. What cannot be parsed is skipped to the end of its line and counted.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "scan/formats/python/syntax.h"
#include "scan/knowledge/code_effects.h"

namespace bulwark::python {

// Where a value comes from.
struct Taint {
  bool decoded = false;   // base64, zlib, hex …: its text is not to be seen in the source
  bool remote = false;    // read from the network
  bool secret = false;    // environment, credentials, or files of the user
  bool computed = false;  // put together at run time, content unknown
  // All that follow are dropped where a value is checked or made a number: see Evaluator.
  bool model = false;      // said by a language model
  bool tool = false;       // argument that a language model chose for a tool of its agent
  bool input = false;      // a request, a form, a message: whoever reaches the service
  bool typed = false;      // at a prompt, by whoever runs the program
  bool file = false;       // read from a file
  bool row = false;        // a value of a table, which a function is applied to
  bool parameter = false;  // of a pipeline: whoever starts a run

  Taint& operator|=(const Taint& other) {
    decoded |= other.decoded;
    remote |= other.remote;
    secret |= other.secret;
    computed |= other.computed;
    model |= other.model;
    tool |= other.tool;
    input |= other.input;
    typed |= other.typed;
    file |= other.file;
    row |= other.row;
    parameter |= other.parameter;
    return *this;
  }
  // Without what a check takes away.
  [[nodiscard]] Taint checked() const {
    Taint rest = *this;
    rest.model = rest.tool = rest.input = rest.typed = rest.file = rest.row = rest.parameter = false;
    return rest;
  }
  [[nodiscard]] bool foreign() const { return model || tool || input || typed || parameter; }
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

class Observer;

struct Options {
  std::size_t tokens = 4'000'000;
  std::uint32_t nested_texts = 4;  // exec("exec(…)"): texts read as source inside texts
  // Calls to keep although nothing is known about what they do, by their resolved name or, where nothing was
  // imported, as written: TorchScript's "ops.aten.save".
  bool (*also)(std::string_view name) = nullptr;
  // Hears of every call and assignment while the source is read; may be null.
  Observer* observer = nullptr;
};

[[nodiscard]] Program parse(std::string_view source, const Options& options = {});
// The same for a tree that is there already.
[[nodiscard]] Program evaluate(const Tree& tree, const Options& options = {});

// True if text begins like Python and like nothing else that lies beside models. Looks at the first pages
// only.
[[nodiscard]] bool looks_like_python(std::string_view source);

}  // namespace bulwark::python
