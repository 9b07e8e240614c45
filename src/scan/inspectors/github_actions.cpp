// Workflows and composite actions of GitHub: whose code runs in the pipeline, with which rights, and who may
// add to it?
//
// Recognised by `on` and `jobs`, or `runs: using:`, and by the name that GitHub looks for.

#include <algorithm>
#include <array>

#include "base/find.h"
#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/inspectors/github_judge.h"
#include "scan/inspectors/github_rules.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::array kWorkflowRules = {
    kUnpinnedAction, kInjection,      kDangerousTrigger, kPermissions,      kCheckoutCredentials,
    kSelfHosted,     kAllSecrets,     kCachePoisoning,   kEnvironmentFile,  kReverseShell,
    kUnsignedModel,  kImitatedAction, kJobImage,         kStepRunsDownload, kStepTlsOff};
constexpr auto kRules = both(kWorkflowRules, kLaunchRules);

constexpr std::size_t kFirstLook = 64U << 10;

// A line that starts with the key, quoted or not.
bool has_root_key(std::string_view text, std::string_view key) {
  for (std::size_t at = find_text(text, key); at != std::string_view::npos;
       at = find_text(text, key, at + 1)) {
    std::size_t start = at;
    std::string_view rest = text.substr(at + key.size(), 3);
    if (start > 0 && (text[start - 1] == '"' || text[start - 1] == '\'')) {
      --start;
      if (!rest.empty()) rest.remove_prefix(1);
    }
    if ((start == 0 || text[start - 1] == '\n' || text[start - 1] == '\xBF') && trim(rest).starts_with(':'))
      return true;
  }
  return false;
}

bool is_workflow_text(std::string_view text) {
  return (has_root_key(text, "jobs") && has_root_key(text, "on")) ||
         (has_root_key(text, "runs") && text.find("using:") != std::string_view::npos);
}

Match recognises(Bytes content) {
  const std::string_view text = text_of(content.first(std::min(content.size(), kFirstLook)));
  if (text.substr(0, 512).find('\0') != std::string_view::npos) return Match::No;
  return is_workflow_text(text) ? Match::Weak : Match::No;
}

bool is_workflow_path(std::string_view path) {
  return (path.find(".github/workflows/") != std::string_view::npos &&
          (path.ends_with(".yml") || path.ends_with(".yaml"))) ||
         path == "action.yml" || path == "action.yaml" || path.ends_with("/action.yml") ||
         path.ends_with("/action.yaml");
}

// What GitHub refuses is read, too, as far as it goes: the gap says that it was no workflow.
Match recognises_file(std::string_view path, Bytes content) {
  return is_workflow_path(path) && is_utf8(text_of(content)) ? Match::Weak : Match::No;
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  const auto documents = parse_yaml_stream(text, in.limits());
  if (!documents) {
    if (!is_workflow_text(text) || !is_mostly_yaml(text)) return fail(Code::Unsupported, "no workflow");
    in.gap(documents.error(), "workflow");
    return {};
  }
  const auto workflow = documents->empty() ? std::nullopt : read_workflow(documents->front());
  if (!workflow) return fail(Code::Unsupported, "neither a workflow nor an action");
  const ConfigReport report(in, text);
  judge_sources(report, *workflow);
  judge_expressions(report, *workflow);
  judge_rights(report, *workflow);
  judge_steps(report, *workflow);
  return {};
}

}  // namespace

const Inspector github_actions{
    .name = "github_actions",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
