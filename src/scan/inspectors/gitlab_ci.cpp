// GitLab CI pipelines: whose code runs in them, what they include, which secrets they carry.
//
// Found by name (.gitlab-ci.yml): a map of jobs with `script` is no format that content alone tells.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/formats/image_reference.h"
#include "scan/formats/kubernetes.h"
#include "scan/inspectors/config_report.h"
#include "scan/inspectors/launch_config.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/pipeline_shell.h"
#include "scan/inspectors/server_rules.h"
#include "scan/knowledge/environment_secrets.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kImage{
    .id = "BW-GL-001",
    .title = "image of a job is not pinned",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.004",
    .why = "A tag can be moved: the next pipeline runs in another image, with the job's token and variables.",
    .fix = "Name the image by digest: `image: name:tag@sha256:<digest>`.",
    .controls = "SC-CONF",
};
constexpr Rule kInclude{
    .id = "BW-GL-002",
    .title = "pipeline includes text that others can change",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why =
        "Whoever controls the address, the branch or the component adds jobs to this pipeline, with its "
        "variables.",
    .fix =
        "Pin `ref:` to a commit, a component to a release, and give `integrity: sha256-…` for remote text.",
    .controls = "SC-CONF",
};
constexpr Rule kSecret{
    .id = "BW-GL-003",
    .title = "secret is written into the pipeline",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why = "Everyone who reads the repository or a job's log has the credential.",
    .fix =
        "Revoke it; keep the new one in a masked and protected CI/CD variable, or in a vault by `secrets:`.",
    .controls = "SC-CONF SC-SECRET",
};
constexpr Rule kPipedDownload{
    .id = "BW-GL-004",
    .title = "job runs what it downloads",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.001",
    .why = "Whoever controls the address, or the way there, runs code with the job's token and variables.",
    .fix = "Download to a file, compare its sha256, then run it; or build it into the image.",
    .controls = "SC-CONF",
};
constexpr Rule kInjection{
    .id = "BW-GL-005",
    .title = "text that outsiders choose is run as code",
    .severity = Severity::Critical,
    .atlas = "AML.T0050",
    .why =
        "Names of branches, titles of merge requests and commit messages reach `eval` or `sh -c`: they "
        "become "
        "commands with the job's token and variables.",
    .fix = "Hand the variable over as an argument in quotes, never inside of code.",
    .controls = "SC-CONF",
};
constexpr Rule kDockerDaemon{
    .id = "BW-GL-006",
    .title = "Docker daemon of the job listens without TLS",
    .severity = Severity::High,
    .atlas = "AML.T0105",
    .why =
        "Docker in Docker needs a privileged runner; without TLS any process of the job's network controls "
        "it, and "
        "with it the runner.",
    .fix =
        "Build with a rootless builder (BuildKit, buildah, kaniko); else set DOCKER_TLS_CERTDIR: \"/certs\".",
    .controls = "SC-CONF",
};
constexpr Rule kTlsOff{
    .id = "BW-GL-007",
    .title = "job does not verify TLS",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why = "Anyone on the way replaces what is downloaded, and it runs with the job's token and variables.",
    .fix = "Remove the option; install the missing certificate authority instead.",
    .controls = "SC-CONF",
};
constexpr Rule kReverseShell{
    .id = "BW-GL-008",
    .title = "job opens a shell to a remote host",
    .severity = Severity::Critical,
    .atlas = "AML.T0072",
    .why = "The job hands the runner, its token and its variables to somebody else.",
    .fix = "Remove the line and look for who added it.",
    .controls = "SC-CONF",
};
constexpr Rule kDebugTrace{
    .id = "BW-GL-009",
    .title = "log of the job shows all variables",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why = "CI_DEBUG_TRACE prints every variable, masked ones included, into a log that many can read.",
    .fix = "Remove CI_DEBUG_TRACE and CI_DEBUG_SERVICES.",
    .controls = "SC-CONF",
};
constexpr std::array kPipelineRules = {kImage,        kInclude, kSecret,       kPipedDownload, kInjection,
                                       kDockerDaemon, kTlsOff,  kReverseShell, kDebugTrace};
