#pragma once
// The detectors that look into a model: activation clustering, spectral signatures, SPECTRE, on activations
// that were given (`--embeddings`) or that the model tells.

#include <optional>

#include "assay/poison/detector.h"

namespace bulwark::assay {

// Activations of frame rows (`rows` of them, row-major).
struct Activations {
  std::vector<float> values;
  std::size_t width = 0;
};

// Proposes parts of classes by activations, and decides by `inputs`: a space over what was put into the
// model, with the rows of `frame_rows` in this order. Without inputs it is decided among the activations.
[[nodiscard]] std::vector<DetectorRun> find_in_activations(const Frame& frame, const MaskedSpace& inputs,
                                                           const Activations& activations,
                                                           const std::vector<std::uint32_t>& frame_rows,
                                                           std::uint64_t seed, std::size_t jobs);

}  // namespace bulwark::assay
