#include "assay/parts.h"

namespace bulwark::assay {

PartResult assay_poison(const Frame&, const Extras&, const Settings&) {
  return not_implemented("poison");
}

}  // namespace bulwark::assay
