#include "scan/formats/github_workflow.h"

#include <algorithm>

#include "base/text.h"
#include "scan/formats/yaml_source.h"

namespace bulwark::scan {
namespace {

std::vector<WorkflowStep> steps_of(const Document& holder) {
  std::vector<WorkflowStep> steps;
  for (const Document& value : list_under(holder, "steps")) {
    if (!value.is_map()) continue;
    steps.push_back({.value = &value,
                     .uses = value.find("uses"),
                     .run = value.find("run"),
                     .with = map_under(value, "with"),
                     .env = value.find("env")});
  }
  return steps;
}

void read_triggers(const Document& on, std::vector<WorkflowTrigger>& triggers) {
  if (on.is_string()) triggers.push_back({.name = on.string, .value = &on});
  for (const Document& name : on.list) triggers.push_back({.name = name.string, .value = &name});
  for (const auto& [name, value] : on.map) triggers.push_back({.name = name, .value = &value});
}

}  // namespace

bool Workflow::triggered_by(std::string_view name) const {
  return trigger(name) != nullptr;
}

const Document* Workflow::trigger(std::string_view name) const {
  const auto found = std::ranges::find(triggers, name, &WorkflowTrigger::name);
  return found == triggers.end() ? nullptr : found->value;
}

std::optional<Workflow> read_workflow(const Document& root) {
  if (!root.is_map()) return std::nullopt;
  Workflow workflow{.root = &root, .triggers = {}, .jobs = {}};
  const Document* runs = map_under(root, "runs");
  if (runs != nullptr && !runs->text("using").empty()) {
    workflow.is_action = true;
    workflow.jobs.push_back({.name = "runs", .value = runs, .steps = steps_of(*runs)});
    return workflow;
  }
  const Document* jobs = map_under(root, "jobs");
  workflow.on = root.find("on");
  // A YAML 1.1 writer turns the key `on` into true.
  if (workflow.on == nullptr) workflow.on = root.find("true");
  if (jobs == nullptr || workflow.on == nullptr) return std::nullopt;
  read_triggers(*workflow.on, workflow.triggers);
  for (const auto& [name, value] : jobs->map) {
    if (!value.is_map()) continue;
    workflow.jobs.push_back(
        {.name = name, .value = &value, .uses = value.find("uses"), .steps = steps_of(value)});
  }
  return workflow;
}

bool UsedAction::pinned() const {
  return (ref.size() == 40 || ref.size() == 64) && std::ranges::all_of(ref, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

bool UsedAction::is(std::string_view owner_and_repository) const {
  const std::size_t slash = owner_and_repository.find('/');
  return kind == Kind::Repository && lower(owner) == owner_and_repository.substr(0, slash) &&
         lower(repository) == owner_and_repository.substr(slash + 1);
}

UsedAction read_uses(std::string_view uses) {
  uses = trim(uses);
  UsedAction action;
  if (uses.starts_with("./") || uses.starts_with("../") || uses.starts_with("$/") ||
      uses.starts_with(".\\")) {
    action.kind = UsedAction::Kind::Local;
    return action;
  }
  if (uses.starts_with("docker://")) {
    action.kind = UsedAction::Kind::Docker;
    action.path = uses.substr(9);
    return action;
  }
  const std::size_t at = uses.rfind('@');
  if (at != std::string_view::npos) action.ref = uses.substr(at + 1);
  const std::string_view name = uses.substr(0, at);
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0) return action;
  action.kind = UsedAction::Kind::Repository;
  action.owner = name.substr(0, slash);
  action.repository = name.substr(slash + 1);
  const std::size_t deeper = action.repository.find('/');
  if (deeper != std::string_view::npos) {
    action.path = action.repository.substr(deeper + 1);
    action.repository = action.repository.substr(0, deeper);
  }
  return action;
}

}  // namespace bulwark::scan
