#pragma once
// Conda environments (environment.yml, conda.yaml, MLflow's python_env.yaml) and the records of what conda
// installed (conda-meta/*.json).

#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/dependencies/list.h"

namespace bulwark::scan {

// Packages of the pip section are of ecosystem "PyPI", the others of "conda".
// Errors: InvalidInput (no YAML, no environment, a dependency that is no text), LimitReached.
[[nodiscard]] Result<DependencyList> read_conda_environment(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_conda_meta(std::string_view text, const Limits& limits);

}  // namespace bulwark::scan
