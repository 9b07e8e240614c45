#pragma once
// STRIP (Gao et al. 2019): a model stays sure of an input with a trigger whatever is blended into it.

#include "assay/poison/detector.h"

namespace bulwark::assay {

struct StripLimits {
  std::size_t rows = 5'000;  // that are blended
  std::size_t blends = 20;   // of each
};

// `inputs`: what the model takes, in order of `frame_rows`; `space`: over the same rows. Rows of low entropy
// are proposed for each class, and decided by what they show, as parts of classes are.
[[nodiscard]] DetectorRun find_by_strip(models::Predictor& model, std::span<const float> inputs,
                                        const MaskedSpace& space,
                                        const std::vector<std::uint32_t>& frame_rows, std::uint64_t seed,
                                        const StripLimits& limits = {});

// Shannon entropy in nats of the softmax of scores; of the scores themselves if they are probabilities.
[[nodiscard]] double entropy_of(std::span<const float> scores);

}  // namespace bulwark::assay
