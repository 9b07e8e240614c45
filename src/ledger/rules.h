#pragma once
// The rules of a ledger that is not what it was: one for each fault of an audit, and what they mean for who
// relies on it.

#include <span>

#include "core/rule.h"
#include "ledger/audit.h"

namespace bulwark::ledger {

// Never null; lives for ever.
[[nodiscard]] const Rule* rule_of(Fault fault);

// All of them, in order of id.
[[nodiscard]] std::span<const Rule* const> rules();

}  // namespace bulwark::ledger
