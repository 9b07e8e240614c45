#include "assay/rules.h"

namespace bulwark::assay {

std::span<const Rule* const> text_rules() {
  return {};
}

}  // namespace bulwark::assay
