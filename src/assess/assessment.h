#pragma once
// From the components of a pipeline to what threatens it, phase by phase, and what to do first. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assess/component.h"
#include "assess/discover.h"
#include "assess/inventory.h"
#include "assess/knowledge.h"
#include "assess/ranking.h"
#include "atlas/catalogue.h"
#include "atlas/coverage.h"
#include "atlas/map.h"

namespace bulwark::assess {

// What was looked at, for the report.
struct Looked {
  std::string name;                   // of the system: the inventory's, or the last part of the path
  std::string tree;                   // path of the tree as given; empty: none was looked at
  std::string inventory;              // path of the inventory as given; empty: none
  std::size_t files = 0;              // seen in the tree
  std::size_t read = 0;               // of these, read as text
  std::vector<std::string> not_read;  // "path: why", what could not be looked at
};

struct Input {
  Looked looked;
  Merged merged;
  std::vector<std::string> controls;  // in use, from the inventory
  std::span<const atlas::DrillOutcome> drills;
  std::span<const std::string_view> implemented;  // ids of the controls that this build has
};

// A technique that applies here.
struct Threat {
  const atlas::Technique* technique = nullptr;
  const atlas::Defence* defence = nullptr;
  const Applicability* rule = nullptr;
  std::vector<std::size_t> components;         // that make it apply, indices of Assessment::components
  Exposure exposure = Exposure::Unknown;       // the widest of these
  std::vector<const atlas::CaseStudy*> cases;  // that used it: incidents first, then the newest first
  std::vector<const atlas::Mitigation*> mitigations;
  int incidents = 0;
  int exercises = 0;
  int weight = 0;  // points
};

// A control here.
struct Standing {
  const atlas::Control* control = nullptr;
  atlas::ControlState state = atlas::ControlState::Absent;
  bool applicable = false;  // a technique that applies names it
  bool in_use = false;      // says the inventory
};

// A phase and its threats: the preparation of an adversary first, then the ten of the map.
struct PhaseView {
  std::string_view code;  // "PR" or one of atlas::phases()
  std::string_view name;
  std::string_view survey;  // the survey's phase; "Preparation" for the first
  std::vector<std::size_t>
      threats;  // indices of Assessment::threats: those in reach first, the heaviest first
};

struct Assessment {
  Looked looked;
  std::vector<Component> components;
  std::vector<std::size_t> not_found;
  std::vector<std::size_t> not_declared;
  std::vector<Kind> absent;     // kinds that were looked for and not found
  std::vector<Threat> threats;  // in the order of the catalogue
  std::vector<PhaseView> phases;
  std::vector<Standing> controls;  // all of them, in the order of the map
  Ranking ranking;
  atlas::Coverage coverage;  // of the drills that were handed in
  const atlas::Catalogue* catalogue = nullptr;
  const atlas::Map* map = nullptr;

  [[nodiscard]] const Threat* threat(std::string_view technique) const;
  [[nodiscard]] const Standing* standing(std::string_view control) const;
};

// `catalogue` and `map` must outlive the result. The rules are made for the pinned catalogue: techniques that
// another one adds have none and are left out.
[[nodiscard]] Assessment assess(Input input, const atlas::Catalogue& catalogue, const atlas::Map& map,
                                const Knowledge& knowledge);

// "proven", "failed", "present", "absent" or "not applicable".
[[nodiscard]] std::string_view state_name(const Standing& standing);
// How sure one can be that the threat can be met: "proven" if a drill of this build proved it for this
// technique; "present" if one of its controls is in this build; "absent"; "document only" if it is out of
// reach.
[[nodiscard]] std::string_view best_state(const Assessment& assessment, const Threat& threat);
// "2024-01-05", "2024-01" or "2024": as much of the date as is meant.
[[nodiscard]] std::string_view date_of(const atlas::CaseStudy& study);
// "AI Supply Chain Compromise: Model"; of a technique without a parent its name.
[[nodiscard]] std::string full_name(const atlas::Catalogue& catalogue, const atlas::Technique& technique);

}  // namespace bulwark::assess
