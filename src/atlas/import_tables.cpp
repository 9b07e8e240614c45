// From a draft to tables: objects once, references that hold, steps in order.

#include <algorithm>
#include <map>
#include <set>

#include "atlas/alias.h"
#include "atlas/import_draft.h"
#include "base/text.h"

namespace bulwark::atlas {
namespace {

using Ids = std::set<std::string, std::less<>>;

// Objects once each. Twice under one name is a slip, under two names nobody knows which one is meant.
template <class Item>
Result<void> only_once(std::vector<Item>& items, std::string_view kind, Draft& draft) {
  std::map<std::string, std::string, std::less<>> names;
  std::vector<Item> kept;
  for (Item& item : items) {
    const auto [at, is_new] = names.try_emplace(item.id, item.name);
    if (!is_new && at->second != item.name) {
      return fail(Code::InvalidInput, std::string(kind) + ": id " + item.id + " comes twice, as '" +
                                          at->second + "' and as '" + item.name +
                                          "'; keep the right one and import again");
    }
    if (is_new) {
      kept.push_back(std::move(item));
    } else {
      draft.repairs.push_back(std::string(kind) + ": " + item.id + " comes twice; the first one is used");
    }
  }
  items = std::move(kept);
  return {};
}

template <class Item>
Ids ids_of(const std::vector<Item>& items) {
  Ids ids;
  for (const Item& item : items) ids.insert(item.id);
  return ids;
}

// Upstream's own files may still name an id that was retired: the successor, if it is known.
std::string resolved(const std::string& id, const Ids& known, const std::string& where, Draft& draft) {
  if (known.contains(id)) return id;
  const auto alias = alias_of(map(), id);
  if (alias && known.contains(alias->successor)) {
    draft.repairs.push_back(where + ": " + id + " was retired; read as " + std::string(alias->successor));
    return std::string(alias->successor);
  }
  draft.gaps.push_back(where + ": refers to '" + id + "', which is not in the file; left out");
  return {};
}

void order_tactics(Draft& draft) {
  if (draft.sequence.empty()) return;
  std::ranges::stable_sort(draft.sequence, {}, &DraftPlace::position);
  std::map<std::string, std::size_t, std::less<>> place;
  for (const DraftPlace& entry : draft.sequence) place.try_emplace(entry.tactic, place.size());
  for (const DraftTactic& tactic : draft.tactics)
    if (!place.contains(tactic.id))
      draft.gaps.push_back("matrix: tactic " + tactic.id + " has no place in the sequence; put last");
  std::ranges::stable_sort(draft.tactics, {}, [&](const DraftTactic& tactic) {
    const auto found = place.find(tactic.id);
    return found == place.end() ? place.size() : found->second;
  });
}

void settle_techniques(Draft& draft) {
  const Ids techniques = ids_of(draft.techniques);
  const Ids tactics = ids_of(draft.tactics);
  for (DraftTechnique& technique : draft.techniques) {
    const std::string where = "techniques " + technique.id;
    const std::size_t dot = technique.id.find('.', 4);
    const std::string by_id = dot == std::string::npos ? "" : technique.id.substr(0, dot);
    if (technique.parent.empty() && !by_id.empty() && techniques.contains(by_id)) {
      draft.gaps.push_back(where + " does not say what it refines; its id says " + by_id);
      technique.parent = by_id;
    }
    if (!technique.parent.empty()) technique.parent = resolved(technique.parent, techniques, where, draft);
    if (technique.parent == technique.id) technique.parent.clear();
    std::vector<std::string> known;
    for (const std::string& tactic : technique.tactics) {
      std::string id = resolved(tactic, tactics, where, draft);
      if (!id.empty() && std::ranges::find(known, id) == known.end()) known.push_back(std::move(id));
    }
    technique.tactics = std::move(known);
    if (technique.tactics.empty() && technique.parent.empty())
      draft.gaps.push_back(where + " belongs to no tactic");
  }
}

void settle_mitigations(Draft& draft) {
  const Ids techniques = ids_of(draft.techniques);
  for (DraftMitigation& mitigation : draft.mitigations) {
    const std::string where = "mitigations " + mitigation.id;
    std::vector<DraftLink> kept;
    for (DraftLink& link : mitigation.links) {
      link.technique = resolved(link.technique, techniques, where, draft);
      if (link.technique.empty()) continue;
      if (std::ranges::find(kept, link.technique, &DraftLink::technique) == kept.end()) {
        kept.push_back(std::move(link));
      } else {
        draft.repairs.push_back(where + ": technique " + link.technique + " is listed twice");
      }
    }
    mitigation.links = std::move(kept);
  }
}

// In the order of attack: a step comes after all that lead to it, otherwise by its id ("S00", "S01").
void order_steps(DraftCase& study, Draft& draft) {
  if (!std::ranges::all_of(study.steps, [](const DraftStep& step) { return !step.step_id.empty(); })) return;
  std::ranges::stable_sort(study.steps, {}, &DraftStep::step_id);
  std::map<std::string, std::size_t, std::less<>> waiting_for;
  for (const DraftStep& step : study.steps)
    for (const std::string& next : step.leads_to) ++waiting_for[next];
  std::vector<DraftStep> ordered;
  std::vector<DraftStep> left = std::move(study.steps);
  while (!left.empty()) {
    auto next =
        std::ranges::find_if(left, [&](const DraftStep& step) { return waiting_for[step.step_id] == 0; });
    if (next == left.end()) {
      draft.repairs.push_back("case-studies " + study.id +
                              ": its steps lead to one another in a circle; taken by their ids");
      next = left.begin();
    }
    for (const std::string& id : next->leads_to)
      if (std::size_t& count = waiting_for[id]; count > 0) --count;
    ordered.push_back(std::move(*next));
    left.erase(next);
  }
  study.steps = std::move(ordered);
}

void settle_cases(Draft& draft) {
  const Ids techniques = ids_of(draft.techniques);
  const Ids tactics = ids_of(draft.tactics);
  for (DraftCase& study : draft.cases) {
    order_steps(study, draft);
    std::vector<DraftStep> kept;
    for (DraftStep& step : study.steps) {
      const std::string where = "line " + std::to_string(step.line) + ": case-studies " + study.id;
      step.technique = resolved(step.technique, techniques, where, draft);
      step.tactic = resolved(step.tactic, tactics, where, draft);
      if (!step.technique.empty() && !step.tactic.empty()) kept.push_back(std::move(step));
    }
    study.steps = std::move(kept);
    if (study.steps.empty()) draft.gaps.push_back("case-studies " + study.id + " has no steps");
  }
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ";") + item;
  return text;
}

// One row; cells are clean already.
void row(std::string& table, const std::vector<std::string_view>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) table.append(i == 0 ? "" : "\t").append(cells[i]);
  table += '\n';
}

