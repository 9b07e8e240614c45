#include "report/atlas_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "atlas/alias.h"
#include "base/text.h"
#include "report/pretty.h"

namespace bulwark::report {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string_view>& items) {
  json::array list;
  for (const std::string_view item : items) list.push_back(json::string(item));
  return list;
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

json::object head(const AtlasView& view, std::string_view kind) {
  return {{"schema_version", "1.0"},
          {"kind", kind},
          {"atlas",
           {{"version", view.catalogue.version()},
            {"imported", view.imported},
            {"mapped_version", atlas::pinned().version()}}}};
}

json::array states_of(const AtlasView& view, const std::vector<std::string_view>& controls) {
  json::array list;
  for (const std::string_view id : controls)
    list.push_back(
        {{"id", id}, {"state", atlas::name_of(atlas::state_of(id, view.implemented, view.drills))}});
  return list;
}

json::array outcomes_of(const std::vector<const atlas::DrillOutcome*>& drills) {
  json::array list;
  for (const atlas::DrillOutcome* drill : drills) {
    json::object object{{"id", clean_utf8(drill->id)},
                        {"outcome", atlas::name_of(drill->outcome)},
                        {"proof", atlas::name_of(drill->proof)}};
    if (!drill->reason.empty()) object["reason"] = clean_utf8(drill->reason);
    if (drill->stopped_at_step > 0) object["stopped_at_step"] = drill->stopped_at_step;
    list.push_back(std::move(object));
  }
  return list;
}

json::object tactic_json(const atlas::Tactic& tactic) {
  return {{"id", tactic.id},
          {"name", tactic.name},
          {"order", tactic.order},
          {"attack_ref", text_or_null(tactic.attack_ref)}};
}

json::value defence_json(const AtlasView& view, const atlas::Defence* defence) {
  if (defence == nullptr) return nullptr;
  json::object object{{"class", defence->kind},
                      {"in_reach", defence->in_reach()},
                      {"can_prevent", defence->can_prevent},
                      {"can_detect", defence->can_detect},
                      {"can_test", defence->can_test},
                      {"family", defence->family},
                      {"phases", texts(defence->phases)},
                      {"controls", states_of(view, defence->controls)},
                      {"control", defence->control}};
  if (defence->in_reach()) {
    object["drill"] = {{"id", defence->drill_id},
                       {"kind", defence->drill_kind},
                       {"proof_type", defence->proof_type},
                       {"attack", defence->drill},
                       {"oracle", defence->oracle}};
  }
  return object;
}

json::object technique_json(const AtlasView& view, const atlas::Technique& technique) {
  json::array mitigations;
  for (const atlas::Mitigation* mitigation : view.catalogue.mitigations_of(technique.id))
    mitigations.push_back(json::string(mitigation->id));
  json::array cases;
  for (const atlas::CaseStudy* study : view.catalogue.cases_with(technique.id)) {
    json::array steps;
    for (std::size_t i = 0; i < study->steps.size(); ++i)
      if (study->steps[i].technique == technique.id) steps.push_back(i + 1);
    cases.push_back({{"id", study->id}, {"name", study->name}, {"steps", std::move(steps)}});
  }
  json::array children;
  for (const atlas::Technique* child : view.catalogue.children_of(technique.id))
    children.push_back(json::string(child->id));
  json::array rules;
  for (const Rule* rule : rules_for(view, technique.id)) rules.push_back(json::string(rule->id));
  return {{"id", technique.id},
          {"name", technique.name},
          {"subtechnique_of", text_or_null(technique.parent)},
          {"subtechniques", std::move(children)},
          {"tactics", texts(technique.tactics)},
          {"maturity", technique.maturity},
          {"attack_ref", text_or_null(technique.attack_ref)},
          {"defence", defence_json(view, atlas::defence_of(view.map, technique.id))},
          {"drills", outcomes_of(drills_for(view, technique.id))},
          {"mitigations", std::move(mitigations)},
          {"cases", std::move(cases)},
          {"rules", std::move(rules)}};
}

json::object mitigation_json(const AtlasView& view, const atlas::Mitigation& mitigation) {
  json::object object{{"id", mitigation.id},
                      {"name", mitigation.name},
                      {"lifecycle", texts(mitigation.lifecycle)},
                      {"category", mitigation.category},
                      {"techniques", texts(mitigation.techniques)},
                      {"answer", nullptr}};
  if (const atlas::Answer* answer = view.map.answer(mitigation.id)) {
    object["answer"] = {{"coverage", answer->coverage},
                        {"controls", states_of(view, answer->controls)},
                        {"how", answer->how},
                        {"proof", answer->proof}};
  }
  return object;
}

json::object case_json(const AtlasView& view, const atlas::CaseStudy& study) {
  json::array steps;
  for (std::size_t i = 0; i < study.steps.size(); ++i) {
    const atlas::Step& step = study.steps[i];
    const atlas::Defence* defence = atlas::defence_of(view.map, step.technique);
    const bool reachable = defence != nullptr && defence->in_reach();
    steps.push_back({{"step", i + 1},
                     {"tactic", step.tactic},
                     {"technique", step.technique},
                     {"can_prevent", reachable && defence->can_prevent},
                     {"can_detect", reachable && defence->can_detect},
                     {"controls", reachable ? states_of(view, defence->controls) : json::array()}});
  }
  json::object object{
      {"id", study.id},       {"name", study.name},     {"type", study.type},        {"date", date_of(study)},
      {"actor", study.actor}, {"target", study.target}, {"steps", std::move(steps)}, {"replay", nullptr}};
  if (const atlas::Replay* replay = view.map.replay(study.id)) {
    std::vector<const atlas::DrillOutcome*> outcomes;
    for (const atlas::DrillOutcome& drill : view.drills)
      if (std::ranges::find(drill.cases, study.id) != drill.cases.end()) outcomes.push_back(&drill);
    object["replay"] = {{"full", replay->full},
                        {"expected", replay->expected},
                        {"first_preventable_step", replay->first_preventable},
                        {"first_detectable_step", replay->first_detectable},
                        {"drill", replay->drill},
                        {"control", replay->control},
                        {"controls", states_of(view, replay->controls)},
                        {"drills", outcomes_of(outcomes)}};
  }
  return object;
}

json::object control_json(const AtlasView& view, const atlas::Control& control) {
  json::array techniques;
  for (const atlas::Defence& defence : view.map.defences)
    if (std::ranges::find(defence.controls, control.id) != defence.controls.end())
      techniques.push_back(json::string(defence.technique));
  return {{"id", control.id},
          {"module", control.module},
          {"statement", control.statement},
          {"state", atlas::name_of(atlas::state_of(control.id, view.implemented, view.drills))},
          {"techniques", std::move(techniques)}};
}

json::object crossing_json(const AtlasView& view, const atlas::Crossing& crossing) {
  return {{"framework", crossing.framework},
          {"item", crossing.item},
          {"about", crossing.note},
          {"controls", states_of(view, crossing.controls)}};
}

json::object phase_json(const AtlasView& view, const atlas::Phase& phase) {
  json::array techniques;
  for (const atlas::Technique& technique : view.catalogue.techniques()) {
    const atlas::Defence* defence = atlas::defence_of(view.map, technique.id);
    if (defence != nullptr && std::ranges::find(defence->phases, phase.code) != defence->phases.end())
      techniques.push_back(json::string(technique.id));
  }
  return {{"code", phase.code},
          {"name", phase.name},
          {"survey_phase", phase.survey},
          {"techniques", std::move(techniques)}};
}

bool names_control(const std::vector<std::string_view>& controls, std::string_view wanted) {
  return wanted.empty() || std::ranges::find(controls, wanted) != controls.end();
}

json::array list_of(const AtlasView& view, std::string_view what, const ListFilter& filter) {
  json::array list;
  if (what == "techniques")
    for (const atlas::Technique& technique : view.catalogue.techniques())
      if (matches(view, filter, technique)) list.push_back(technique_json(view, technique));
  if (what == "tactics")
    for (const atlas::Tactic& tactic : view.catalogue.tactics()) list.push_back(tactic_json(tactic));
  if (what == "mitigations")
    for (const atlas::Mitigation& mitigation : view.catalogue.mitigations()) {
      const atlas::Answer* answer = view.map.answer(mitigation.id);
      if (filter.control.empty() || (answer != nullptr && names_control(answer->controls, filter.control)))
        list.push_back(mitigation_json(view, mitigation));
    }
  if (what == "cases")
    for (const atlas::CaseStudy& study : view.catalogue.case_studies()) {
      const atlas::Replay* replay = view.map.replay(study.id);
      if (filter.control.empty() || (replay != nullptr && names_control(replay->controls, filter.control)))
        list.push_back(case_json(view, study));
    }
  if (what == "controls")
    for (const atlas::Control& control : view.map.controls) list.push_back(control_json(view, control));
  if (what == "phases")
    for (const atlas::Phase& phase : atlas::phases()) list.push_back(phase_json(view, phase));
  if (what == "crosswalk")
    for (const atlas::Crossing& crossing : view.map.crosswalk)
      if (names_control(crossing.controls, filter.control)) list.push_back(crossing_json(view, crossing));
  return list;
}

json::object count_json(const atlas::Count& count) {
  return {{"proven", count.proven},
          {"of", count.of},
          {"prevent", count.prevent},
          {"detect", count.detect},
          {"test", count.test}};
}

}  // namespace

