#include "assay/parts.h"

namespace bulwark::assay {

PartResult assay_leakage(const Frame&, const Frame*, const Extras&, const Settings&) {
  return not_implemented("leakage");
}

}  // namespace bulwark::assay
