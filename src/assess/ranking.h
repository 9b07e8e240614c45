#pragma once
// Which defence first: what closes the most realised risk for the least change (docs/assess.md has the
// formula and a worked example). Every figure is an estimate that orders; none is a probability.

#include <string_view>
#include <vector>

#include "assess/knowledge.h"
#include "atlas/coverage.h"
#include "atlas/map.h"

namespace bulwark::assess {

// One applying technique as the ranking sees it.
struct Risk {
  const atlas::Defence* defence = nullptr;
  int weight = 0;  // points, > 0
};

// Points of a technique that applies: maturity x cases x exposure, from 8 to 192.
//   maturity  realized 3, demonstrated 2, feasible 1
//   cases     4 + min(12, 4 x incidents + exercises)
//   exposure  of the widest component that makes it apply: public 4, network 3, else 2
[[nodiscard]] int weight_of(std::string_view maturity, int incidents, int exercises, Exposure exposure);

// Share of a technique's risk that one of its controls closes: 1/2 for the one named first, half of that for
// the next …; times 1 (prevent), 1/2 (detect) or 1/4 (test). Out of reach: 0.
[[nodiscard]] double share_of(const atlas::Defence& defence, std::string_view control);

struct RankedControl {
  std::string_view control;
  const Change* change = nullptr;
  bool early = false;  // made before operation: survey phases "Design / Setup" and "Model Development …"
  int effort = 1;      // of the change, twice that for a control that this build does not have
  double closes = 0;   // risk that it closes beyond those ranked before it
  double score = 0;    // closes / effort
  std::vector<std::string_view> techniques;  // that it helps against, the most newly closed first
};

struct Ranking {
  double risk = 0;                      // points of all applying techniques
  double closed = 0;                    // of it, by controls that are in use
  std::vector<RankedControl> controls;  // early ones first, each part greedily by score
};

// `in_use`: closed from the start and not ranked. Ties: earlier phase, less effort, order of the map.
[[nodiscard]] Ranking rank(const std::vector<Risk>& risks, const atlas::Map& map, const Knowledge& knowledge,
                           const std::vector<std::string_view>& in_use,
                           const std::vector<std::string_view>& implemented);

}  // namespace bulwark::assess
