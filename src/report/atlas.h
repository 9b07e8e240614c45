#pragma once
// Which MITRE ATLAS techniques a rule stands for, for writers.

#include <string_view>
#include <vector>

#include "atlas/catalogue.h"
#include "core/rule.h"

namespace bulwark::report {

using atlas::technique_name;

// The rule's techniques and, if it looks into model files, the umbrella that each of those has:
// AML.T0010.003.
[[nodiscard]] std::vector<std::string_view> techniques_of(const Rule& rule);

}  // namespace bulwark::report
