#pragma once
// Callables named by one dotted text, as Hydra, MLflow, skops and YAML tags name them: "subprocess.Popen".

#include <string_view>

#include "scan/knowledge/callables.h"

namespace bulwark::scan {

// The best known reading of `name` as module + qualified name; the longest module wins, and what somebody
// wrote a row for wins over the default for standard-library modules. A name without a dot is a builtin.
[[nodiscard]] Callable look_up_dotted(std::string_view name);

// True if importing this module, or anything in it, is nothing a model configuration has a reason to name: a
// module of the standard library or one that holds dangerous callables only.
[[nodiscard]] bool is_dangerous_module(std::string_view module);

}  // namespace bulwark::scan
