// Lists, coverage and what an import changed.

#include <algorithm>
#include <array>
#include <map>

#include "atlas/alias.h"
#include "base/text.h"
#include "report/atlas.h"
#include "report/atlas_pages.h"

namespace bulwark::report {
namespace {

bool holds(const std::vector<std::string_view>& items, std::string_view wanted) {
  return wanted.empty() || std::ranges::find(items, wanted) != items.end();
}

std::size_t techniques_in(const AtlasView& view, std::string_view phase) {
  return static_cast<std::size_t>(std::ranges::count_if(
      view.map.defences,
      [&](const atlas::Defence& defence) { return defence.in_reach() && holds(defence.phases, phase); }));
}

Section list_techniques(const AtlasView& view, const ListFilter& filter) {
  Section section{.header = {"technique", "name", "maturity", "answer", "phases", "cases", "here"}};
  for (const atlas::Technique& technique : view.catalogue.techniques()) {
    if (!matches(view, filter, technique)) continue;
    const atlas::Defence* defence = atlas::defence_of(view.map, technique.id);
    const std::vector<std::string_view> here =
        defence == nullptr ? std::vector<std::string_view>() : controls_here(view, defence->controls);
    section.rows.push_back({technique.id, technique.name, technique.maturity,
                            defence == nullptr ? "not mapped" : std::string(defence->kind),
                            defence == nullptr ? "" : joined(defence->phases, " "),
                            std::to_string(view.catalogue.cases_with(technique.id).size()),
                            here.empty() ? Cell("none", Tone::Faint) : Cell(joined(here, " "), Tone::Good)});
  }
  return section;
}

Section list_tactics(const AtlasView& view) {
  Section section{.header = {"tactic", "name", "ATT&CK", "techniques"}};
  for (const atlas::Tactic& tactic : view.catalogue.tactics()) {
    const auto count = std::ranges::count_if(
        view.catalogue.techniques(),
        [&](const atlas::Technique& technique) { return holds(technique.tactics, tactic.id); });
    section.rows.push_back({tactic.id, tactic.name, tactic.attack_ref, std::to_string(count)});
  }
  return section;
}

Section list_mitigations(const AtlasView& view, const ListFilter& filter) {
  Section section{.header = {"mitigation", "name", "category", "techniques", "covered", "controls"}};
  for (const atlas::Mitigation& mitigation : view.catalogue.mitigations()) {
    const atlas::Answer* answer = view.map.answer(mitigation.id);
    const std::vector<std::string_view> controls =
        answer == nullptr ? std::vector<std::string_view>() : answer->controls;
    if (!holds(controls, filter.control)) continue;
    section.rows.push_back(
        {mitigation.id, mitigation.name, mitigation.category, std::to_string(mitigation.techniques.size()),
         answer == nullptr ? "not mapped" : std::string(answer->coverage), joined(controls, " ")});
  }
  return section;
}

Section list_cases(const AtlasView& view, const ListFilter& filter) {
  Section section{.header = {"case study", "name", "kind", "date", "steps", "replay"}};
  for (const atlas::CaseStudy& study : view.catalogue.case_studies()) {
    const atlas::Replay* replay = view.map.replay(study.id);
    if (!holds(replay == nullptr ? std::vector<std::string_view>() : replay->controls, filter.control))
      continue;
    section.rows.push_back({study.id, study.name, study.type, date_of(study),
                            std::to_string(study.steps.size()),
                            replay == nullptr ? "not mapped" : std::string(replay->expected)});
  }
  return section;
}

Section list_controls(const AtlasView& view) {
  Section section{.header = {"control", "module", "here", "techniques", "what it does"}};
  for (const atlas::Control& control : view.map.controls) {
    const auto count = std::ranges::count_if(view.map.defences, [&](const atlas::Defence& defence) {
      return defence.in_reach() && holds(defence.controls, control.id);
    });
    const atlas::ControlState state = atlas::state_of(control.id, view.implemented, view.drills);
    section.rows.push_back({control.id, control.module,
                            Cell(std::string(atlas::name_of(state)), tone_of(state)), std::to_string(count),
                            control.statement});
  }
  return section;
}

Section list_phases(const AtlasView& view) {
  Section section{.header = {"phase", "name", "phase of the survey", "techniques"}};
  for (const atlas::Phase& phase : atlas::phases())
    section.rows.push_back(
        {phase.code, phase.name, phase.survey, std::to_string(techniques_in(view, phase.code))});
  return section;
}

Section list_crosswalk(const AtlasView& view, const ListFilter& filter) {
  Section section{.header = {"framework", "item", "about", "controls"}};
  for (const atlas::Crossing& crossing : view.map.crosswalk) {
    if (!holds(crossing.controls, filter.control)) continue;
    section.rows.push_back(
        {crossing.framework, crossing.item, crossing.note,
         crossing.controls.empty() ? Cell("not covered", Tone::Warn) : Cell(joined(crossing.controls, " "))});
  }
  return section;
}

std::string percent(int part, int whole) {
  if (whole == 0) return "-";
  const int tenths = (part * 1000 + whole / 2) / whole;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

Row count_row(std::string_view name, const atlas::Count& count) {
  return {name,
          std::to_string(count.proven) + " of " + std::to_string(count.of),
          percent(count.proven, count.of),
          std::to_string(count.prevent),
          std::to_string(count.detect),
          std::to_string(count.test)};
}

}  // namespace

std::string joined(const std::vector<std::string_view>& items, std::string_view separator) {
  std::string text;
  for (const std::string_view item : items) text.append(text.empty() ? "" : separator).append(item);
  return text;
}

std::string date_of(const atlas::CaseStudy& study) {
  if (study.date_granularity == "YEAR") return std::string(study.date.substr(0, 4));
  if (study.date_granularity == "MONTH") return std::string(study.date.substr(0, 7));
  return std::string(study.date);
}

std::string answers_of(const atlas::Defence* defence) {
  if (defence == nullptr) return "not mapped";
  if (!defence->in_reach()) return "only documented";
  const std::array<std::pair<bool, std::string_view>, 3> kinds = {
      {{defence->can_prevent, "prevent"}, {defence->can_detect, "detect"}, {defence->can_test, "test"}}};
  const auto word = [](std::string_view kind) -> std::string_view {
    return kind == "prevent" ? "prevented" : kind == "detect" ? "detected" : "tested";
  };
  std::string text(word(defence->kind));
  for (const auto& [can, kind] : kinds)
    if (can && kind != defence->kind) text += ", " + std::string(word(kind));
  return text;
}

std::vector<const Rule*> rules_for(const AtlasView& view, std::string_view technique) {
  std::vector<const Rule*> found;
  for (const Rule* rule : view.rules) {
    const std::vector<std::string_view> ids = words(rule->atlas);
    if (std::ranges::find(ids, technique) != ids.end()) found.push_back(rule);
  }
  std::ranges::stable_sort(found, std::greater(), &Rule::severity);
  return found;
}

std::vector<const atlas::DrillOutcome*> drills_for(const AtlasView& view, std::string_view technique) {
  std::vector<const atlas::DrillOutcome*> found;
  for (const atlas::DrillOutcome& drill : view.drills)
    if (std::ranges::find(drill.techniques, technique) != drill.techniques.end()) found.push_back(&drill);
  return found;
}

std::vector<std::string_view> controls_here(const AtlasView& view,
                                            const std::vector<std::string_view>& controls) {
  std::vector<std::string_view> here;
  for (const std::string_view id : controls) {
    const atlas::ControlState state = atlas::state_of(id, view.implemented, view.drills);
    if (state != atlas::ControlState::Absent) here.push_back(id);
  }
  return here;
}

bool matches(const AtlasView& view, const ListFilter& filter, const atlas::Technique& technique) {
  if (!holds(technique.tactics, filter.tactic)) return false;
  if (!filter.maturity.empty() && technique.maturity != filter.maturity) return false;
  const atlas::Defence* defence = atlas::defence_of(view.map, technique.id);
  if (defence == nullptr) return filter.phase.empty() && filter.control.empty() && filter.kind.empty();
  return holds(defence->phases, filter.phase) && holds(defence->controls, filter.control) &&
         (filter.kind.empty() || defence->kind == filter.kind);
}

Page list_page(const AtlasView& view, std::string_view what, const ListFilter& filter) {
  Section section = what == "tactics"       ? list_tactics(view)
                    : what == "mitigations" ? list_mitigations(view, filter)
                    : what == "cases"       ? list_cases(view, filter)
                    : what == "controls"    ? list_controls(view)
                    : what == "phases"      ? list_phases(view)
                    : what == "crosswalk"   ? list_crosswalk(view, filter)
                                            : list_techniques(view, filter);
  std::string title(what);
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  title += " (" + std::to_string(section.rows.size()) + ")";
  if (section.rows.empty()) section.notes.emplace_back("Nothing fits.");
  return {title, version_line(view), {section}};
}

Page coverage_page(const AtlasView& view, const CoverageFacts& facts) {
  const atlas::Coverage result = atlas::coverage(view.catalogue, view.map, view.drills);
  Page page{"ATLAS coverage that drills of this build have proven", version_line(view), {}};
  page.subtitle += "; build " + facts.build.substr(0, 12) + "; " + facts.date;
  Section counts{.header = {"", "proven", "", "prevented", "detected", "tested only"}};
  counts.rows = {
      count_row("all techniques", result.all), count_row("in reach of a platform", result.in_reach),
      count_row("seen in real incidents", result.realized), count_row("case studies", result.cases)};
  counts.rows.push_back({"steps of case studies",
                         std::to_string(result.steps) + " of " + std::to_string(result.steps_of),
                         percent(result.steps, result.steps_of), "", "", ""});
  counts.notes = {
      "A technique is proven if its drill was stopped or alerted, succeeded with the control off, and "
      "its benign twin passed. A parent counts by its own drill or by all of its sub-techniques. What "
      "is only tested is no defence and answers no step."};
  if (view.drills.empty())
    counts.notes.emplace_back("No drill has run on this build: bulwark drill run --all");
  page.sections.push_back(counts);
  Section proven{.title = "Proven techniques", .header = {"technique", "name", "drills"}};
  for (const std::string_view id : result.techniques) {
    std::string drills;
    for (const atlas::DrillOutcome* drill : drills_for(view, id))
      if (drill->outcome == atlas::Outcome::Proven)
        drills += (drills.empty() ? "" : " ") + printable(drill->id);
    proven.rows.push_back({id, view.catalogue.technique(id)->name,
                           drills.empty() ? Cell("by its sub-techniques", Tone::Faint) : Cell(drills)});
  }
  page.sections.push_back(proven);
  Section cases{.title = "Proven case studies", .header = {"case study", "name"}};
  for (const std::string_view id : result.case_studies)
    cases.rows.push_back({id, view.catalogue.case_study(id)->name});
  page.sections.push_back(cases);
  Section failed{.title = "Not proven", .header = {"drill", "outcome", "why"}};
  for (const atlas::DrillOutcome& drill : view.drills)
    if (drill.outcome != atlas::Outcome::Proven)
      failed.rows.push_back({printable(drill.id),
                             Cell(std::string(atlas::name_of(drill.outcome)),
                                  drill.outcome == atlas::Outcome::Failed ? Tone::Bad : Tone::Warn),
                             printable(drill.reason)});
  page.sections.push_back(failed);
  Section outside{.title = "Out of reach: documented only",
                  .header = {"technique", "name", "what can be done"}};
  for (const std::string_view id : result.document_only)
    outside.rows.push_back(
        {id, view.catalogue.technique(id)->name, atlas::defence_of(view.map, id)->control});
  page.sections.push_back(outside);
  return page;
}

Page export_page(const AtlasView& view, const CoverageFacts& facts) {
  Page page{"MITRE ATLAS in Bulwark", version_line(view), {}};
  if (!view.imported) {
    page.sections = coverage_page(view, facts).sections;
    page.sections.front().title = "Coverage";
    page.subtitle = coverage_page(view, facts).subtitle;
  }
  for (const std::string_view what :
       {"tactics", "techniques", "controls", "mitigations", "cases", "phases", "crosswalk"}) {
    Page list = list_page(view, what, {});
    list.sections.front().title = list.title;
    page.sections.push_back(std::move(list.sections.front()));
  }
  return page;
}

Page import_page(const AtlasView& after, const ImportOutcome& outcome) {
  const atlas::Catalogue& catalogue = after.catalogue;
  Page page{"ATLAS " + std::string(catalogue.version()) + " is imported", "", {}};
  std::size_t pairs = 0;
  for (const atlas::Mitigation& mitigation : catalogue.mitigations()) pairs += mitigation.techniques.size();
  std::size_t steps = 0;
  for (const atlas::CaseStudy& study : catalogue.case_studies()) steps += study.steps.size();
  Section facts;
  facts.facts = {{"format", outcome.import.tables.format},
                 {"tactics", std::to_string(catalogue.tactics().size())},
                 {"techniques", std::to_string(catalogue.techniques().size())},
                 {"mitigations", std::to_string(catalogue.mitigations().size()) + ", linked to techniques " +
                                     std::to_string(pairs) + " times"},
                 {"case studies", std::to_string(catalogue.case_studies().size()) + " with " +
                                      std::to_string(steps) + " steps"},
                 {"stored in", printable(outcome.folder, 1000)}};
  facts.notes = {"'bulwark atlas' uses it from now on; --pinned uses " +
                 std::string(atlas::pinned().version()) +
                 ", which our controls, drills and figures are made for."};
  page.sections.push_back(facts);
  Section changes{.title = "Against " + std::string(atlas::pinned().version()),
                  .header = {"", "id", "was", "is now"}};
  std::map<std::string_view, std::size_t> totals;
  for (const atlas::Change& change : outcome.changes) {
    const std::string_view kind = atlas::name_of(change.kind);
    ++totals[kind];
    changes.rows.push_back(
        {Cell(std::string(kind), change.kind == atlas::Change::Kind::Retired ? Tone::Warn : Tone::Plain),
         change.id, change.before, change.successor.empty() ? change.after : "see " + change.successor});
  }
  std::string sum;
  for (const auto& [kind, count] : totals)
    sum += (sum.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(kind);
  changes.paragraphs = {sum.empty() ? "Nothing was added, renamed or retired." : sum + "."};
  page.sections.push_back(changes);
  Section broken{.title = "Our mappings", .header = {"where", "what breaks"}};
  broken.paragraphs = {std::to_string(outcome.broken.size()) + " of " + std::to_string(outcome.references) +
                       " references to ATLAS do not hold in this version."};
  for (const atlas::BrokenReference& reference : outcome.broken)
    broken.rows.push_back({reference.reference.place, reference.why});
  page.sections.push_back(broken);
  Section aliases{.title = "Retired ids and what they are called now",
                  .header = {"retired", "is now", "since"}};
  for (const atlas::Alias& alias : atlas::aliases(after.map))
    aliases.rows.push_back(
        {alias.retired, std::string(alias.successor) + " " + std::string(alias.name), alias.release});
  page.sections.push_back(aliases);
  page.sections.push_back({.title = "Repaired defects of the file", .notes = outcome.import.repairs});
  page.sections.push_back({.title = "Missing from the file", .notes = outcome.import.gaps});
  Section unknown{.title = "Keys that are not known (kept in extra.tsv)", .header = {"key", "times"}};
  for (const auto& [key, count] : outcome.import.unknown_keys)
    unknown.rows.push_back({key, std::to_string(count)});
  page.sections.push_back(unknown);
  return page;
}

}  // namespace bulwark::report
