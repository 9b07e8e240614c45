#pragma once
// Workflows and composite actions of GitHub Actions. Pure reading, no judgement.

#include <optional>
#include <string_view>
#include <vector>

#include "base/document.h"

namespace bulwark::scan {

struct WorkflowStep {
  const Document* value = nullptr;  // never null
  const Document* uses = nullptr;   // the others are null where the step has no such key
  const Document* run = nullptr;
  const Document* with = nullptr;  // a map
  const Document* env = nullptr;
};

struct WorkflowJob {
  std::string_view name;
  const Document* value = nullptr;  // never null; a composite action's is its `runs`
  const Document* uses = nullptr;   // a reusable workflow is called
  std::vector<WorkflowStep> steps;
};

struct WorkflowTrigger {
  std::string_view name;
  const Document* value = nullptr;  // its filters, or the name itself
};

struct Workflow {
  const Document* root = nullptr;  // never null
  const Document* on = nullptr;    // null in an action
  bool is_action = false;
  std::vector<WorkflowTrigger> triggers;
  std::vector<WorkflowJob> jobs;

  [[nodiscard]] bool triggered_by(std::string_view name) const;
  [[nodiscard]] const Document* trigger(std::string_view name) const;
};

// Nothing if the document is neither. Pointers go into `root`.
[[nodiscard]] std::optional<Workflow> read_workflow(const Document& root);

// What a `uses:` names.
struct UsedAction {
  enum class Kind : std::uint8_t { Local, Docker, Repository, Unknown };
  Kind kind = Kind::Unknown;
  std::string_view owner;       // as written
  std::string_view repository;  // without the owner
  std::string_view path;        // of the action or workflow in the repository; may be empty
  std::string_view ref;         // behind the `@`; empty if there is none

  [[nodiscard]] bool pinned() const;  // to a commit of 40 or 64 hexadecimal digits
  [[nodiscard]] bool is(std::string_view owner_and_repository) const;  // without regard to case
};
[[nodiscard]] UsedAction read_uses(std::string_view uses);

}  // namespace bulwark::scan
