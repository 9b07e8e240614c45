#pragma once
// The detectors "windows", "shared_values" and "anywhere" on the images of a frame.

#include <functional>

#include "assay/poison/detector.h"

namespace bulwark::assay {

struct MiningLimits {
  std::size_t rows = 8'192;  // of the distance matrix: 256 MiB
  double work = 3e10;        // multiplications for it, rows² × width: some ten seconds of one core
};

// Triggers are mined among a sample of the rows if there are more than the limits allow; then all carriers
// among the other rows are looked at.
struct ImageTriggers {
  DetectorRun windows;
  DetectorRun values;
  DetectorRun anywhere;
  std::size_t mined_rows = 0;
};
[[nodiscard]] ImageTriggers find_image_triggers(const Frame& frame, const LabelledRows& labelled,
                                                const Settings& settings, const MiningLimits& limits = {});

// How many of `rows` rows of this width the limits allow.
[[nodiscard]] std::size_t mined_rows(std::size_t rows, std::size_t width, const MiningLimits& limits);
// So many of the rows, drawn by the seed, ascending.
[[nodiscard]] std::vector<std::uint32_t> mined_sample(std::size_t rows, std::size_t wanted,
                                                      std::uint64_t seed);
// Adds the carriers of a trigger among the rows that were not mined (`mined`: places in `labelled`,
// ascending), and which of them disagree with their label under the mask. `points`: all rows of the frame.
void extend_to_others(Trigger& trigger, const stats::MatrixView& points, const LabelledRows& labelled,
                      const std::vector<std::uint32_t>& mined, const MaskedSpace& space,
                      const MaskedSpace::Mask& mask,
                      const std::function<bool(std::span<const float>)>& carries,
                      MaskedSpace::Scratch& scratch);

}  // namespace bulwark::assay
