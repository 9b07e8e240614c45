#pragma once
// Manifests: what a project asks for before a tool decides the versions. pyproject.toml (PEP 621, dependency
// groups, Poetry, uv, PDM), Pipfile, setup.cfg, setup.py (read as text, never run), package.json; and the
// configuration of installers: pip.conf, uv.toml, .npmrc.

#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/dependencies/list.h"

namespace bulwark::scan {

// Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<DependencyList> read_pyproject(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_uv_configuration(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_pipfile(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_package_json(std::string_view text, const Limits& limits);
// These never fail: lines that say nothing are skipped.
[[nodiscard]] DependencyList read_setup_cfg(std::string_view text);
[[nodiscard]] DependencyList read_setup_py(std::string_view text);
[[nodiscard]] DependencyList read_pip_conf(std::string_view text);
[[nodiscard]] DependencyList read_npmrc(std::string_view text);

}  // namespace bulwark::scan
