#pragma once
// Callables named by one dotted text, as Hydra, MLflow, skops and YAML tags name them: "subprocess.Popen".

#include <optional>
#include <string_view>

#include "core/rule.h"
#include "scan/knowledge/callables.h"

namespace bulwark::scan {

// The best known reading of `name` as module + qualified name; the longest module wins, and what somebody
// wrote a row for wins over the default for standard-library modules. A name without a dot is a builtin. The
// default for functions of machine-learning packages ("not part of their pickles") says nothing here and
// reads as Unknown.
[[nodiscard]] Callable look_up_dotted(std::string_view name);

// How severe it is that a configuration makes a loader call `name`; empty if it is safe or nobody knows it.
[[nodiscard]] std::optional<Severity> severity_of_calling(std::string_view name);

}  // namespace bulwark::scan
