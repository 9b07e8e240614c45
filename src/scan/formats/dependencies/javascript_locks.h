#pragma once
// Lock files of JavaScript tools: package-lock.json and npm-shrinkwrap.json (versions 1 to 3), yarn.lock
// (classic and Berry), pnpm-lock.yaml (5 to 9).

#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/dependencies/list.h"

namespace bulwark::scan {

// Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<DependencyList> read_package_lock(std::string_view text, const Limits& limits);
[[nodiscard]] Result<DependencyList> read_pnpm_lock(std::string_view text, const Limits& limits);
// yarn.lock is a language of its own; what is no entry is listed in `unread`.
[[nodiscard]] DependencyList read_yarn_lock(std::string_view text);

// "name@range", "@scope/name@range": where the name ends, or npos.
[[nodiscard]] std::size_t end_of_npm_name(std::string_view spec);

}  // namespace bulwark::scan