std::string granularity(std::string_view text) {
  const std::string low = lower(text);
  if (low == "day" || low == "date") return "DATE";
  return low == "month" ? "MONTH" : low == "year" ? "YEAR" : std::string(text);
}

void write_techniques(const Draft& draft, ImportedTables& tables) {
  std::map<std::string_view, const DraftTechnique*> by_id;
  for (const DraftTechnique& technique : draft.techniques) by_id[technique.id] = &technique;
  row(tables.techniques, {"id", "name", "subtechnique_of", "tactic_ids", "tactic_source", "attack_ref",
                          "maturity", "created", "modified"});
  for (const DraftTechnique& technique : draft.techniques) {
    const bool inherits = technique.tactics.empty() && !technique.parent.empty();
    const std::string tactics = joined(inherits ? by_id.at(technique.parent)->tactics : technique.tactics);
    row(tables.techniques,
        {technique.id, technique.name, technique.parent, tactics, inherits ? "inherited" : "own",
         technique.attack_ref, technique.maturity, technique.created, technique.modified});
  }
}

void write_mitigations(const Draft& draft, ImportedTables& tables) {
  row(tables.mitigations, {"id", "name", "ml_lifecycle", "category", "attack_ref", "n_techniques_unique"});
  row(tables.mitigation_technique, {"mitigation_id", "technique_id", "note"});
  for (const DraftMitigation& mitigation : draft.mitigations) {
    row(tables.mitigations,
        {mitigation.id, mitigation.name, joined(mitigation.lifecycle), joined(mitigation.categories),
         mitigation.attack_ref, std::to_string(mitigation.links.size())});
    for (const DraftLink& link : mitigation.links)
      row(tables.mitigation_technique, {mitigation.id, link.technique, link.note});
  }
}

void write_cases(const Draft& draft, ImportedTables& tables) {
  row(tables.casestudies,
      {"id", "name", "type", "incident_date", "date_granularity", "actor", "target", "reporter", "n_steps"});
  row(tables.casestudy_steps, {"casestudy_id", "step", "tactic_id", "technique_id"});
  for (const DraftCase& study : draft.cases) {
    row(tables.casestudies, {study.id, study.name, study.type, study.date, granularity(study.granularity),
                             study.actor, study.target, study.reporter, std::to_string(study.steps.size())});
    for (std::size_t i = 0; i < study.steps.size(); ++i)
      row(tables.casestudy_steps,
          {study.id, std::to_string(i + 1), study.steps[i].tactic, study.steps[i].technique});
  }
}

}  // namespace

CatalogueTables ImportedTables::view() const {
  return {.version = version,
          .tactics = tactics,
          .techniques = techniques,
          .mitigations = mitigations,
          .mitigation_technique = mitigation_technique,
          .casestudies = casestudies,
          .casestudy_steps = casestudy_steps};
}

Result<Import> tables_from(Draft draft) {
  TRY(only_once(draft.tactics, "tactics", draft));
  TRY(only_once(draft.techniques, "techniques", draft));
  TRY(only_once(draft.mitigations, "mitigations", draft));
  TRY(only_once(draft.cases, "case-studies", draft));
  order_tactics(draft);
  settle_techniques(draft);
  settle_mitigations(draft);
  settle_cases(draft);
  Import import;
  ImportedTables& tables = import.tables;
  tables.version = draft.version;
  tables.format = draft.format;
  row(tables.tactics, {"id", "name", "order", "attack_ref"});
  for (std::size_t i = 0; i < draft.tactics.size(); ++i) {
    const DraftTactic& tactic = draft.tactics[i];
    row(tables.tactics, {tactic.id, tactic.name, std::to_string(i), tactic.attack_ref});
  }
  write_techniques(draft, tables);
  write_mitigations(draft, tables);
  write_cases(draft, tables);
  row(tables.extra, {"id", "key", "value"});
  for (const DraftExtra& extra : draft.extras) row(tables.extra, {extra.id, extra.key, extra.value});
  import.gaps = std::move(draft.gaps);
  import.repairs = std::move(draft.repairs);
  import.unknown_keys = std::move(draft.unknown_keys);
  TRY(Catalogue::read(tables.view()));  // what we write must be readable
  return import;
}

}  // namespace bulwark::atlas
