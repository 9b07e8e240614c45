#include "report/navigator.h"

#include <boost/json.hpp>
#include <map>

#include "atlas/alias.h"
#include "base/text.h"
#include "report/pretty.h"

namespace bulwark::report {
namespace {

namespace json = boost::json;

// Told apart by people who do not see red and green alike (Okabe and Ito).
constexpr std::string_view kPrevent = "#009E73", kDetect = "#56B4E9", kTest = "#F0E442",
                           kDocument = "#BBBBBB";

// "AI Model Access" -> "ai-model-access"
std::string slug(std::string_view name) {
  std::string text = lower(name);
  for (char& letter : text)
    if (letter == ' ' || letter == '/') letter = '-';
  return text;
}

json::object entry_of(const atlas::Technique& technique, const LayerEntry& entry) {
  json::object object{{"techniqueID", technique.id}};
  if (entry.score >= 0) object["score"] = entry.score;
  if (!entry.colour.empty()) object["color"] = entry.colour;
  if (!entry.comment.empty()) object["comment"] = entry.comment;
  return object;
}

std::string_view colour_of(const atlas::Defence* defence) {
  if (defence == nullptr) return {};
  return defence->kind == "prevent"  ? kPrevent
         : defence->kind == "detect" ? kDetect
         : defence->kind == "test"   ? kTest
                                     : kDocument;
}

}  // namespace

std::string navigator_layer(const atlas::Catalogue& catalogue, const LayerHead& head,
                            const std::function<LayerEntry(const atlas::Technique&)>& entry) {
  json::object layer{{"versions", {{"layer", "4.3"}, {"navigator", "4.6.4"}}},
                     {"domain", "atlas-atlas"},
                     {"name", head.name},
                     {"description", head.description}};
  json::array metadata{{{"name", "atlas_data_version"}, {"value", catalogue.version()}}};
  for (const auto& [name, value] : head.metadata) metadata.push_back({{"name", name}, {"value", value}});
  layer["metadata"] = std::move(metadata);
  json::array techniques;
  for (const atlas::Technique& technique : catalogue.techniques()) {
    const json::object object = entry_of(technique, entry(technique));
    if (!technique.parent.empty()) {
      techniques.push_back(object);
      continue;
    }
    for (const std::string_view id : technique.tactics) {
      const atlas::Tactic* tactic = catalogue.tactic(id);
      json::object placed = object;
      placed["showSubtechniques"] = true;
      placed["tactic"] = slug(tactic == nullptr ? id : tactic->name);
      techniques.push_back(std::move(placed));
    }
  }
  layer["techniques"] = std::move(techniques);
  if (!head.gradient.empty()) {
    json::array colours;
    for (const std::string_view colour : head.gradient) colours.push_back(json::string(colour));
    layer["gradient"] = {{"colors", std::move(colours)}, {"minValue", 0}, {"maxValue", head.highest_score}};
  }
  json::array legend;
  for (const auto& [label, colour] : head.legend) legend.push_back({{"label", label}, {"color", colour}});
  layer["legendItems"] = std::move(legend);
  return pretty(layer);
}

std::string coverage_layer(const AtlasView& view, std::string_view tool_version) {
  std::map<std::string_view, atlas::Proof> proven;
  const atlas::Coverage coverage = atlas::coverage(view.catalogue, view.map, view.drills);
  for (std::size_t i = 0; i < coverage.techniques.size(); ++i)
    proven.emplace(coverage.techniques[i], coverage.proofs[i]);
  const auto entry = [&](const atlas::Technique& technique) {
    const atlas::Defence* defence = atlas::defence_of(view.map, technique.id);
    LayerEntry shown{.colour = colour_of(defence), .score = 0, .comment = {}};
    if (const auto found = proven.find(technique.id); found != proven.end())
      shown.score = found->second == atlas::Proof::Prevent  ? 100
                    : found->second == atlas::Proof::Detect ? 70
                                                            : 30;
    shown.comment = answers_of(defence);
    if (defence == nullptr) return shown;
    const std::vector<std::string_view> here = controls_here(view, defence->controls);
    shown.comment += "; controls: " + joined(defence->controls) +
                     "; in this build: " + (here.empty() ? "none" : joined(here));
    if (defence->in_reach()) shown.comment += "; drill " + std::string(defence->drill_id);
    for (const atlas::DrillOutcome* drill : drills_for(view, technique.id))
      shown.comment += "; " + printable(drill->id) + ": " + std::string(atlas::name_of(drill->outcome));
    return shown;
  };
  LayerHead head;
  head.name = "Bulwark " + std::string(tool_version) + " on ATLAS " + std::string(view.catalogue.version());
  head.description =
      "Colour: what can be done against a technique. Score: what drills of this build have proven.";
  if (view.drills.empty()) head.description += " No drill has run on this build.";
  head.metadata = {{"bulwark_version", std::string(tool_version)}};
  head.legend = {{"can be prevented", kPrevent},
                 {"can be detected", kDetect},
                 {"can be tested only", kTest},
                 {"can be documented only", kDocument}};
  head.gradient = {"#FFFFFF", kPrevent};
  return navigator_layer(view.catalogue, head, entry);
}

}  // namespace bulwark::report
