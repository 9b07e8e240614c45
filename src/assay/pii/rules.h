#pragma once
// The rules of personal data, and which kind raises which.

#include "assay/pii/column.h"
#include "core/rule.h"

namespace bulwark::assay::pii {

struct Raised {
  const Rule* rule;
  Severity severity;
};
// For a decided kind: the column holds it, or some values do.
[[nodiscard]] Raised rule_of(KindIndex kind, Decision decision);

}  // namespace bulwark::assay::pii
