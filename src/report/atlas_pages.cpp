#include "report/atlas_pages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "atlas/alias.h"
#include "base/text.h"
#include "report/atlas.h"

namespace bulwark::report {
namespace {

using atlas::ControlState;

constexpr std::size_t kRulesShown = 12;  // more are a list for 'bulwark rules'

std::string headline(std::string_view id, std::string_view name) {
  return std::string(id) + "  " + std::string(name);
}

ControlState state_of(const AtlasView& view, std::string_view control) {
  return atlas::state_of(control, view.implemented, view.drills);
}

Cell state_cell(const AtlasView& view, std::string_view control) {
  const ControlState state = state_of(view, control);
  return {std::string(atlas::name_of(state)), tone_of(state)};
}

Tone tone_of_outcome(atlas::Outcome outcome) {
  constexpr std::array kTones = {Tone::Good, Tone::Bad, Tone::Warn};
  return kTones[std::to_underlying(outcome)];
}

std::string named(const atlas::Catalogue& catalogue, std::string_view technique) {
  const atlas::Technique* found = catalogue.technique(technique);
  return std::string(technique) + (found == nullptr ? "" : " " + std::string(found->name));
}

std::string tactic_names(const AtlasView& view, const atlas::Technique& technique) {
  std::string text;
  for (const std::string_view id : technique.tactics) {
    const atlas::Tactic* tactic = view.catalogue.tactic(id);
    text += (text.empty() ? "" : ", ") +
            (tactic == nullptr ? std::string() : std::string(tactic->name) + " ") + "(" + std::string(id) +
            ")";
  }
  return text;
}

std::string phase_names(const std::vector<std::string_view>& codes) {
  std::string text;
  for (const std::string_view code : codes) {
    const atlas::Phase* phase = atlas::phase(code);
    text += (text.empty() ? "" : ", ") + std::string(code) + " " +
            (phase == nullptr ? std::string() : std::string(phase->name));
  }
  return text;
}

Section control_table(const AtlasView& view, std::string title, const std::vector<std::string_view>& ids) {
  Section section{.title = std::move(title), .header = {"control", "here", "what it does"}};
  for (const std::string_view id : ids) {
    const atlas::Control* control = view.map.control(id);
    section.rows.push_back(
        {id, state_cell(view, id), control == nullptr ? std::string_view() : control->statement});
  }
  return section;
}

void add_drills(const AtlasView& view, const std::vector<const atlas::DrillOutcome*>& drills,
                std::string_view selection, Section& section) {
  for (const atlas::DrillOutcome* drill : drills) {
    std::string text(atlas::name_of(drill->outcome));
    if (drill->outcome == atlas::Outcome::Proven)
      text += " (" + std::string(atlas::name_of(drill->proof)) + ")";
    if (drill->stopped_at_step > 0) text += ", stopped at step " + std::to_string(drill->stopped_at_step);
    if (!drill->reason.empty()) text += ": " + printable(drill->reason);
    section.facts.emplace_back(printable(drill->id), Cell(text, tone_of_outcome(drill->outcome)));
  }
  if (!drills.empty()) return;
  section.notes.push_back((view.drills.empty() ? "No drill has run on this build: bulwark drill run "
                                               : "No drill of this build covers it: bulwark drill run ") +
                          std::string(selection));
}

Section rules_section(const AtlasView& view, std::string_view technique) {
  Section section{.title = "Rules of this build that look for it", .header = {"rule", "severity", "what"}};
  const std::vector<const Rule*> rules = rules_for(view, technique);
  for (std::size_t i = 0; i < std::min(rules.size(), kRulesShown); ++i)
    section.rows.push_back({rules[i]->id, bulwark::name_of(rules[i]->severity), rules[i]->title});
  if (rules.size() > kRulesShown)
    section.notes.push_back("and " + std::to_string(rules.size() - kRulesShown) +
                            " more; 'bulwark rules' lists all");
  return section;
}

Section case_table(const AtlasView& view, std::string_view technique) {
  Section section{.title = "Incidents and exercises that used it",
                  .header = {"case study", "what", "date", "at step", "replay here"}};
  for (const atlas::CaseStudy* study : view.catalogue.cases_with(technique)) {
    std::string steps;
    for (std::size_t i = 0; i < study->steps.size(); ++i)
      if (study->steps[i].technique == technique)
        steps += (steps.empty() ? "" : ", ") + std::to_string(i + 1);
    const atlas::Replay* replay = view.map.replay(study->id);
    section.rows.push_back({study->id, std::string(study->name) + " (" + std::string(study->type) + ")",
                            date_of(*study), steps + " of " + std::to_string(study->steps.size()),
                            replay == nullptr ? "not mapped" : std::string(replay->expected)});
  }
  return section;
}

Section mitigation_table(const AtlasView& view, std::string_view technique) {
  Section section{.title = "Mitigations that ATLAS links to it",
                  .header = {"mitigation", "name", "covered", "by", "how"}};
  for (const atlas::Mitigation* mitigation : view.catalogue.mitigations_of(technique)) {
    const atlas::Answer* answer = view.map.answer(mitigation->id);
    section.rows.push_back({mitigation->id, mitigation->name,
                            answer == nullptr ? "not mapped" : std::string(answer->coverage),
                            answer == nullptr ? "" : joined(answer->controls, " "),
                            answer == nullptr ? std::string_view() : answer->how});
  }
  return section;
}

Section technique_table(const AtlasView& view, std::string title,
                        const std::vector<const atlas::Technique*>& techniques) {
  Section section{.title = std::move(title),
                  .header = {"technique", "name", "maturity", "can be", "controls here"}};
  for (const atlas::Technique* technique : techniques) {
    const atlas::Defence* defence = atlas::defence_of(view.map, technique->id);
    const std::vector<std::string_view> here =
        defence == nullptr ? std::vector<std::string_view>() : controls_here(view, defence->controls);
    section.rows.push_back({technique->id, technique->name, technique->maturity, answers_of(defence),
                            here.empty() ? Cell("none", Tone::Faint) : Cell(joined(here, " "), Tone::Good)});
  }
  return section;
}

std::vector<const atlas::Technique*> with_control(const AtlasView& view, std::string_view control) {
  std::vector<const atlas::Technique*> found;
  for (const atlas::Technique& technique : view.catalogue.techniques()) {
    const atlas::Defence* defence = atlas::defence_of(view.map, technique.id);
    if (defence != nullptr && std::ranges::find(defence->controls, control) != defence->controls.end())
      found.push_back(&technique);
  }
  return found;
}

Page tactic_page(const AtlasView& view, const atlas::Tactic& tactic) {
  Page page{headline(tactic.id, tactic.name), version_line(view), {}};
  std::vector<const atlas::Technique*> techniques;
  for (const atlas::Technique& technique : view.catalogue.techniques())
    if (std::ranges::find(technique.tactics, tactic.id) != technique.tactics.end())
      techniques.push_back(&technique);
  Section facts;
  facts.facts.emplace_back("in the matrix", "column " + std::to_string(tactic.order + 1) + " of " +
                                                std::to_string(view.catalogue.tactics().size()));
  if (!tactic.attack_ref.empty()) facts.facts.emplace_back("ATT&CK", tactic.attack_ref);
  facts.facts.emplace_back("techniques", std::to_string(techniques.size()));
  page.sections = {facts, technique_table(view, "Techniques", techniques)};
  return page;
}

Page mitigation_page(const AtlasView& view, const atlas::Mitigation& mitigation) {
  Page page{headline(mitigation.id, mitigation.name), version_line(view), {}};
  const atlas::Answer* answer = view.map.answer(mitigation.id);
  Section facts;
  facts.facts.emplace_back("category", mitigation.category);
  facts.facts.emplace_back("lifecycle", joined(mitigation.lifecycle));
  if (answer != nullptr) {
    facts.facts.emplace_back("covered here", answer->coverage);
    facts.facts.emplace_back("how", answer->how);
    facts.facts.emplace_back("shown by", answer->proof);
  } else {
    facts.notes.emplace_back("Our map has no row for it: it is made for ATLAS 5.6.0.");
  }
  page.sections.push_back(facts);
  if (answer != nullptr)
    page.sections.push_back(control_table(view, "Controls that answer it", answer->controls));
  std::vector<const atlas::Technique*> techniques;
  for (const std::string_view id : mitigation.techniques)
    if (const atlas::Technique* technique = view.catalogue.technique(id)) techniques.push_back(technique);
  page.sections.push_back(technique_table(view, "Techniques that ATLAS links to it", techniques));
  return page;
}

Page crossing_page(const AtlasView& view, const atlas::Crossing& crossing) {
  Page page{headline(crossing.item, crossing.note), version_line(view), {}};
  Section facts;
  facts.facts.emplace_back("framework", crossing.framework);
  if (crossing.controls.empty()) facts.facts.emplace_back("covered", Cell("no", Tone::Warn));
  page.sections = {facts, control_table(view, "Controls that answer it", crossing.controls)};
  return page;
}

// What could be done about a step, and what of it exists here.
Row step_row(const AtlasView& view, std::size_t number, const atlas::Step& step) {
  const atlas::Defence* defence = atlas::defence_of(view.map, step.technique);
  const atlas::Tactic* tactic = view.catalogue.tactic(step.tactic);
  std::vector<std::string_view> here;
  if (defence != nullptr && defence->in_reach()) here = controls_here(view, defence->controls);
  std::string wanted = defence == nullptr || !defence->in_reach() ? "" : joined(defence->controls, " ");
  return {std::to_string(number), tactic == nullptr ? std::string_view() : tactic->name,
          named(view.catalogue, step.technique), answers_of(defence),
          here.empty() ? Cell(wanted.empty() ? "-" : "none (" + wanted + ")", Tone::Faint)
                       : Cell(joined(here, " "), Tone::Good)};
}

}  // namespace

std::string version_line(const AtlasView& view) {
  std::string text = "MITRE ATLAS " + std::string(view.catalogue.version());
  if (!view.imported) return text;
  return text + " (imported; our controls, drills and figures are made for " +
         std::string(atlas::pinned().version()) + ")";
}

Tone tone_of(ControlState state) {
  constexpr std::array kTones = {Tone::Good, Tone::Bad, Tone::Note, Tone::Faint};
  return kTones[std::to_underlying(state)];
}

Page technique_page(const AtlasView& view, const atlas::Technique& technique) {
  Page page{headline(technique.id, technique.name), version_line(view), {}};
  const atlas::Defence* defence = atlas::defence_of(view.map, technique.id);
  Section facts;
  if (!technique.parent.empty()) facts.facts.emplace_back("refines", named(view.catalogue, technique.parent));
  facts.facts.emplace_back("tactics", tactic_names(view, technique));
  if (defence != nullptr) facts.facts.emplace_back("phases", phase_names(defence->phases));
  facts.facts.emplace_back(
      "maturity", Cell(technique.maturity, technique.maturity == "realized" ? Tone::Bad : Tone::Plain));
  facts.facts.emplace_back("ATT&CK", technique.attack_ref.empty() ? "none" : technique.attack_ref);
  facts.facts.emplace_back("can be", answers_of(defence));
  if (defence != nullptr) facts.facts.emplace_back("concerns", std::string(defence->family) + " AI");
  page.sections.push_back(facts);
  if (defence == nullptr) {
    page.sections.push_back({.title = "What answers it",
                             .paragraphs = {"Our map has no row for it yet: it is made for ATLAS 5.6.0."}});
  } else {
    Section answer =
        control_table(view, defence->in_reach() ? "What answers it" : "What can be done", defence->controls);
    answer.paragraphs = {std::string(defence->control) + "."};
    page.sections.push_back(answer);
  }
  if (defence != nullptr && defence->in_reach()) {
    Section drill{.title = "How it is proven"};
    drill.facts.emplace_back("drill", std::string(defence->drill_id) + " (" +
                                          std::string(defence->drill_kind) + ", " +
                                          std::string(defence->proof_type) + ")");
    drill.facts.emplace_back("attack", defence->drill);
    drill.facts.emplace_back("must show", defence->oracle);
    add_drills(view, drills_for(view, technique.id), "--technique " + std::string(technique.id), drill);
    page.sections.push_back(drill);
  }
  page.sections.push_back(technique_table(view, "Sub-techniques", view.catalogue.children_of(technique.id)));
  page.sections.push_back(mitigation_table(view, technique.id));
  page.sections.push_back(case_table(view, technique.id));
  page.sections.push_back(rules_section(view, technique.id));
  return page;
}

Page case_page(const AtlasView& view, const atlas::CaseStudy& study) {
  Page page{headline(study.id, study.name), version_line(view), {}};
  const atlas::Replay* replay = view.map.replay(study.id);
  Section facts;
  facts.facts.emplace_back("kind", study.type);
  facts.facts.emplace_back("date", date_of(study));
  facts.facts.emplace_back("actor", study.actor);
  facts.facts.emplace_back("target", study.target);
  page.sections.push_back(facts);
  Section steps{.title = "Steps", .header = {"", "tactic", "technique", "can be", "controls here"}};
  for (std::size_t i = 0; i < study.steps.size(); ++i)
    steps.rows.push_back(step_row(view, i + 1, study.steps[i]));
  if (replay != nullptr) {
    const auto step = [](int number) { return number == 0 ? std::string("none") : std::to_string(number); };
    steps.notes.push_back("First step that can be prevented: " + step(replay->first_preventable) +
                          "; that can be detected: " + step(replay->first_detectable) + ".");
  }
  page.sections.push_back(steps);
  if (replay == nullptr) return page;
  Section drill{.title = "Replay"};
  drill.facts.emplace_back("drill", "DR-" + std::string(study.id.substr(4)) +
                                        (replay->full ? " (full)" : " (partial: some steps are replaced)"));
  drill.facts.emplace_back("what runs", replay->drill);
  drill.facts.emplace_back("expected", replay->expected);
  drill.facts.emplace_back("answered by", replay->control);
  std::vector<const atlas::DrillOutcome*> outcomes;
  for (const atlas::DrillOutcome& outcome : view.drills)
    if (std::ranges::find(outcome.cases, study.id) != outcome.cases.end()) outcomes.push_back(&outcome);
  add_drills(view, outcomes, "--case " + std::string(study.id), drill);
  page.sections.push_back(drill);
  page.sections.push_back(control_table(view, "Controls", replay->controls));
  return page;
}

Page control_page(const AtlasView& view, const atlas::Control& control) {
  Page page{std::string(control.id), version_line(view), {}};
  Section facts;
  facts.paragraphs = {std::string(control.statement) + "."};
  facts.facts.emplace_back("module", control.module);
  facts.facts.emplace_back("here", state_cell(view, control.id));
  page.sections.push_back(facts);
  Section drills{.title = "Drills"};
  std::vector<const atlas::DrillOutcome*> outcomes;
  for (const atlas::DrillOutcome& outcome : view.drills)
    if (std::ranges::find(outcome.controls, control.id) != outcome.controls.end())
      outcomes.push_back(&outcome);
  add_drills(view, outcomes, "--control " + std::string(control.id), drills);
  page.sections.push_back(drills);
  page.sections.push_back(
      technique_table(view, "Techniques that it answers", with_control(view, control.id)));
  Section mitigations{.title = "Mitigations of ATLAS that it stands for", .header = {"mitigation", "name"}};
  for (const atlas::Answer& answer : view.map.answers)
    if (std::ranges::find(answer.controls, control.id) != answer.controls.end())
      mitigations.rows.push_back({answer.mitigation, answer.name});
  page.sections.push_back(mitigations);
  Section others{.title = "In other frameworks", .header = {"framework", "item", "about"}};
  for (const atlas::Crossing& crossing : view.map.crosswalk)
    if (std::ranges::find(crossing.controls, control.id) != crossing.controls.end())
      others.rows.push_back({crossing.framework, crossing.item, crossing.note});
  page.sections.push_back(others);
  return page;
}

Page phase_page(const AtlasView& view, const atlas::Phase& phase) {
  Page page{headline(phase.code, phase.name), version_line(view), {}};
  std::vector<const atlas::Technique*> here;
  std::vector<const atlas::Technique*> outside;
  std::vector<std::string_view> controls;
  for (const atlas::Technique& technique : view.catalogue.techniques()) {
    const atlas::Defence* defence = atlas::defence_of(view.map, technique.id);
    if (defence == nullptr || std::ranges::find(defence->phases, phase.code) == defence->phases.end())
      continue;
    (defence->in_reach() ? here : outside).push_back(&technique);
    if (!defence->in_reach()) continue;
    for (const std::string_view id : defence->controls)
      if (std::ranges::find(controls, id) == controls.end()) controls.push_back(id);
  }
  std::ranges::sort(controls);
  Section facts;
  facts.facts.emplace_back("phase of the survey", phase.survey);
  facts.facts.emplace_back("techniques", std::to_string(here.size()) + " that can be answered, " +
                                             std::to_string(outside.size()) + " that can only be documented");
  facts.facts.emplace_back("controls", std::to_string(controls_here(view, controls).size()) + " of " +
                                           std::to_string(controls.size()) + " are in this build");
  page.sections.push_back(facts);
  page.sections.push_back(technique_table(view, "Techniques", here));
  page.sections.push_back(technique_table(view, "Out of reach", outside));
  page.sections.push_back(control_table(view, "Controls", controls));
  return page;
}

Page object_page(const AtlasView& view, const atlas::Object& object, std::string_view note) {
  Page page = object.tactic != nullptr       ? tactic_page(view, *object.tactic)
              : object.technique != nullptr  ? technique_page(view, *object.technique)
              : object.mitigation != nullptr ? mitigation_page(view, *object.mitigation)
              : object.case_study != nullptr ? case_page(view, *object.case_study)
              : object.control != nullptr    ? control_page(view, *object.control)
                                             : crossing_page(view, *object.crossing);
  if (!note.empty())
    page.sections.insert(page.sections.begin(), Section{.paragraphs = {std::string(note) + "."}});
  return page;
}

}  // namespace bulwark::report
