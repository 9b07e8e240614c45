#pragma once
// What changed between an approved model and a candidate: tensors, operators, wiring, weights.
//
// For the validator who has approved one version and is handed the next. Nothing here says that a change is
// hostile; the rules name the changes that architectural backdoors and model edits consist of.

#include <span>
#include <string_view>

#include "base/limits.h"
#include "core/report.h"
#include "scan/model_graph.h"

namespace bulwark::scan {

// Findings carry `path` (of the candidate) and the name of the tensor or operator as their subject; places
// are not known. Gaps say which weights could not be compared. Both graphs' artifacts must be alive: contents
// are read. Cost: linear in nodes; equal tensors one memory comparison, changed ones a sample of a million
// values.
[[nodiscard]] Report compare(const ModelGraph& approved, const ModelGraph& candidate, std::string_view path,
                             const Limits& limits);

// The rules that compare() raises.
[[nodiscard]] std::span<const Rule> diff_rules();

}  // namespace bulwark::scan
