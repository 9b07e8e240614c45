#pragma once
// What a call does when *code* makes it: Python source or byte code that travels with a model.
//
// Apart from callables.h because the question is another one. A pickle has no business with the standard
// library, so there everything unlisted is dangerous; code joins paths and opens its own weights all day, so
// here only what is listed has an effect.

#include <string>
#include <string_view>

#include "scan/knowledge/callables.h"

namespace bulwark::scan {

struct CodeEffect {
  Effect effect = Effect::None;
  bool decodes =
      false;  // turns text or bytes into other bytes: base64, zlib, codecs … (half of a decode-and-run)
  std::string_view name = {};  // the entry that matched, e.g. "subprocess.*"; empty: nothing known
};

// `dotted`: the resolved name, "os.system"; built-in functions without a module: "eval". Allocates nothing.
[[nodiscard]] CodeEffect code_effect(std::string_view dotted);

// The full name behind a conventional alias ("np" -> "numpy"), or the name itself.
[[nodiscard]] std::string_view unaliased(std::string_view name);

}  // namespace bulwark::scan
