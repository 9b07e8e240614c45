#include "assay/rules.h"

#include <algorithm>

namespace bulwark::assay {

std::vector<const Rule*> rules() {
  std::vector<const Rule*> all;
  for (const auto part : {profile_rules(), pii_rules(), label_rules(), leakage_rules(), poison_rules(),
                          text_rules(), drift_rules()})
    all.insert(all.end(), part.begin(), part.end());
  std::ranges::sort(all, {}, &Rule::id);
  return all;
}

}  // namespace bulwark::assay
