#pragma once
// The rules of the profile.

#include "core/rule.h"

namespace bulwark::assay {

extern const Rule kContractBroken, kContractColumns, kMixedTypes, kMixedNulls, kNotUtf8Text, kControlBytes,
    kInfiniteNumbers, kEmptyColumn, kConstantColumn, kIdentifierColumn, kPaddedValues, kLeadingZeros,
    kSchemaChanged, kValuesChanged;

}  // namespace bulwark::assay
