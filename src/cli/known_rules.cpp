#include "cli/known_rules.h"

#include <algorithm>

#include "scan/engine.h"
#include "trust/rules.h"

namespace bulwark::cli {

std::vector<const Rule*> known_rules() {
  std::vector<const Rule*> rules = scan::all_rules();
  for (const Rule* rule : trust::rules()) rules.push_back(rule);
  std::ranges::sort(rules, {}, &Rule::id);
  return rules;
}

}  // namespace bulwark::cli
