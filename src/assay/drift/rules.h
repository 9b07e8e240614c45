#pragma once
// The rules of drift; their texts are in rules.cpp.

#include "core/rule.h"

namespace bulwark::assay {

extern const Rule kColumnDrift;
extern const Rule kJointDrift;
extern const Rule kLabelShift;
extern const Rule kSchemaDrift;

}  // namespace bulwark::assay
