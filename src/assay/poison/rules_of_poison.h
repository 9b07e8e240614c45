#pragma once
// The rules of poison, for the detectors that raise them.

#include "core/rule.h"

namespace bulwark::assay {

extern const Rule kTriggerRule;      // BW-POI-001
extern const Rule kSharedValueRule;  // BW-POI-002
extern const Rule kActivationRule;   // BW-POI-003
extern const Rule kStripRule;        // BW-POI-004
extern const Rule kFloodRule;        // BW-POI-005
extern const Rule kBurstRule;        // BW-POI-006
extern const Rule kContributorRule;  // BW-POI-007
extern const Rule kFlipRule;         // BW-POI-008
extern const Rule kQuotaRule;        // BW-POI-009
extern const Rule kFeedbackRule;     // BW-POI-010

}  // namespace bulwark::assay
