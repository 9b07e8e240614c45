#pragma once
// What a model, or embeddings that were given, say about the rows of a frame: the detectors of tiers A and P.

#include "assay/poison/detector.h"

namespace bulwark::assay {

// Detectors that did not run say why.
[[nodiscard]] std::vector<DetectorRun> find_with_model(const Frame& frame, const LabelledRows& labelled,
                                                       const Extras& extras, const Settings& settings);

}  // namespace bulwark::assay
