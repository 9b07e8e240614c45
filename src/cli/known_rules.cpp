#include "cli/known_rules.h"

#include <algorithm>

#include "ledger/rules.h"
#include "scan/engine.h"
#include "trust/rules.h"

namespace bulwark::cli {

std::vector<const Rule*> known_rules() {
  std::vector<const Rule*> rules = scan::all_rules();
  for (const auto more : {trust::rules(), ledger::rules()})
    rules.insert(rules.end(), more.begin(), more.end());
  std::ranges::sort(rules, {}, &Rule::id);
  return rules;
}

}  // namespace bulwark::cli
