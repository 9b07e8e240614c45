#pragma once
// The detectors "cells" (tables) and "phrases" (texts).

#include "assay/poison/detector.h"

namespace bulwark::assay {

// Exact values of one or two columns that a class owns; the columns are left out. Not for images.
[[nodiscard]] DetectorRun find_cell_triggers(const Frame& frame, const LabelledRows& labelled,
                                             const Settings& settings);

struct TextLimits {
  std::size_t rows = 4'096;    // documents that are mined
  std::size_t tokens = 1'000;  // of one document; the rest is not read
  std::size_t buckets = 512;   // of the hashed bag of words
};
// Phrases of one to three words that a class owns; their words are deleted.
[[nodiscard]] DetectorRun find_phrase_triggers(const Frame& frame, const LabelledRows& labelled,
                                               const Settings& settings, const TextLimits& limits = {});

}  // namespace bulwark::assay
