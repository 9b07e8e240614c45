#include "assay/parts.h"

namespace bulwark::assay {

PartResult assay_labels(const Frame&, const Extras&, const Settings&) {
  return not_implemented("labels");
}

}  // namespace bulwark::assay
