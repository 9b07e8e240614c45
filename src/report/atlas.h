#pragma once
// Names of MITRE ATLAS techniques, for writers.

#include <string_view>
#include <vector>

#include "core/rule.h"

namespace bulwark::report {

// "AML.T0011.000" -> "Unsafe AI Artifacts"; empty if unknown. Views into embedded data.
[[nodiscard]] std::string_view technique_name(std::string_view id);

// The rule's techniques and the umbrella that every finding in a model file has: AML.T0010.003.
[[nodiscard]] std::vector<std::string_view> techniques_of(const Rule& rule);

}  // namespace bulwark::report
