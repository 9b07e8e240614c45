#pragma once
// The rules of labels; their texts are in rules.cpp.

#include "core/rule.h"

namespace bulwark::assay {

extern const Rule kWrongLabels;
extern const Rule kSuspectLabels;
extern const Rule kNoisySource;
extern const Rule kInSample;
extern const Rule kConflictingLabels;
extern const Rule kExactDuplicates;
extern const Rule kNearDuplicates;
extern const Rule kOutlyingRows;
extern const Rule kRareClass;
extern const Rule kOrderedRows;

}  // namespace bulwark::assay
