// Which expressions of a workflow paste text into scripts that somebody outside of the repository has chosen.

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "scan/formats/github_expression.h"
#include "scan/inspectors/github_judge.h"
#include "scan/inspectors/github_rules.h"
#include "scan/inspectors/pipeline_shell.h"
#include "scan/knowledge/github_actions.h"

namespace bulwark::scan::inspectors {
namespace {

using Taint = std::optional<Severity>;

Taint worse(Taint a, Taint b) {
  if (!a) return b;
  if (!b) return a;
  return std::max(*a, *b);
}

std::string_view last_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

// Fields of an event whose text anyone writes who may open an issue, a pull request or a discussion, and
// those that GitHub fills with numbers, hashes, addresses and its own words.
Taint taint_of_event(std::string_view path) {
  if (path.starts_with("github.event.inputs") || path.starts_with("github.event.client_payload"))
    return Severity::Low;
  const std::string_view field = last_of(path);
  constexpr std::array<std::string_view, 17> kChosen = {
      "event",       "issue",     "pull_request", "comment",       "review", "discussion",
      "head_commit", "commits",   "workflow_run", "title",         "body",   "message",
      "label",       "page_name", "head_branch",  "display_title", "email"};
  if (std::ranges::find(kChosen, field) != kChosen.end()) {
    // A label that is put on an issue is one of the repository's own.
    return field == "label" && path.find("head") == std::string_view::npos ? Severity::Low
                                                                           : Severity::Critical;
  }
  if (field == "ref" || field == "default_branch")
    return path.find(".head.") != std::string_view::npos ? Severity::Critical : Severity::Low;
  if (field == "name") {
    const bool person =
        path.find("author") != std::string_view::npos || path.find("committer") != std::string_view::npos;
    return person ? Severity::Critical : Severity::Low;
  }
  constexpr std::array<std::string_view, 22> kSafe = {
      "number",     "id",     "node_id",       "sha",    "head_sha",   "action",           "state",
      "before",     "after",  "login",         "type",   "draft",      "merged",           "full_name",
      "conclusion", "status", "commits_count", "run_id", "run_number", "merge_commit_sha", "private",
      "fork"};
  if (std::ranges::find(kSafe, field) != kSafe.end() || field.ends_with("_at") || field.ends_with("url") ||
      field.ends_with("_id"))
    return std::nullopt;
  return Severity::Low;
}

Taint taint_of_github(std::string_view path) {
  if (path == "github" || path == "github.*") return Severity::Critical;
  if (path == "github.head_ref") return Severity::Critical;
  if (path == "github.event" || path.starts_with("github.event.")) return taint_of_event(path);
  // Names of branches and tags may hold `$(…)`, but who pushes to the repository may change the script as
  // well.
  if (path == "github.ref" || path == "github.ref_name" || path == "github.base_ref") return Severity::Low;
  return std::nullopt;
}

// Resolves the contexts that the workflow itself fills: env, matrix, inputs.
class Resolver {
 public:
  Resolver(const Workflow& workflow, const WorkflowJob& job, const WorkflowStep* step)
      : workflow_(workflow), job_(job), step_(step) {}

  Taint of_scalar(std::string_view scalar, int depth = 0) const {
    Taint taint;
    for (const Interpolation& one : interpolations_of(scalar)) taint = worse(taint, of(one, depth));
    return taint;
  }
  Taint of(const Interpolation& one, int depth = 0) const {
    Taint taint;
    for (const std::string& source : one.sources) taint = worse(taint, of_source(source, depth));
    return taint;
  }

 private:
  static constexpr int kDeepest = 4;  // env names env names env …

  Taint of_source(std::string_view source, int depth) const {
    if (source.starts_with("github")) return taint_of_github(source);
    if (source.starts_with("env.")) return of_variable(source.substr(4), depth);
    if (source.starts_with("matrix.")) return of_matrix(source.substr(7), depth);
    if (source.starts_with("inputs.")) return of_input(source.substr(7));
    const std::string_view field = last_of(source);
    const bool word = field == "outcome" || field == "conclusion" || field == "result" || field == "status";
    if ((source.starts_with("steps.") || source.starts_with("needs.") || source.starts_with("jobs.")) &&
        !word)
      return Severity::Info;
    return std::nullopt;
  }

  // Names are compared without regard to case, as expressions do.
  static const Document* entry(const Document* map, std::string_view name) {
    if (map == nullptr) return nullptr;
    for (const auto& [key, value] : map->map)
      if (key.size() == name.size() && lower(key) == name) return &value;
    return nullptr;
  }

  Taint of_variable(std::string_view name, int depth) const {
    if (depth >= kDeepest) return Severity::Info;
    const std::array<const Document*, 3> scopes = {step_ == nullptr ? nullptr : step_->env,
                                                   job_.value->find("env"), workflow_.root->find("env")};
    for (const Document* scope : scopes) {
      const Document* value = entry(scope, name);
      if (value == nullptr) continue;
      // A variable may be defined by its own name one scope further out.
      return of_scalar(value->string, depth + 1);
    }
    return Severity::Info;
  }

