#pragma once
// What the detectors found, as a part's result: json, findings, listings, pictures, verdict.

#include "assay/poison/detector.h"

namespace bulwark::assay {

[[nodiscard]] PartResult poison_result(const Frame& frame, const Settings& settings,
                                       std::vector<DetectorRun>&& runs, std::vector<Coverage>&& coverage);

}  // namespace bulwark::assay
