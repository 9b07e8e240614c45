// What a workflow is allowed to do, on which machine and for whom: triggers, tokens, secrets, runners.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/github_expression.h"
#include "scan/inspectors/github_judge.h"
#include "scan/inspectors/github_rules.h"
#include "scan/knowledge/github_actions.h"

namespace bulwark::scan::inspectors {
namespace {

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_checkout(const WorkflowStep& step) {
  return step.uses != nullptr && read_uses(step.uses->string).is("actions/checkout");
}

// --- BW-GH-003

// Names the head of somebody's pull request.
bool names_head(std::string_view text) {
  const std::string plain = lower(text);
  return holds(plain, "pull_request.head") || holds(plain, "github.head_ref") || holds(plain, "refs/pull/") ||
         holds(plain, "workflow_run.head_") || holds(plain, "workflow_run.pull_requests") ||
         holds(plain, "event.pull_request.merge_commit_sha");
}

bool is_harmless_job(const WorkflowJob& job) {
  return !job.steps.empty() && std::ranges::all_of(job.steps, [](const WorkflowStep& step) {
    return step.uses != nullptr && is_harmless_action(name_of_action(read_uses(step.uses->string)));
  });
}

// The place that brings the code of the pull request in, or null.
const Document* head_taken_by(const WorkflowStep& step) {
  if (is_checkout(step) && step.with != nullptr) {
    for (const std::string_view key : {"ref", "repository"}) {
      const Document* value = step.with->find(key);
      if (value != nullptr && names_head(value->string)) return value;
    }
  }
  if (step.run != nullptr) {
    const std::string& script = step.run->string;
    if (holds(script, "gh pr checkout")) return step.run;
    const bool fetches = holds(script, "git fetch") || holds(script, "git checkout") ||
                         holds(script, "git pull") || holds(script, "git clone");
    if (fetches && names_head(script)) return step.run;
  }
  return nullptr;
}

void judge_triggers(const ConfigReport& report, const Workflow& workflow) {
  const bool target = workflow.triggered_by("pull_request_target");
  const bool run = workflow.triggered_by("workflow_run");
  const bool comment = workflow.triggered_by("issue_comment");
  if (!target && !run && !comment) return;
  bool taken = false;
  for (const WorkflowJob& job : workflow.jobs) {
    for (const WorkflowStep& step : job.steps) {
      const Document* place = head_taken_by(step);
      if (place == nullptr) continue;
      taken = true;
      report.at(kDangerousTrigger, *place,
                "code of the pull request is fetched in a workflow with the repository's rights; trigger it "
                "by `pull_request`");
    }
  }
  if (taken || (!target && !run)) return;
  if (std::ranges::all_of(workflow.jobs, is_harmless_job)) return;
  report.at_key(kDangerousTrigger, "on", *workflow.on,
                std::string(target ? "pull_request_target" : "workflow_run") +
                    " runs with the repository's rights; make sure that nothing of the pull request is run",
                Severity::Low);
}

// --- BW-GH-004

bool is_reusable_only(const Workflow& workflow) {
  return workflow.triggers.size() == 1 && workflow.triggers.front().name == "workflow_call";
}

void judge_scope(const ConfigReport& report, const Document& permissions, bool of_workflow,
                 std::size_t jobs) {
  if (permissions.is_string() && permissions.string == "write-all") {
    report.at_key(kPermissions, "permissions", permissions,
                  "every permission is granted; write `permissions: {contents: read}`");
  } else if (permissions.is_string() && permissions.string == "read-all") {
    report.at_key(kPermissions, "permissions", permissions,
                  "every read permission is granted; write `permissions: {contents: read}`", Severity::Low);
  }
  if (!of_workflow) return;
  for (const auto& [name, value] : permissions.map) {
    if (value.string != "write") continue;
    report.at_key(kPermissions, name, value,
                  "every job gets " + name + ": write; move it to the job that needs it",
                  jobs <= 1 ? Severity::Low : kPermissions.severity);
  }
}

void judge_permissions(const ConfigReport& report, const Workflow& workflow) {
  if (workflow.is_action) return;
  const Document* shared = workflow.root->find("permissions");
  if (shared != nullptr) judge_scope(report, *shared, true, workflow.jobs.size());
  std::vector<const WorkflowJob*> without;
  for (const WorkflowJob& job : workflow.jobs) {
    const Document* own = job.value->find("permissions");
    if (own != nullptr) judge_scope(report, *own, false, workflow.jobs.size());
    // A reusable workflow has what its caller grants; but a call from within it passes that on.
    if (own == nullptr && shared == nullptr && (!is_reusable_only(workflow) || job.uses != nullptr))
      without.push_back(&job);
  }
  const bool whole = workflow.jobs.size() > 1 && !without.empty() && !is_reusable_only(workflow);
  if (whole)
    report.at_offset(kPermissions, workflow.root->offset,
                     "the token has its default rights; add `permissions: {contents: read}` at the top");
  for (const WorkflowJob* job : without)
    report.at_key(kPermissions, job->name, *job->value,
                  "job " + std::string(job->name) +
                      " has the token's default rights; add `permissions: {contents: read}`",
                  whole ? Severity::Info : kPermissions.severity);
}

// --- BW-GH-005

void judge_checkout(const ConfigReport& report, const WorkflowJob& job) {
  bool uploads = false;
  for (std::size_t i = job.steps.size(); i-- > 0;) {
    const WorkflowStep& step = job.steps[i];
    if (step.uses != nullptr && read_uses(step.uses->string).is("actions/upload-artifact")) uploads = true;
    if (!is_checkout(step)) continue;
    const Document* keeps = step.with == nullptr ? nullptr : step.with->find("persist-credentials");
    if (says_false(keeps)) continue;
    // Said in so many words, it is mostly because a later step pushes.
    const bool meant = keeps != nullptr || step.value->find("with") != nullptr;
    report.at(kCheckoutCredentials, keeps != nullptr ? *keeps : *step.value,
              std::string("the token stays in .git/config") +
                  (uploads ? " and a later step uploads an artifact" : "") +
                  "; write `with: {persist-credentials: false}`",
              uploads && keeps == nullptr ? kCheckoutCredentials.severity
              : meant && keeps != nullptr ? Severity::Info
                                          : Severity::Low);
  }
}

// --- BW-GH-006

bool is_public(const Workflow& workflow) {
  constexpr std::array<std::string_view, 7> kPublic = {
      "pull_request",        "pull_request_target",         "issue_comment", "issues",
      "pull_request_review", "pull_request_review_comment", "discussion"};
  return std::ranges::any_of(kPublic, [&](std::string_view name) { return workflow.triggered_by(name); });
}

bool is_self_hosted(const Document& value) {
  return value.string == "self-hosted" || std::ranges::any_of(value.list, is_self_hosted);
}

// A dimension of the matrix that names such a runner, unless `exclude` takes it out again.
bool matrix_is_self_hosted(const WorkflowJob& job, std::string_view expression) {
  const Document* matrix = value_at(*job.value, {"strategy", "matrix"});
  if (matrix == nullptr) return false;
  for (const Interpolation& one : interpolations_of(expression)) {
    for (const std::string& source : one.sources) {
      if (!source.starts_with("matrix.")) continue;
      const std::string name = source.substr(7, source.find('.', 7) - 7);
      const bool excluded = std::ranges::any_of(list_under(*matrix, "exclude"), [&](const Document& row) {
        const Document* value = row.find(name);
        return row.map.size() == 1 && value != nullptr && is_self_hosted(*value);
      });
      if (excluded) continue;
      const Document* values = matrix->find(name);
      if (values != nullptr && is_self_hosted(*values)) return true;
      for (const Document& row : list_under(*matrix, "include"))
        if (const Document* value = row.find(name); value != nullptr && is_self_hosted(*value)) return true;
    }
  }
  return false;
}

void judge_runner(const ConfigReport& report, const Workflow& workflow, const WorkflowJob& job) {
  const Document* runner = job.value->find("runs-on");
  if (runner == nullptr) return;
  const bool group = runner->is_map() && runner->find("group") != nullptr;
  const Document* labels = runner->is_map() ? runner->find("labels") : runner;
  const bool own =
      labels != nullptr && (is_self_hosted(*labels) || matrix_is_self_hosted(job, labels->string));
  if (!own && !group) return;
  Severity severity = is_public(workflow) ? kSelfHosted.severity : Severity::Low;
  // A group may be one of larger hosted runners.
  if (!own) severity = std::min(severity, Severity::Low);
  report.at_key(kSelfHosted, "runs-on", *runner,
                std::string(own ? "self-hosted runner" : "runner group") +
                    (is_public(workflow)
                         ? " takes jobs that pull requests or comments start; write `runs-on: ubuntu-24.04`"
                         : "; make sure that it is ephemeral"),
                severity);
}

// --- BW-GH-007

void judge_dumped_secrets(const ConfigReport& report, const Document& value) {
  if (value.is_string() && holds(lower(value.string), "secrets")) {
    for (const Interpolation& one : interpolations_of(value.string)) {
      if (std::ranges::find(one.sources, "secrets") == one.sources.end()) continue;
      report.at_offset(kAllSecrets, offset_of_piece(report.text(), value, one.text),
                       std::string(one.text) + " holds every secret; name the one that is needed");
    }
  }
  // Bounded by the depth the parser allows.
  for (const auto& [key, inner] : value.map) judge_dumped_secrets(report, inner);
  for (const Document& inner : value.list) judge_dumped_secrets(report, inner);
}

void judge_inherited_secrets(const ConfigReport& report, const WorkflowJob& job) {
  const Document* secrets = job.value->find("secrets");
  if (job.uses == nullptr || secrets == nullptr || secrets->string != "inherit") return;
  const bool local = read_uses(job.uses->string).kind == UsedAction::Kind::Local;
  report.at_key(kAllSecrets, "uses", *job.uses,
                "`secrets: inherit` gives " + job.uses->string +
                    " every secret; write `secrets: {NAME: ${{ secrets.NAME }}}`",
                local ? Severity::Low : kAllSecrets.severity);
}

}  // namespace

void judge_rights(const ConfigReport& report, const Workflow& workflow) {
  judge_triggers(report, workflow);
  judge_permissions(report, workflow);
  judge_dumped_secrets(report, *workflow.root);
  for (const WorkflowJob& job : workflow.jobs) {
    judge_checkout(report, job);
    judge_runner(report, workflow, job);
    judge_inherited_secrets(report, job);
  }
}

}  // namespace bulwark::scan::inspectors
