#pragma once
// A first plan, made from what is found in the data: a person goes over it before it is used.

#include <string>

#include "assay/part.h"
#include "base/result.h"
#include "tables/dataset.h"

namespace bulwark::assay::anonymise {

// The plan as text, with a comment on every decision and on what only people can decide. It reads back
// (read_plan). Reads the data once. Errors: those of the data; InvalidInput (no columns).
[[nodiscard]] Result<std::string> suggest_plan(const tables::Dataset& dataset, const Settings& settings);

}  // namespace bulwark::assay::anonymise
