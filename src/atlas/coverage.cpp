#include "atlas/coverage.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace bulwark::atlas {
namespace {

constexpr std::array<std::string_view, 3> kOutcomes = {"proven", "failed", "unassessed"};
constexpr std::array<std::string_view, 3> kProofs = {"prevent", "detect", "test"};
constexpr std::array<std::string_view, 4> kStates = {"proven", "failed", "present", "absent"};

// id -> its strongest proof (Prevent is the smallest value).
using Proofs = std::map<std::string_view, Proof, std::less<>>;

void add_proof(Proofs& proofs, std::string_view id, Proof proof) {
  const auto [at, is_new] = proofs.try_emplace(id, proof);
  if (!is_new) at->second = std::min(at->second, proof);
}

// What drills proved themselves. Techniques that nobody can answer count nowhere, whatever a drill says.
Proofs proven_techniques(const Catalogue& catalogue, const Map& map, std::span<const DrillOutcome> drills) {
  Proofs proofs;
  for (const DrillOutcome& drill : drills) {
    if (drill.outcome != Outcome::Proven) continue;
    for (const std::string& id : drill.techniques) {
      const Technique* technique = catalogue.technique(id);
      const Defence* defence = map.defence(id);
      if (technique != nullptr && defence != nullptr && defence->in_reach())
        add_proof(proofs, technique->id, drill.proof);
    }
  }
  return proofs;
}

// A parent without a drill of its own: as proven as the least proven of its sub-techniques.
void add_parents(const Catalogue& catalogue, const Map& map, Proofs& proofs) {
  Proofs parents;
  for (const Technique& technique : catalogue.techniques()) {
    const Defence* defence = map.defence(technique.id);
    if (proofs.contains(technique.id) || defence == nullptr || !defence->in_reach()) continue;
    const std::vector<const Technique*> children = catalogue.children_of(technique.id);
    if (children.empty()) continue;
    Proof weakest = Proof::Prevent;
    const bool all = std::ranges::all_of(children, [&](const Technique* child) {
      const auto found = proofs.find(child->id);
      if (found == proofs.end()) return false;
      weakest = std::max(weakest, found->second);
      return true;
    });
    if (all) parents.emplace(technique.id, weakest);
  }
  proofs.merge(parents);
}

void tally(Count& count, std::optional<Proof> proof) {
  ++count.of;
  if (!proof) return;
  ++count.proven;
  switch (*proof) {
    case Proof::Prevent: ++count.prevent; break;
    case Proof::Detect: ++count.detect; break;
    case Proof::Test: ++count.test; break;
  }
}

std::optional<Proof> proof_of(const Proofs& proofs, std::string_view id) {
  const auto found = proofs.find(id);
  return found == proofs.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  return kOutcomes[std::to_underlying(outcome)];
}
std::string_view name_of(Proof proof) {
  return kProofs[std::to_underlying(proof)];
}
std::string_view name_of(ControlState state) {
  return kStates[std::to_underlying(state)];
}

Coverage coverage(const Catalogue& catalogue, const Map& map, std::span<const DrillOutcome> drills) {
  Proofs proofs = proven_techniques(catalogue, map, drills);
  add_parents(catalogue, map, proofs);
  Proofs cases;
  for (const DrillOutcome& drill : drills)
    if (drill.outcome == Outcome::Proven)
      for (const std::string& id : drill.cases)
        if (const CaseStudy* study = catalogue.case_study(id); study != nullptr)
          add_proof(cases, study->id, drill.proof);

  Coverage result;
  for (const Technique& technique : catalogue.techniques()) {
    const std::optional<Proof> proof = proof_of(proofs, technique.id);
    const Defence* defence = map.defence(technique.id);
    tally(result.all, proof);
    if (defence != nullptr && defence->in_reach()) tally(result.in_reach, proof);
    if (technique.maturity == "realized") tally(result.realized, proof);
    if (proof) {
      result.techniques.push_back(technique.id);
      result.proofs.push_back(*proof);
    }
    if (defence != nullptr && !defence->in_reach()) result.document_only.push_back(technique.id);
  }
  for (const CaseStudy& study : catalogue.case_studies()) {
    const std::optional<Proof> proof = proof_of(cases, study.id);
    tally(result.cases, proof);
    if (proof) result.case_studies.push_back(study.id);
    for (const Step& step : study.steps) {
      ++result.steps_of;
      const std::optional<Proof> answered = proof_of(proofs, step.technique);
      if (answered && *answered != Proof::Test) ++result.steps;
    }
  }
  return result;
}

ControlState state_of(std::string_view control, std::span<const std::string_view> implemented,
                      std::span<const DrillOutcome> drills) {
  bool proven = false;
  for (const DrillOutcome& drill : drills) {
    if (std::ranges::find(drill.controls, control) == drill.controls.end()) continue;
    if (drill.outcome == Outcome::Failed) return ControlState::Failed;
    proven = proven || drill.outcome == Outcome::Proven;
  }
  if (proven) return ControlState::Proven;
  return std::ranges::binary_search(implemented, control) ? ControlState::Present : ControlState::Absent;
}

}  // namespace bulwark::atlas