constexpr auto kRules = both(kPipelineRules, kLaunchRules);

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_pipeline_path(std::string_view path) {
  return path.ends_with(".gitlab-ci.yml") || path.ends_with(".gitlab-ci.yaml") ||
         (holds(path, ".gitlab/ci/") && (path.ends_with(".yml") || path.ends_with(".yaml")));
}

Match recognises_file(std::string_view path, Bytes content) {
  return is_pipeline_path(path) && is_utf8(text_of(content)) ? Match::Weak : Match::No;
}

// Variables that GitLab fills from what people write who need no rights in the project, and those from who
// pushes.
bool is_chosen_by_outsiders(std::string_view text) {
  constexpr std::array<std::string_view, 12> kNames = {"CI_COMMIT_MESSAGE",
                                                       "CI_COMMIT_TITLE",
                                                       "CI_COMMIT_DESCRIPTION",
                                                       "CI_COMMIT_REF_NAME",
                                                       "CI_COMMIT_BRANCH",
                                                       "CI_COMMIT_TAG",
                                                       "CI_COMMIT_AUTHOR",
                                                       "CI_MERGE_REQUEST_TITLE",
                                                       "CI_MERGE_REQUEST_DESCRIPTION",
                                                       "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
                                                       "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
                                                       "CI_MERGE_REQUEST_LABELS"};
  return std::ranges::any_of(kNames, [&](std::string_view name) { return holds(text, name); });
}

class PipelineJudge {
 public:
  PipelineJudge(const ConfigReport& report, const Document& root) : report_(report), root_(root) {}

  void judge() {
    if (const Document* include = root_.find("include")) judge_include(*include);
    judge_holder(root_);
    for (const auto& [name, job] : root_.map)
      if (job.is_map() && name != "variables" && name != "include" && name != "workflow") judge_holder(job);
  }

 private:
  // The root, `default` or a job.
  void judge_holder(const Document& holder) {
    if (const Document* image = holder.find("image")) judge_image(*image);
    bool daemon = false;
    for (const Document& service : list_under(holder, "services")) {
      const Document* name = service.is_map() ? service.find("name") : &service;
      if (name == nullptr) continue;
      judge_image(*name);
      daemon = daemon || (holds(name->string, "docker") && holds(name->string, "dind"));
    }
    if (const Document* variables = map_under(holder, "variables"))
      for (const auto& [name, value] : variables->map) judge_variable(name, value, daemon);
    for (const std::string_view key : {"before_script", "script", "after_script"})
      if (const Document* script = holder.find(key)) judge_script(*script);
  }

  void judge_image(const Document& value) {
    const Document* name = value.is_map() ? value.find("name") : &value;
    if (name == nullptr || name->string.empty() || is_placeholder(name->string) || holds(name->string, "$"))
      return;
    const auto image = parse_image_reference(name->string);
    if (!image || image->pinned()) return;
    report_.at(kImage, *name,
               name->string + " is not pinned; write `image: " + name->string + "@sha256:<digest>`",
               image->mutable_tag() ? kImage.severity : Severity::Low);
  }

