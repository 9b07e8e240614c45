#pragma once
// What is proven, over three denominators: the metric of docs/coverage.md.
//
// A technique is proven if a drill of this build proved it: attack stopped or alerted, ablation succeeded,
// benign twin passed. A parent counts only with a drill of its own or if all its sub-techniques are proven. A
// test-only proof never counts as a defence.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/catalogue.h"
#include "atlas/map.h"

namespace bulwark::atlas {

enum class Outcome : std::uint8_t {
  Proven,      // every part of the contract held
  Failed,      // a part did not hold
  Unassessed,  // could not be run here, or needs a control that does not exist yet
};

// How a drill shows that a technique is answered.
enum class Proof : std::uint8_t { Prevent, Detect, Test };

[[nodiscard]] std::string_view name_of(Outcome outcome);  // "proven", "failed", "unassessed"
[[nodiscard]] std::string_view name_of(Proof proof);      // "prevent", "detect", "test"

// One drill as the metric sees it; the record of its parts belongs to the drill runner.
struct DrillOutcome {
  std::string id;  // "DR-0011.000", "DR-CS0031"
  std::vector<std::string> techniques;
  std::vector<std::string> cases;
  std::vector<std::string> controls;
  Outcome outcome = Outcome::Unassessed;
  Proof proof = Proof::Prevent;
  std::string reason;       // of Failed and Unassessed
  int stopped_at_step = 0;  // of a case replay: the step that was stopped or alerted; 0: none
};

struct Count {
  int proven = 0;
  int prevent = 0;  // of `proven`, the strongest proof of each
  int detect = 0;
  int test = 0;
  int of = 0;
};

struct Coverage {
  Count all;       // of every technique of the catalogue
  Count in_reach;  // of those that a platform can answer
  Count realized;  // of those seen in real incidents
  Count cases;
  int steps = 0;                                // steps of case studies whose technique is proven to be
                                                // prevented or detected …
  int steps_of = 0;                             // … of all steps
  std::vector<std::string_view> techniques;     // proven ones, sorted
  std::vector<Proof> proofs;                    // the strongest proof of each of `techniques`
  std::vector<std::string_view> case_studies;   // proven ones, sorted
  std::vector<std::string_view> document_only;  // techniques out of reach, sorted
};

[[nodiscard]] Coverage coverage(const Catalogue& catalogue, const Map& map,
                                std::span<const DrillOutcome> drills);

// State of a control here.
enum class ControlState : std::uint8_t {
  Proven,   // a drill of this build proved it and none failed
  Failed,   // a drill of this build failed
  Present,  // implemented in this build; no drill has run on it
  Absent,   // not implemented in this build
};
[[nodiscard]] std::string_view name_of(ControlState state);  // "proven", "failed", "present", "absent"

// `implemented`: ids of the controls that this build has, sorted.
[[nodiscard]] ControlState state_of(std::string_view control, std::span<const std::string_view> implemented,
                                    std::span<const DrillOutcome> drills);

}  // namespace bulwark::atlas
