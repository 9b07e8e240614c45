#include "assess/assessment.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace bulwark::assess {
namespace {

constexpr std::string_view kReconnaissance = "AML.TA0002";
constexpr std::string_view kResourceDevelopment = "AML.TA0003";

bool prepares(const atlas::Technique& technique) {
  return std::ranges::any_of(technique.tactics, [](std::string_view tactic) {
    return tactic == kReconnaissance || tactic == kResourceDevelopment;
  });
}

// Indices of the components that make the rule apply: every component of each set that is there as a whole.
std::vector<std::size_t> components_for(const Applicability& rule, const std::vector<Component>& components) {
  std::set<std::size_t> found;
  const auto of = [&](Kind kind) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < components.size(); ++i)
      if (components[i].kind == kind) indices.push_back(i);
    return indices;
  };
  if (rule.always)
    for (std::size_t i = 0; i < components.size(); ++i) found.insert(i);
  for (const std::vector<Kind>& set : rule.needs) {
    std::vector<std::size_t> all;
    const bool whole = std::ranges::all_of(set, [&](Kind kind) {
      const std::vector<std::size_t> some = of(kind);
      all.insert(all.end(), some.begin(), some.end());
      return !some.empty();
    });
    if (whole) found.insert(all.begin(), all.end());
  }
  return {found.begin(), found.end()};
}

Threat threat_of(const atlas::Technique& technique, const atlas::Defence& defence, const Applicability& rule,
                 std::vector<std::size_t> because, const std::vector<Component>& components,
                 const atlas::Catalogue& catalogue) {
  Threat threat{.technique = &technique,
                .defence = &defence,
                .rule = &rule,
                .components = std::move(because),
                .cases = catalogue.cases_with(technique.id),
                .mitigations = catalogue.mitigations_of(technique.id)};
  for (const std::size_t index : threat.components)
    threat.exposure = std::max(threat.exposure, components[index].exposure);
  for (const atlas::CaseStudy* study : threat.cases)
    ++(study->type == "incident" ? threat.incidents : threat.exercises);
  std::ranges::stable_sort(threat.cases, [](const atlas::CaseStudy* a, const atlas::CaseStudy* b) {
    return std::tuple(a->type != "incident", b->date, a->id) <
           std::tuple(b->type != "incident", a->date, b->id);
  });
  threat.weight = weight_of(technique.maturity, threat.incidents, threat.exercises, threat.exposure);
  return threat;
}

std::vector<PhaseView> phases_of(const std::vector<Threat>& threats) {
  std::vector<PhaseView> views = {
      {.code = "PR", .name = "preparation of an adversary", .survey = "Preparation"}};
  for (const atlas::Phase& phase : atlas::phases())
    views.push_back({.code = phase.code, .name = phase.name, .survey = phase.survey});
  for (PhaseView& view : views) {
    for (std::size_t i = 0; i < threats.size(); ++i) {
      const bool here = view.code == "PR" ? prepares(*threats[i].technique)
                                          : std::ranges::find(threats[i].defence->phases, view.code) !=
                                                threats[i].defence->phases.end();
      if (here) view.threats.push_back(i);
    }
    std::ranges::stable_sort(view.threats, std::greater(), [&](std::size_t i) {
      return std::pair(threats[i].defence->in_reach(), threats[i].weight);
    });
  }
  // A phase of ours stands where the survey has it: identity and infrastructure are set up before anything is
  // trained.
  std::vector<std::string_view> order;
  for (const PhaseView& view : views)
    if (std::ranges::find(order, view.survey) == order.end()) order.push_back(view.survey);
  std::ranges::stable_sort(views, {},
                           [&](const PhaseView& view) { return std::ranges::find(order, view.survey); });
  return views;
}

std::vector<Standing> standings_of(const Assessment& assessment, const Input& input) {
  std::vector<Standing> standings;
  for (const atlas::Control& control : assessment.map->controls) {
    const auto names_it = [&](const Threat& threat) {
      return std::ranges::find(threat.defence->controls, control.id) != threat.defence->controls.end();
    };
    standings.push_back({.control = &control,
                         .state = atlas::state_of(control.id, input.implemented, input.drills),
                         .applicable = std::ranges::any_of(assessment.threats, names_it),
                         .in_use = std::ranges::find(input.controls, control.id) != input.controls.end()});
  }
  return standings;
}

}  // namespace

const Threat* Assessment::threat(std::string_view technique) const {
  const auto found =
      std::ranges::find_if(threats, [&](const Threat& t) { return t.technique->id == technique; });
  return found == threats.end() ? nullptr : &*found;
}

const Standing* Assessment::standing(std::string_view control) const {
  const auto found =
      std::ranges::find_if(controls, [&](const Standing& s) { return s.control->id == control; });
  return found == controls.end() ? nullptr : &*found;
}

Assessment assess(Input input, const atlas::Catalogue& catalogue, const atlas::Map& map,
                  const Knowledge& knowledge) {
  Assessment result{.looked = std::move(input.looked),
                    .components = std::move(input.merged.components),
                    .not_found = std::move(input.merged.not_found),
                    .not_declared = std::move(input.merged.not_declared),
                    .catalogue = &catalogue,
                    .map = &map};
  for (const KindInfo& kind : kinds())
    if (std::ranges::none_of(result.components, [&](const Component& c) { return c.kind == kind.kind; }))
      result.absent.push_back(kind.kind);
  std::vector<Risk> risks;
  for (const atlas::Technique& technique : catalogue.techniques()) {
    const atlas::Defence* defence = map.defence(technique.id);
    const Applicability* rule = knowledge.applicability_of(technique.id);
    if (defence == nullptr || rule == nullptr) continue;
    std::vector<std::size_t> because = components_for(*rule, result.components);
    if (because.empty()) continue;
    result.threats.push_back(
        threat_of(technique, *defence, *rule, std::move(because), result.components, catalogue));
    risks.push_back({.defence = defence, .weight = result.threats.back().weight});
  }
  result.coverage = atlas::coverage(catalogue, map, input.drills);
  result.phases = phases_of(result.threats);
  result.controls = standings_of(result, input);
  const std::vector<std::string_view> in_use(input.controls.begin(), input.controls.end());
  result.ranking = rank(risks, map, knowledge, in_use, {input.implemented.begin(), input.implemented.end()});
  return result;
}

std::string_view state_name(const Standing& standing) {
  return standing.applicable ? atlas::name_of(standing.state) : "not applicable";
}

std::string_view best_state(const Assessment& assessment, const Threat& threat) {
  if (!threat.defence->in_reach()) return "document only";
  if (std::ranges::binary_search(assessment.coverage.techniques, threat.technique->id))
    return atlas::name_of(atlas::ControlState::Proven);
  const bool present = std::ranges::any_of(threat.defence->controls, [&](std::string_view control) {
    const Standing* standing = assessment.standing(control);
    return standing != nullptr && standing->state != atlas::ControlState::Absent;
  });
  return atlas::name_of(present ? atlas::ControlState::Present : atlas::ControlState::Absent);
}

std::string_view date_of(const atlas::CaseStudy& study) {
  return study.date.substr(0, study.date_granularity == "YEAR"    ? 4
                              : study.date_granularity == "MONTH" ? 7
                                                                  : 10);
}

std::string full_name(const atlas::Catalogue& catalogue, const atlas::Technique& technique) {
  const atlas::Technique* parent = technique.parent.empty() ? nullptr : catalogue.technique(technique.parent);
  return (parent == nullptr ? std::string() : std::string(parent->name) + ": ") + std::string(technique.name);
}

}  // namespace bulwark::assess
