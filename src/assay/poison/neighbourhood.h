#pragma once
// The labelled rows of a frame in one space, with their nearest neighbours: what all detectors share that ask
// which rows contradict their surroundings.

#include <optional>
#include <string>

#include "assay/poison/detector.h"
#include "stats/neighbours.h"

namespace bulwark::assay {

struct NeighbourLimits {
  double work = 2e11;  // multiplications, rows² × width: some ten seconds of one core
};

struct Neighbourhood {
  std::string why_not;  // no neighbours: the reason; the rest is empty then
  std::size_t width = 0;
  std::vector<float> values;             // labelled rows × width
  stats::Neighbours near;                // 30 of each
  std::vector<std::uint8_t> disagree;    // more than half of the ten nearest have another label
  std::vector<std::int32_t> looks_like;  // label of most of the ten nearest
  std::vector<std::uint8_t> votes;       // how many of the ten nearest have that label
  double duplicate = 0;                  // distance below which two rows are near duplicates
};

[[nodiscard]] Neighbourhood neighbourhood_of(const Frame& frame, const LabelledRows& labelled,
                                             std::size_t jobs, const NeighbourLimits& limits = {});

// Images as they are; without images the numeric and categorical columns, scaled. Frame rows.
struct InputRows {
  std::string why_not;
  std::size_t width = 0;
  std::vector<float> values;
};
[[nodiscard]] InputRows input_rows(const Frame& frame, const std::vector<std::uint32_t>& rows);

}  // namespace bulwark::assay
