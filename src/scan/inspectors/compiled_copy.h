#pragma once
// The source that a .pyc was compiled from, where it lies beside it: a/b.py of
// a/__pycache__/b.cpython-312.pyc.
//
// Interpreters write such copies by the thousand, and whoever reads the source has read them, unless somebody
// put other code into the copy: it is what runs. So the two are compared.

#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/marshal/bytecode.h"
#include "scan/inspector.h"

namespace bulwark::scan {

enum class CopyState : std::uint8_t {
  NoSource,  // nothing to compare with
  Stale,     // the header names a source of another size: the interpreter compiles the source again
  Faithful,  // says nothing that the source does not say
  Differs,   // uses names that the source does not have
};

struct CompiledCopy {
  CopyState state = CopyState::NoSource;
  std::string source = {};               // name of the source in its package
  std::vector<std::string> unsaid = {};  // the first names and texts that the source does not have
};

// "a/__pycache__/b.cpython-312.opt-1.pyc" and "a/b.pyc" -> "a/b.py"; empty for every other name.
[[nodiscard]] std::string source_of_copy(std::string_view name);

// Compares `program`, the artifact of `in`, with the source among the members of its package. Linear.
[[nodiscard]] CompiledCopy compare_with_source(Inspection& in, const marshal::Program& program,
                                               const marshal::Reach& reach);

}  // namespace bulwark::scan
