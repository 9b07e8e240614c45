// The plan of an anonymisation: whatever is read keeps to its ceilings, and can be held against columns.

#include <cstdlib>

#include "assay/anonymise/plan.h"
#include "base/byte_reader.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto plan = assay::anonymise::read_plan(text_of({data, size}));
  if (!plan) return 0;
  if (plan->quasi_identifiers.size() > assay::anonymise::PlanLimits{}.quasi_identifiers) std::abort();
  (void)assay::anonymise::check_columns(*plan, {"a", "b", "zip"});
  return 0;
}
