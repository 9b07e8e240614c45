// Where the code of a workflow comes from, and what its steps do with it.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "scan/formats/image_reference.h"
#include "scan/inspectors/github_judge.h"
#include "scan/inspectors/github_rules.h"
#include "scan/inspectors/launch_config.h"
#include "scan/inspectors/pipeline_shell.h"
#include "scan/knowledge/github_actions.h"

namespace bulwark::scan::inspectors {
namespace {

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool is_computed(std::string_view text) {
  return holds(text, "${{");
}

// --- BW-GH-001, 012, 013

void judge_image(const ConfigReport& report, const Document& place, std::string_view name) {
  if (is_computed(name) || name.empty()) return;
  const auto image = parse_image_reference(name);
  if (!image || image->pinned()) return;
  report.at(kJobImage, place,
            std::string(name) + " is not pinned; write `" + std::string(name) + "@sha256:<digest>`",
            image->mutable_tag() ? kJobImage.severity : Severity::Low);
}

void judge_uses(const ConfigReport& report, const Document& uses) {
  const std::string& text = uses.string;
  const UsedAction action = read_uses(text);
  if (action.kind == UsedAction::Kind::Docker) judge_image(report, uses, action.path);
  if (action.kind != UsedAction::Kind::Repository || is_computed(text)) return;
  const std::string name = std::string(action.owner) + "/" + std::string(action.repository);
  if (!action.pinned()) {
    const std::string whole = text.substr(0, text.find('@'));
    report.at(kUnpinnedAction, uses,
              name +
                  (action.ref.empty() ? std::string(" has no version")
                                      : " is taken from " + std::string(action.ref)) +
                  "; write `uses: " + whole + "@<40-hex> # " +
                  (action.ref.empty() ? std::string("<version>") : std::string(action.ref)) + "`");
  }
  const std::string_view meant = imitated_action(name);
  if (!meant.empty())
    report.at(
        kImitatedAction, uses,
        name + " looks like " + std::string(meant) + "; write `" + std::string(meant) + "` if that is meant");
}

void judge_container(const ConfigReport& report, const WorkflowJob& job) {
  const auto judge_one = [&](const Document& value) {
    const Document* image = value.is_map() ? value.find("image") : &value;
    if (image != nullptr && image->is_string()) judge_image(report, *image, image->string);
  };
  if (const Document* container = job.value->find("container")) judge_one(*container);
  if (const Document* services = map_under(*job.value, "services"))
    for (const auto& [name, service] : services->map) judge_one(service);
  const Document* image = job.value->find("image");  // an action in a container of its own
  if (image != nullptr && image->string.starts_with("docker://"))
    judge_image(report, *image, std::string_view(image->string).substr(9));
}

// --- BW-GH-008

// Release, or a push of tags or of release branches: what the workflow builds is published.
bool is_release_workflow(const Workflow& workflow) {
  if (workflow.triggered_by("release")) return true;
  const Document* push = workflow.trigger("push");
  if (push == nullptr) return false;
  if (push->find("tags") != nullptr) return true;
  return std::ranges::any_of(list_under(*push, "branches"),
                             [](const Document& branch) { return holds(lower(branch.string), "release"); });
}

bool publishes(const WorkflowJob& job) {
  return std::ranges::any_of(job.steps, [](const WorkflowStep& step) {
    if (step.uses != nullptr) {
      const bool builds_only = step.with != nullptr && says_false(step.with->find("push"));
      return is_publishing_action(name_of_action(read_uses(step.uses->string))) && !builds_only;
    }
    return step.run != nullptr &&
           std::ranges::any_of(look_at_shell(step.run->string),
                               [](const ShellSight& sight) { return sight.act == ShellAct::Publishes; });
  });
}

// `${{ !startsWith(github.ref, 'refs/tags/') }}`: off exactly where releases are built.
bool is_off_for_tags(std::string_view value) {
  const std::size_t open = value.find("${{");
  if (open == std::string_view::npos) return false;
  const std::string_view inner = trim(value.substr(open + 3));
  return inner.starts_with('!') && holds(inner, "tag");
}

// The major version that is used: of the tag, or of the comment behind a pinned commit. 0 if unknown.
int major_version(const ConfigReport& report, const Document& uses) {
  std::string_view ref = read_uses(uses.string).ref;
  if (read_uses(uses.string).pinned()) {
    const std::string_view line = line_around(report.text(), uses.offset);
    const std::size_t comment = line.find('#');
    ref = comment == std::string_view::npos ? std::string_view() : trim(line.substr(comment + 1));
  }
  if (ref.starts_with('v')) ref.remove_prefix(1);
  int major = 0;
  std::from_chars(ref.data(), ref.data() + ref.size(), major);
  return major;
}

// Whether the step restores a cache, and whether its author said so.
struct Caches {
  bool does = false;
  bool said = false;
};
Caches caches(const ConfigReport& report, const WorkflowStep& step) {
  const std::string name = name_of_action(read_uses(step.uses->string));
  Caches result;
  for (const CachingAction& action : caching_actions()) {
    if (action.name != name) continue;
    const auto input = [&](std::string_view key) {
      return step.with == nullptr || key.empty() ? nullptr : step.with->find(key);
    };
    const Document* value = input(action.input);
    if (!action.needs.empty() && input(action.needs) == nullptr) continue;
    const bool off =
        value != nullptr && (says_false(value) || is_off_for_tags(value->string) || value->string.empty());
    switch (action.use) {
      case CacheUse::Always: return {true, true};
      case CacheUse::OptIn:
        if (value != nullptr && !off) return {true, true};
        break;
      case CacheUse::OptOut:
        if (!says_true(value)) result = {true, value != nullptr};
        break;
      case CacheUse::Default: {
        // Since version 10 setup-uv does not cache in release workflows, nor did setup-node cache before
        // version 5.
        const int major = major_version(report, *step.uses);
        const bool automatic = value == nullptr || value->string == "auto";
        if (name == "astral-sh/setup-uv" && major >= 10 && automatic) break;
        if (name == "actions/setup-node" && major < 5 && automatic) break;
        if (!off) result = {true, value != nullptr};
        break;
      }
    }
  }
  return result;
}

void judge_caches(const ConfigReport& report, const Workflow& workflow, const WorkflowJob& job) {
  if (workflow.is_action || (!is_release_workflow(workflow) && !publishes(job))) return;
  for (const WorkflowStep& step : job.steps) {
    if (step.uses == nullptr) continue;
    const Caches found = caches(report, step);
    if (!found.does) continue;
    report.at_key(kCachePoisoning, "uses", *step.uses,
                  step.uses->string.substr(0, step.uses->string.find('@')) +
                      " restores a cache in a job that publishes; switch its cache off here",
                  found.said ? kCachePoisoning.severity : Severity::Low);
  }
}

// --- BW-GH-010, 011, 014, 015

void judge_variables(const ConfigReport& report, const Document* env) {
  if (env == nullptr) return;
  for (const auto& [name, value] : env->map) {
    if (name == "ACTIONS_ALLOW_UNSECURE_COMMANDS" && lower(trim(value.string)) == "true")
      report.at_key(kReverseShell, name, value, name + " is on; remove it");
    const std::string text = lower(trim(value.string));
    const bool on = text == "1" || text == "true";
    if ((name == "NODE_TLS_REJECT_UNAUTHORIZED" && text == "0") || (name == "GIT_SSL_NO_VERIFY" && on) ||
        (name == "PYTHONHTTPSVERIFY" && text == "0"))
      report.at_key(kStepTlsOff, name, value, name + " switches the verification of TLS off; remove it");
  }
}

// The variable comes through a row of the matrix: `env: ${{ matrix.env }}`. Bounded by the depth the parser
// allows.
void judge_matrix(const ConfigReport& report, const Document& value) {
  judge_variables(report, &value);
  for (const auto& [key, inner] : value.map) judge_matrix(report, inner);
  for (const Document& inner : value.list) judge_matrix(report, inner);
}

void judge_script(const ConfigReport& report, const Document& run, bool& model, bool& signs) {
  std::uint64_t from = 0;
  for (const ShellSight& sight : look_at_shell(run.string)) {
    const std::uint64_t at = offset_of_piece(report.text(), run, sight.piece, from);
    if (at > from && at > run.offset) from = at;
    switch (sight.act) {
      case ShellAct::ReverseShell:
        report.at_offset(kReverseShell, at, "step opens a shell to a remote host: " + sight.piece);
        break;
      case ShellAct::RunsDownload:
        report.at_offset(kStepRunsDownload, at, "step runs what it downloads: " + sight.piece);
        break;
      case ShellAct::TlsOff: report.at_offset(kStepTlsOff, at, "TLS is not verified: " + sight.piece); break;
      case ShellAct::PublishesModel: model = true; break;
      case ShellAct::Signs: signs = true; break;
      default: break;
    }
  }
}

bool mentions_signing(const Workflow& workflow) {
  for (const WorkflowJob& job : workflow.jobs) {
    if (job.uses != nullptr && holds(job.uses->string, "slsa-github-generator")) return true;
    for (const WorkflowStep& step : job.steps) {
      if (step.uses != nullptr && is_signing_action(name_of_action(read_uses(step.uses->string))))
        return true;
      if (step.run == nullptr) continue;
      for (const ShellSight& sight : look_at_shell(step.run->string))
        if (sight.act == ShellAct::Signs) return true;
    }
  }
  return false;
}

}  // namespace

std::string name_of_action(const UsedAction& action) {
  std::string name = lower(action.owner) + "/" + lower(action.repository);
  if (!action.path.empty()) name += "/" + lower(action.path);
  return name;
}

void judge_sources(const ConfigReport& report, const Workflow& workflow) {
  for (const WorkflowJob& job : workflow.jobs) {
    if (job.uses != nullptr) judge_uses(report, *job.uses);
    judge_container(report, job);
    for (const WorkflowStep& step : job.steps)
      if (step.uses != nullptr) judge_uses(report, *step.uses);
  }
}

void judge_steps(const ConfigReport& report, const Workflow& workflow) {
  judge_variables(report, workflow.root->find("env"));
  const bool signed_somewhere = mentions_signing(workflow);
  for (const WorkflowJob& job : workflow.jobs) {
    judge_variables(report, job.value->find("env"));
    if (const Document* matrix = value_at(*job.value, {"strategy", "matrix"})) judge_matrix(report, *matrix);
    judge_caches(report, workflow, job);
    for (const WorkflowStep& step : job.steps) {
      judge_variables(report, step.env);
      if (step.run == nullptr) continue;
      bool model = false;
      bool signs = signed_somewhere;
      judge_script(report, *step.run, model, signs);
      // Nobody reaches a runner from outside, but what it loads and installs is what it runs.
      judge_script_in(report, *step.run, {.words = {}, .place = {}, .reachable = false});
      if (model && !signs)
        report.at(kUnsignedModel, *step.run,
                  "model is uploaded and no step signs it; add a signing step, for example `model_signing "
                  "sign sigstore model/`");
    }
  }
}

}  // namespace bulwark::scan::inspectors