  void judge_include(const Document& include) {
    for (const Document& one : include.list) judge_include(one);
    if (include.is_string()) judge_remote(include, include.string, false);
    if (!include.is_map()) return;
    if (const Document* remote = include.find("remote"))
      judge_remote(*remote, remote->string, include.find("integrity") != nullptr);
    if (const Document* project = include.find("project")) judge_reference(*project, include.find("ref"));
    if (const Document* component = include.find("component")) judge_component(*component);
  }
  void judge_remote(const Document& at, std::string_view address, bool checked) {
    const std::string plain = lower(address.substr(0, 8));
    if (plain.starts_with("http://"))
      report_.at(kInclude, at, "include of " + std::string(address) + " without TLS");
    else if (plain.starts_with("https://") && !checked)
      report_.at(kInclude, at, "include of " + std::string(address) + " without `integrity: sha256-…`");
  }
  static bool is_commit(std::string_view ref) {
    return ref.size() >= 40 &&
           std::ranges::all_of(ref, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  }
  void judge_reference(const Document& project, const Document* ref) {
    if (ref != nullptr && (is_commit(ref->string) || holds(ref->string, "$"))) return;
    // A tag of a project of the same instance is moved by its maintainers only.
    const bool tag = ref != nullptr && ref->string.find_first_of("0123456789") != std::string::npos;
    report_.at(kInclude, ref != nullptr ? *ref : project,
               "include from " + project.string +
                   (ref == nullptr ? " follows its default branch" : " follows " + ref->string) +
                   "; write `ref: <40-hex>`",
               tag ? Severity::Low : kInclude.severity);
  }
  void judge_component(const Document& component) {
    const std::size_t at = component.string.rfind('@');
    const std::string version = at == std::string::npos ? std::string() : component.string.substr(at + 1);
    if (is_commit(version)) return;
    const bool release = !version.empty() && version.front() >= '0' && version.front() <= '9';
    report_.at(kInclude, component, "component " + component.string + " is not pinned; write `@<40-hex>`",
               release ? Severity::Low : kInclude.severity);
  }

  void judge_variable(const std::string& name, const Document& value, bool daemon) {
    const Document* text = value.is_map() ? value.find("value") : &value;
    if (text == nullptr) return;
    if (is_literal_credential(name, text->string))
      report_.secret(kSecret, *text, name + " has a literal value; keep it in a masked CI/CD variable",
                     name + ": " + masked_secret(text->string));
    if ((name == "CI_DEBUG_TRACE" || name == "CI_DEBUG_SERVICES") && says_true(text))
      report_.at_key(kDebugTrace, name, *text, name + " prints every variable; remove it");
    const std::string plain = lower(text->string);
    const bool on = plain == "1" || plain == "true";
    if ((name == "GIT_SSL_NO_VERIFY" && on) || (name == "NODE_TLS_REJECT_UNAUTHORIZED" && plain == "0") ||
        (name == "PYTHONHTTPSVERIFY" && plain == "0"))
      report_.at_key(kTlsOff, name, *text, name + " switches the verification of TLS off; remove it");
    if (name == "DOCKER_TLS_CERTDIR" && text->string.empty())
      report_.at_key(kDockerDaemon, name, *text,
                     "the Docker daemon listens without TLS; write `DOCKER_TLS_CERTDIR: \"/certs\"`",
                     daemon ? kDockerDaemon.severity : Severity::Medium);
    if (name == "DOCKER_HOST" && plain.starts_with("tcp://") && plain.ends_with(":2375"))
      report_.at_key(kDockerDaemon, name, *text,
                     "the Docker daemon is asked without TLS; write `DOCKER_HOST: tcp://docker:2376`");
  }

  // Bounded by the depth the parser allows: lists of scripts may be nested by anchors.
  void judge_script(const Document& script) {
    for (const Document& line : script.list) judge_script(line);
    if (!script.is_string()) return;
    // Nobody reaches a runner from outside, but what it loads and installs is what it runs.
    judge_script_in(report_, script, {.words = {}, .place = {}, .reachable = false});
    for (const ShellSight& sight : look_at_shell(script.string)) {
      const std::uint64_t at = offset_of_piece(report_.text(), script, sight.piece);
      switch (sight.act) {
        case ShellAct::RunsDownload:
          report_.at_offset(kPipedDownload, at, "job runs what it downloads: " + sight.piece);
          break;
        case ShellAct::ReverseShell:
          report_.at_offset(kReverseShell, at, "job opens a shell to a remote host: " + sight.piece);
          break;
        case ShellAct::TlsOff: report_.at_offset(kTlsOff, at, "TLS is not verified: " + sight.piece); break;
        case ShellAct::EvaluatesVariable:
          if (is_chosen_by_outsiders(sight.piece))
            report_.at_offset(kInjection, at,
                              "a variable that outsiders choose becomes code: " + sight.piece);
          break;
        default: break;
      }
    }
  }

  const ConfigReport& report_;
  const Document& root_;
};

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  const auto documents = parse_yaml_stream(text, in.limits());
  if (!documents) {
    if (!is_mostly_yaml(text)) return fail(Code::Unsupported, "no pipeline");
    in.gap(documents.error(), "pipeline");
    return {};
  }
  const ConfigReport report(in, text);
  bool any = false;
  // `spec:` of a component stands in a document of its own.
  for (const Document& root : *documents) {
    if (!root.is_map()) continue;
    any = true;
    PipelineJudge(report, root).judge();
  }
  if (!any) return fail(Code::Unsupported, "no pipeline");
  return {};
}

}  // namespace

const Inspector gitlab_ci{
    .name = "gitlab_ci",
    .version = "1",
    .rules = kRules,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
