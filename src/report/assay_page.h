#pragma once
// The page of an assay that is written as text and as markdown. Inside this module.

#include <cstddef>

#include "report/assay.h"
#include "report/page.h"

namespace bulwark::report {

// `rows`: of each listing that are shown.
[[nodiscard]] Page assay_page(const AssayRun& run, std::size_t rows, bool verbose);

[[nodiscard]] Tone tone_of(assay::Outcome outcome);

}  // namespace bulwark::report
