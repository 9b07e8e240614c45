#pragma once
// The area under the ROC curve: how often a positive is ranked above a negative.

#include <cstdint>
#include <span>

#include "stats/interval.h"

namespace bulwark::stats {

// Ties count half. The interval is DeLong's (1988), on the logit so that it stays within (0, 1), and never
// narrower than Hanley and McNeil's (1982) at an area of one half of a pair from the edge: DeLong's variance
// vanishes where the classes are separated. One class missing: 0.5 in [0, 1].
[[nodiscard]] Interval auc(std::span<const float> positives, std::span<const float> negatives,
                           double level = 0.95);

}  // namespace bulwark::stats
