#pragma once
// Which callables Python source calls, read from its tokens: imports and aliases resolved, comments and
// strings left alone. No grammar: what a line calls, not what it computes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

struct PythonCall {
  std::string callee;  // resolved through imports: "subprocess.run", "builtins.eval", "?.save" if unresolved
  std::string argument;            // first argument if it is a string, else the text of its first tokens
  std::uint64_t offset = 0;        // of the callee's first token
  std::uint32_t line = 0;          // from 1
  std::uint32_t column = 0;        // from 1
  bool at_import = false;          // runs when the module is imported: not inside a def
  bool computed_argument = false;  // the first argument is itself a call, e.g. exec(b64decode(…))
};

struct PythonImport {
  std::string module;  // "torch.nn", for relative imports with its dots
  std::uint64_t offset = 0;
};

struct PythonSource {
  std::vector<PythonCall> calls;
  std::vector<PythonImport> imports;
  bool complete = true;  // false: a string or bracket does not end
};

// Errors: InvalidInput for text that is no UTF-8 and for NUL bytes; LimitReached for size.
[[nodiscard]] Result<PythonSource> read_python(std::string_view text, const Limits& limits);

}  // namespace bulwark::scan
