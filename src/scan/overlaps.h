#pragma once
// One defect is one finding: what two inspectors say of the same text is settled here.
// Reasons: docs/decisions/20261120-one-defect-one-finding.md.

#include <span>

#include "core/report.h"

namespace bulwark::scan {

// `reports`: of one artifact, one for each reading.
//
// A secret that a configuration's own rule reports on the same line is one defect: the more severe finding
// stays, the configuration's if they are equal, and the other becomes a note that names it.
void settle_secrets(std::span<Report* const> reports);

}  // namespace bulwark::scan
