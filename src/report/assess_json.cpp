// For machines: the versioned schema docs/formats/assess.schema.json.

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <utility>

#include "report/assess.h"
#include "report/pretty.h"

namespace bulwark::report {
namespace {

namespace json = boost::json;
using assess::Assessment;
using assess::Threat;

// Raised in the first part when a reader of the old form would misunderstand the new one.
constexpr std::string_view kSchemaVersion = "1.0";

json::array ids(const auto& list) {
  json::array out;
  for (const auto& id : list) out.emplace_back(json::string(std::string_view(id)));
  return out;
}

json::array numbers(const std::vector<std::size_t>& list) {
  json::array out;
  for (const std::size_t number : list) out.emplace_back(number);
  return out;
}

json::string text(std::string_view value) {
  return json::string(clean_utf8(value));
}

json::array components(const Assessment& assessment) {
  json::array out;
  for (const assess::Component& component : assessment.components) {
    json::object row;
    row["kind"] = info(component.kind).id;
    row["name"] = text(component.name);
    row["confidence"] = name_of(component.confidence);
    row["exposure"] = name_of(component.exposure);
    row["declared"] = component.declared;
    row["discovered"] = component.discovered;
    if (!component.note.empty()) row["note"] = text(component.note);
    row["times"] = component.times;
    json::array seen;
    for (const assess::Sighting& at : component.seen) {
      json::object place;
      place["path"] = text(at.path);
      if (at.line != 0) place["line"] = at.line;
      if (!at.text.empty()) place["text"] = text(at.text);
      place["why"] = text(at.why);
      seen.emplace_back(std::move(place));
    }
    row["seen"] = std::move(seen);
    out.emplace_back(std::move(row));
  }
  return out;
}

json::object technique(const Assessment& assessment, const Threat& threat) {
  json::object out;
  out["id"] = threat.technique->id;
  out["name"] = threat.technique->name;
  if (!threat.technique->parent.empty()) out["parent"] = threat.technique->parent;
  out["tactics"] = ids(threat.technique->tactics);
  out["phases"] = ids(threat.defence->phases);
  out["maturity"] = threat.technique->maturity;
  out["class"] = threat.defence->kind;
  out["because"] = threat.rule->because;
  out["components"] = numbers(threat.components);
  out["exposure"] = name_of(threat.exposure);
  out["knowledge"] = threat.rule->knowledge;
  out["access"] = ids(threat.rule->access);
  json::array cases;
  for (const atlas::CaseStudy* study : threat.cases)
    cases.emplace_back(json::object{
        {"id", study->id}, {"name", study->name}, {"type", study->type}, {"date", assess::date_of(*study)}});
  out["cases"] = std::move(cases);
  json::array mitigations;
  for (const atlas::Mitigation* mitigation : threat.mitigations)
    mitigations.emplace_back(json::object{{"id", mitigation->id}, {"name", mitigation->name}});
  out["mitigations"] = std::move(mitigations);
  out["controls"] = ids(threat.defence->controls);
  out["state"] = assess::best_state(assessment, threat);
  out["weight"] = threat.weight;
  return out;
}

json::array controls(const Assessment& assessment) {
  json::array out;
  for (const assess::Standing& standing : assessment.controls)
    out.emplace_back(json::object{{"id", standing.control->id},
                                  {"module", standing.control->module},
                                  {"statement", standing.control->statement},
                                  {"state", state_name(standing)},
                                  {"in_use", standing.in_use}});
  return out;
}

json::array defences(const Assessment& assessment) {
  json::array out;
  for (const assess::RankedControl& ranked : assessment.ranking.controls) {
    json::object row;
    row["rank"] = out.size() + 1;
    row["control"] = ranked.control;
    row["state"] = state_name(*assessment.standing(ranked.control));
    row["early"] = ranked.early;
    row["phase"] = ranked.change->phase;
    row["change"] = ranked.change->change;
    row["effort"] = ranked.effort;
    row["closes"] = std::llround(ranked.closes);
    row["techniques"] = ids(ranked.techniques);
    out.emplace_back(std::move(row));
  }
  return out;
}

json::object summary(const Assessment& assessment) {
  json::object out;
  out["components"] = assessment.components.size();
  out["techniques"] = assessment.threats.size();
  out["techniques_of"] = assessment.catalogue->techniques().size();
  const auto with = [&](auto member, std::string_view value) {
    return std::ranges::count_if(assessment.threats,
                                 [&](const Threat& threat) { return member(threat) == value; });
  };
  out["realized"] = with([](const Threat& threat) { return threat.technique->maturity; }, "realized");
  json::object states;
  for (const std::string_view state : {"proven", "present", "absent", "document only"})
    states[state] = with([&](const Threat& threat) { return best_state(assessment, threat); }, state);
  out["techniques_by_state"] = std::move(states);
  json::object by_control;
  for (const std::string_view state : {"proven", "failed", "present", "absent", "not applicable"})
    by_control[state] = std::ranges::count_if(
        assessment.controls, [&](const assess::Standing& standing) { return state_name(standing) == state; });
  out["controls_by_state"] = std::move(by_control);
  out["risk"] = std::llround(assessment.ranking.risk);
  out["closed_by_controls_in_use"] = std::llround(assessment.ranking.closed);
  return out;
}

json::object not_seen(const Assessment& assessment) {
  json::array kinds;
  for (const assess::Kind kind : assessment.absent)
    kinds.emplace_back(json::object{{"kind", info(kind).id}, {"looked_for", info(kind).looks_for}});
  json::array spots;
  for (const assess::BlindSpot& spot : assess::blind_spots())
    spots.emplace_back(json::object{{"what", spot.what}, {"instead", spot.instead}});
  json::array files;
  for (const std::string& file : assessment.looked.not_read) files.emplace_back(text(file));
  return {{"kinds", std::move(kinds)}, {"repository", std::move(spots)}, {"files", std::move(files)}};
}

}  // namespace

std::string assess_json(const AssessRun& run) {
  const Assessment& assessment = run.assessment;
  json::object root;
  root["schema_version"] = kSchemaVersion;
  root["tool"] = json::object{{"name", "bulwark"}, {"version", run.version}};
  root["atlas_version"] = assessment.catalogue->version();
  json::object system;
  system["name"] = text(assessment.looked.name);
  if (!assessment.looked.tree.empty()) {
    system["tree"] = text(assessment.looked.tree);
    system["files"] = assessment.looked.files;
    system["read"] = assessment.looked.read;
  }
  if (!assessment.looked.inventory.empty()) system["inventory"] = text(assessment.looked.inventory);
  root["system"] = std::move(system);
  root["summary"] = summary(assessment);
  root["components"] = components(assessment);
  if (!assessment.looked.inventory.empty())
    root["difference"] = json::object{{"declared_not_found", numbers(assessment.not_found)},
                                      {"found_not_declared", numbers(assessment.not_declared)}};
  json::array phases;
  for (const assess::PhaseView& view : assessment.phases) {
    json::array list;
    for (const std::size_t index : view.threats) list.emplace_back(assessment.threats[index].technique->id);
    phases.emplace_back(json::object{{"code", view.code},
                                     {"name", view.name},
                                     {"survey_phase", view.survey},
                                     {"techniques", std::move(list)}});
  }
  root["phases"] = std::move(phases);
  json::array techniques;
  for (const Threat& threat : assessment.threats) techniques.emplace_back(technique(assessment, threat));
  root["techniques"] = std::move(techniques);
  root["controls"] = controls(assessment);
  root["defences"] = defences(assessment);
  root["not_seen"] = not_seen(assessment);
  return pretty(root);
}

}  // namespace bulwark::report
