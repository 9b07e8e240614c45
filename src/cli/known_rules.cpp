#include "cli/known_rules.h"

#include <algorithm>

#include "assay/rules.h"
#include "ledger/rules.h"
#include "scan/engine.h"
#include "trust/rules.h"

namespace bulwark::cli {

std::vector<const Rule*> known_rules() {
  std::vector<const Rule*> rules = scan::all_rules();
  for (const auto more : {trust::rules(), ledger::rules()})
    rules.insert(rules.end(), more.begin(), more.end());
  const std::vector<const Rule*> assay = assay::rules();
  rules.insert(rules.end(), assay.begin(), assay.end());
  std::ranges::sort(rules, {}, &Rule::id);
  return rules;
}

}  // namespace bulwark::cli
