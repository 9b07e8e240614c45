#pragma once
// The rules of leakage; their texts are in rules.cpp.

#include "core/rule.h"

namespace bulwark::assay {

extern const Rule kSharedRows;
extern const Rule kNearRows;
extern const Rule kLabelInColumn;
extern const Rule kLabelInIdentifier;
extern const Rule kTimeOverlap;
extern const Rule kSharedGroups;
extern const Rule kConflictAcrossSplits;

}  // namespace bulwark::assay
