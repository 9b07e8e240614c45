#pragma once
// From what a person types to the object that is meant.

#include <string>
#include <string_view>
#include <vector>

#include "atlas/catalogue.h"
#include "atlas/map.h"

namespace bulwark::atlas {

// Exactly one of these is set.
struct Object {
  const Tactic* tactic = nullptr;
  const Technique* technique = nullptr;
  const Mitigation* mitigation = nullptr;
  const CaseStudy* case_study = nullptr;
  const Control* control = nullptr;
  const Crossing* crossing = nullptr;

  [[nodiscard]] bool found() const {
    return tactic != nullptr || technique != nullptr || mitigation != nullptr || case_study != nullptr ||
           control != nullptr || crossing != nullptr;
  }
};

struct Found {
  Object object;
  std::string note;                      // why another id than the given one is shown
  std::vector<std::string> suggestions;  // if nothing was found: "AML.T0011 User Execution", at most five
};

// Takes ids in full ("AML.T0011.000"), without "AML.", ids of controls ("SC-MODEL"), items of other
// frameworks
// ("ML01") and whole names, in any case. Retired ids lead to their successors and back.
[[nodiscard]] Found look_up(const Catalogue& catalogue, const Map& map, std::string_view text);

}  // namespace bulwark::atlas
