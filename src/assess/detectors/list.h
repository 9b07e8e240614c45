#pragma once
// The detectors, one a kind (assess/component.h). A kind without its file does not link.

#include "assess/detector.h"

namespace bulwark::assess::detectors {
#define BULWARK_DECLARE_DETECTOR(enumerator, file, id, title, looks_for) extern const Detector file;
BULWARK_COMPONENT_KINDS(BULWARK_DECLARE_DETECTOR)
#undef BULWARK_DECLARE_DETECTOR
}  // namespace bulwark::assess::detectors
