#pragma once
// The page of an assay that is written as text and as markdown. Inside this module.

#include <cstddef>
#include <string>

#include "report/assay.h"
#include "report/page.h"

namespace bulwark::report {

// `rows`: of each listing that are shown.
[[nodiscard]] Page assay_page(const AssayRun& run, std::size_t rows, bool verbose);

// Which parts failed although the policy accepts, in a sentence; empty if there is nothing to explain.
[[nodiscard]] std::string why_accepted(const AssayRun& run);

[[nodiscard]] Tone tone_of(assay::Outcome outcome);

}  // namespace bulwark::report