  // One dimension of the matrix, and what `include` adds to it. Static values are the author's.
  Taint of_matrix(std::string_view path, int depth) const {
    const Document* matrix = value_at(*job_.value, {"strategy", "matrix"});
    if (matrix == nullptr || depth >= kDeepest) return Severity::Info;
    if (matrix->is_string()) return worse(Severity::Low, of_scalar(matrix->string, depth + 1));
    const std::string_view name = path.substr(0, path.find('.'));
    Taint taint;
    bool found = false;
    const auto look = [&](const Document* value) {
      if (value == nullptr) return;
      found = true;
      taint = worse(taint, of_values(*value, depth));
    };
    look(entry(matrix, name));
    const Document* include = entry(matrix, "include");
    if (include != nullptr && include->is_string())
      return worse(Severity::Low, of_scalar(include->string, depth + 1));
    for (const Document& row : list_under(*matrix, "include")) look(entry(&row, name));
    return found ? taint : Taint(Severity::Info);
  }
  // Whatever an expression computes may be chosen elsewhere. Bounded by the depth the parser allows.
  Taint of_values(const Document& value, int depth) const {
    Taint taint;
    if (value.is_string() && value.string.find("${{") != std::string::npos)
      taint = worse(Severity::Low, of_scalar(value.string, depth + 1));
    for (const Document& item : value.list) taint = worse(taint, of_values(item, depth));
    for (const auto& [key, item] : value.map) taint = worse(taint, of_values(item, depth));
    return taint;
  }

  // Callers of an action or a reusable workflow pass on what they got; who starts a workflow by hand has
  // rights.
  Taint of_input(std::string_view name) const {
    if (workflow_.is_action) return Severity::Medium;
    Taint taint;
    for (const auto& [trigger, severity] : {std::pair{std::string_view("workflow_call"), Severity::Medium},
                                            {std::string_view("workflow_dispatch"), Severity::Low}}) {
      const Document* on = workflow_.trigger(trigger);
      if (on == nullptr) continue;
      const Document* input = entry(on->find("inputs"), name);
      const std::string_view type = input == nullptr ? std::string_view() : input->text("type");
      if (type == "boolean" || type == "number" || type == "choice" || type == "environment") continue;
      taint = worse(taint, severity);
    }
    return taint;
  }

  const Workflow& workflow_;
  const WorkflowJob& job_;
  const WorkflowStep* step_;
};

std::string variable_for(const Interpolation& one) {
  std::string name = one.sources.empty() ? std::string("VALUE") : one.sources.front();
  name = std::string(last_of(name));
  if (name.empty() || name == "*") name = "value";
  std::ranges::transform(name, name.begin(), [](char c) {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return c == '-' ? '_' : c;
  });
  return name;
}

void judge_script(const ConfigReport& report, const Resolver& resolver, const Document& script) {
  std::uint64_t from = 0;
  for (const Interpolation& one : interpolations_of(script.string)) {
    const std::uint64_t at = offset_of_piece(report.text(), script, one.text, from);
    if (at >= script.offset) from = at + 1;
    const Taint taint = resolver.of(one);
    if (!taint) continue;
    const std::string name = variable_for(one);
    report.at_offset(kInjection, at,
                     std::string(one.text) + " becomes part of the script; write `env: {" + name + ": \"" +
                         std::string(one.text) + "\"}` and \"$" + name + "\" in the script",
                     taint);
  }
}

// What is written into the environment of later steps.
void judge_environment_file(const ConfigReport& report, const Workflow& workflow, const WorkflowStep& step) {
  // Who may start the workflow decides: an action does not know.
  if (!workflow.is_action && !has_privileged_trigger(workflow)) return;
  for (const ShellSight& sight : look_at_shell(step.run->string)) {
    if (sight.act != ShellAct::WritesEnvironment) continue;
    report.at_key(kEnvironmentFile, "run", *step.run,
                  "`" + sight.piece +
                      "` sets variables of later steps; use `>> \"$GITHUB_OUTPUT\"` and read the output");
  }
}

}  // namespace

void judge_expressions(const ConfigReport& report, const Workflow& workflow) {
  for (const WorkflowJob& job : workflow.jobs) {
    for (const WorkflowStep& step : job.steps) {
      const Resolver resolver(workflow, job, &step);
      if (step.run != nullptr) {
        judge_script(report, resolver, *step.run);
        judge_environment_file(report, workflow, step);
      }
      if (step.uses == nullptr || step.with == nullptr) continue;
      const std::string action = name_of_action(read_uses(step.uses->string));
      for (const auto& [input, value] : step.with->map)
        if (runs_input(action, lower(input))) judge_script(report, resolver, value);
    }
  }
}

Taint taint_of(const Workflow& workflow, const WorkflowJob& job, const WorkflowStep* step,
               std::string_view scalar) {
  return Resolver(workflow, job, step).of_scalar(scalar);
}

bool has_privileged_trigger(const Workflow& workflow) {
  constexpr std::array<std::string_view, 9> kTriggers = {
      "pull_request_target", "workflow_run",       "issue_comment", "issues",
      "discussion",          "discussion_comment", "fork",          "watch",
      "pull_request_comment"};
  return std::ranges::any_of(kTriggers, [&](std::string_view name) { return workflow.triggered_by(name); });
}

}  // namespace bulwark::scan::inspectors