std::string atlas_json(const AtlasView& view, const atlas::Object& object, std::string_view note) {
  json::object document;
  const auto put = [&](std::string_view kind, json::object value) {
    document = head(view, kind);
    if (!note.empty()) document["note"] = note;
    document[kind] = std::move(value);
  };
  if (object.tactic != nullptr) put("tactic", tactic_json(*object.tactic));
  if (object.technique != nullptr) put("technique", technique_json(view, *object.technique));
  if (object.mitigation != nullptr) put("mitigation", mitigation_json(view, *object.mitigation));
  if (object.case_study != nullptr) put("case", case_json(view, *object.case_study));
  if (object.control != nullptr) put("control", control_json(view, *object.control));
  if (object.crossing != nullptr) put("crossing", crossing_json(view, *object.crossing));
  return pretty(document);
}

std::string atlas_json(const AtlasView& view, const atlas::Phase& phase) {
  json::object document = head(view, "phase");
  document["phase"] = phase_json(view, phase);
  return pretty(document);
}

std::string atlas_list_json(const AtlasView& view, std::string_view what, const ListFilter& filter) {
  json::object document = head(view, "list");
  document[what] = list_of(view, what, filter);
  return pretty(document);
}

std::string atlas_export_json(const AtlasView& view) {
  json::object document = head(view, "export");
  for (const std::string_view what :
       {"tactics", "techniques", "mitigations", "cases", "controls", "phases", "crosswalk"})
    document[what] = list_of(view, what, {});
  return pretty(document);
}

