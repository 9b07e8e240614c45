#include "assay/rules.h"

namespace bulwark::assay {

std::span<const Rule* const> drift_rules() {
  return {};
}

}  // namespace bulwark::assay
