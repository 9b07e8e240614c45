#include "atlas/compare.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "atlas/alias.h"

namespace bulwark::atlas {
namespace {

constexpr std::array<std::string_view, 3> kKinds = {"added", "renamed", "retired"};

using Names = std::map<std::string_view, std::string_view>;

template <class Item>
Names names_of(const std::vector<Item>& items) {
  Names names;
  for (const Item& item : items) names.emplace(item.id, item.name);
  return names;
}

void compare_names(std::string_view object, const Names& before, const Names& after, const Map& map,
                   std::vector<Change>& changes) {
  std::vector<Change> found;
  for (const auto& [id, name] : before) {
    const auto now = after.find(id);
    if (now != after.end() && now->second == name) continue;
    Change change{.kind = now == after.end() ? Change::Kind::Retired : Change::Kind::Renamed,
                  .object = std::string(object),
                  .id = std::string(id),
                  .before = std::string(name),
                  .after = now == after.end() ? "" : std::string(now->second),
                  .successor = {}};
    const std::optional<Alias> alias = alias_of(map, id);
    if (change.kind == Change::Kind::Retired && alias) change.successor = alias->successor;
    found.push_back(std::move(change));
  }
  for (const auto& [id, name] : after)
    if (!before.contains(id))
      found.push_back({Change::Kind::Added, std::string(object), std::string(id), "", std::string(name), ""});
  std::ranges::sort(found, {}, &Change::id);
  std::ranges::move(found, std::back_inserter(changes));
}

// The name of any object, or nothing.
std::optional<std::string_view> name_in(const Catalogue& catalogue, std::string_view id) {
  if (const Technique* technique = catalogue.technique(id)) return technique->name;
  if (const Mitigation* mitigation = catalogue.mitigation(id)) return mitigation->name;
  if (const CaseStudy* study = catalogue.case_study(id)) return study->name;
  if (const Tactic* tactic = catalogue.tactic(id)) return tactic->name;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Change::Kind kind) {
  return kKinds[std::to_underlying(kind)];
}

std::vector<Change> compare(const Catalogue& before, const Catalogue& after, const Map& map) {
  std::vector<Change> changes;
  compare_names("tactic", names_of(before.tactics()), names_of(after.tactics()), map, changes);
  compare_names("technique", names_of(before.techniques()), names_of(after.techniques()), map, changes);
  compare_names("mitigation", names_of(before.mitigations()), names_of(after.mitigations()), map, changes);
  compare_names("case study", names_of(before.case_studies()), names_of(after.case_studies()), map, changes);
  return changes;
}

std::vector<Reference> references_of(const Map& map) {
  std::vector<Reference> references;
  for (const Defence& defence : map.defences)
    references.push_back({"control_map", std::string(defence.technique), std::string(defence.name)});
  for (const Answer& answer : map.answers)
    references.push_back({"mitigation_map", std::string(answer.mitigation), std::string(answer.name)});
  for (const Replay& replay : map.replays)
    references.push_back({"casestudy_drills", std::string(replay.case_study), std::string(replay.name)});
  return references;
}

std::vector<BrokenReference> broken(std::span<const Reference> references, const Catalogue& catalogue,
                                    const Map& map) {
  std::vector<BrokenReference> found;
  for (const Reference& reference : references) {
    const std::optional<std::string_view> name = name_in(catalogue, reference.id);
    if (!name) {
      std::string why = reference.id + " is not in ATLAS " + std::string(catalogue.version());
      if (const auto alias = alias_of(map, reference.id))
        why += "; it is " + std::string(alias->successor) + " now";
      found.push_back({reference, std::move(why)});
    } else if (!reference.name.empty() && reference.name != *name) {
      found.push_back({reference, reference.id + " is '" + std::string(*name) + "' in ATLAS " +
                                      std::string(catalogue.version()) + ", not '" + reference.name + "'"});
    }
  }
  return found;
}

}  // namespace bulwark::atlas
