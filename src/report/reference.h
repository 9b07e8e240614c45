#pragma once
// The reference of rules, printed from the rules themselves.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/rule.h"

namespace bulwark::report {

[[nodiscard]] std::string reference_text(std::span<const Rule* const> rules);
[[nodiscard]] std::string reference_markdown(std::span<const Rule* const> rules);
[[nodiscard]] std::string reference_json(std::span<const Rule* const> rules);
// One rule with all its texts, for `--explain`.
[[nodiscard]] std::string explanation_text(const Rule& rule);

// docs/rules/: {"README.md", index}, {"PKL.md", all rules of that area} …
[[nodiscard]] std::vector<std::pair<std::string, std::string>> reference_pages(
    std::span<const Rule* const> rules);

}  // namespace bulwark::report
