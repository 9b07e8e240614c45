#include "assay/parts.h"

namespace bulwark::assay {

PartResult assay_drift(const Frame&, const Frame&, const Settings&) {
  return not_implemented("drift");
}

}  // namespace bulwark::assay
