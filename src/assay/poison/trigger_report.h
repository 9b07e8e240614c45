#pragma once
// Triggers as json and as pictures.

#include "assay/poison/detector.h"

namespace bulwark::assay {

// Of all runs, those of one run in order of significance.
[[nodiscard]] Document triggers_json(const Frame& frame, const std::vector<DetectorRun>& runs);

// A list of the triggers, and rasters of the most significant ones that do not lie over one another: the mean
// of the carriers, with the pattern outlined.
void add_trigger_pictures(const Frame& frame, const std::vector<DetectorRun>& runs, PartResult& result);

}  // namespace bulwark::assay
