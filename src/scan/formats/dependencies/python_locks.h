#pragma once
// Lock files of Python tools: Pipfile.lock, poetry.lock, pdm.lock, pylock.toml (PEP 751), uv.lock.

#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/dependencies/list.h"

namespace bulwark::scan {

// Errors: InvalidInput (no JSON or TOML, no lock file), LimitReached.
[[nodiscard]] Result<DependencyList> read_pipfile_lock(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_poetry_lock(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_pdm_lock(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_pylock(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_uv_lock(std::string_view text, const Limits& limits);

}  // namespace bulwark::scan