std::string atlas_coverage_json(const AtlasView& view, const CoverageFacts& facts) {
  const atlas::Coverage result = atlas::coverage(view.catalogue, view.map, view.drills);
  json::object document = head(view, "coverage");
  document["build"] = facts.build;
  document["date"] = facts.date;
  document["drills_run"] = view.drills.size();
  document["all"] = count_json(result.all);
  document["in_reach"] = count_json(result.in_reach);
  document["realized"] = count_json(result.realized);
  document["cases"] = count_json(result.cases);
  document["steps"] = {{"answered", result.steps}, {"of", result.steps_of}};
  document["techniques"] = texts(result.techniques);
  document["case_studies"] = texts(result.case_studies);
  document["document_only"] = texts(result.document_only);
  return pretty(document);
}

std::string atlas_import_json(const AtlasView& after, const ImportOutcome& outcome) {
  json::object document = head(after, "import");
  document["format"] = outcome.import.tables.format;
  document["folder"] = clean_utf8(outcome.folder);
  document["counts"] = {{"tactics", after.catalogue.tactics().size()},
                        {"techniques", after.catalogue.techniques().size()},
                        {"mitigations", after.catalogue.mitigations().size()},
                        {"case_studies", after.catalogue.case_studies().size()}};
  json::array changes;
  for (const atlas::Change& change : outcome.changes)
    changes.push_back({{"kind", atlas::name_of(change.kind)},
                       {"object", change.object},
                       {"id", change.id},
                       {"before", text_or_null(change.before)},
                       {"after", text_or_null(change.after)},
                       {"successor", text_or_null(change.successor)}});
  document["changes"] = std::move(changes);
  json::array broken;
  for (const atlas::BrokenReference& reference : outcome.broken)
    broken.push_back(
        {{"place", reference.reference.place}, {"id", reference.reference.id}, {"why", reference.why}});
  document["references"] = outcome.references;
  document["broken"] = std::move(broken);
  json::array gaps;
  for (const std::string& gap : outcome.import.gaps) gaps.push_back(json::string(gap));
  document["gaps"] = std::move(gaps);
  json::array repairs;
  for (const std::string& repair : outcome.import.repairs) repairs.push_back(json::string(repair));
  document["repairs"] = std::move(repairs);
  json::object unknown;
  for (const auto& [key, count] : outcome.import.unknown_keys) unknown[key] = count;
  document["unknown_keys"] = std::move(unknown);
  return pretty(document);
}

}  // namespace bulwark::report
