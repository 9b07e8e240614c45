#pragma once
// Layers for the MITRE ATLAS Navigator (format 4.3, domain atlas-atlas), shaped as upstream's own.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atlas/catalogue.h"
#include "report/atlas_pages.h"

namespace bulwark::report {

// How one technique looks. Empty parts are left out.
struct LayerEntry {
  std::string_view colour;  // "#C8E6C9"
  int score = -1;           // from 0; negative: none
  std::string comment;
};

struct LayerHead {
  std::string name;
  std::string description;
  std::vector<std::pair<std::string, std::string>> metadata;     // beside atlas_data_version
  std::vector<std::pair<std::string, std::string_view>> legend;  // label, colour
  std::vector<std::string_view> gradient;                        // colours of the lowest … highest score
  int highest_score = 100;
};

// One entry for every technique and each of its tactics (sub-techniques: one, without a tactic), sorted by
// id.
[[nodiscard]] std::string navigator_layer(const atlas::Catalogue& catalogue, const LayerHead& head,
                                          const std::function<LayerEntry(const atlas::Technique&)>& entry);

// What answers each technique (colour) and what is proven (score): prevented 100, detected 70, tested 30, not
// proven 0.
[[nodiscard]] std::string coverage_layer(const AtlasView& view, std::string_view tool_version);

}  // namespace bulwark::report
