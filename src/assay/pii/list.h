#pragma once
// The groups of recognisers, in the order of reports. A name without its file does not link.

#include <span>

#include "assay/pii/recogniser.h"

#define BULWARK_PII_GROUPS(X) \
  X(payment)                  \
  X(national_europe)          \
  X(national_americas)        \
  X(national_asia)            \
  X(health)                   \
  X(online)                   \
  X(device)                   \
  X(person)

namespace bulwark::assay::pii {

namespace groups {
#define BW_DECLARE(name) std::span<const Recogniser> name();
BULWARK_PII_GROUPS(BW_DECLARE)
#undef BW_DECLARE
}  // namespace groups

}  // namespace bulwark::assay::pii
