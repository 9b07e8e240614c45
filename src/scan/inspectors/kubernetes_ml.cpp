// What machine learning adds to a cluster: KServe model servers, Argo and Kubeflow pipelines, the Kubeflow
// dashboard.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/inspectors/kubernetes_judge.h"
#include "scan/inspectors/kubernetes_rules.h"

namespace bulwark::scan::inspectors {
namespace {

// --- KServe

bool is_off(std::string_view value) {
  const std::string text = lower(value);
  return text == "0" || text == "false" || text == "no";
}

void judge_annotations(const ConfigReport& report, const Document* metadata) {
  const Document* annotations = metadata == nullptr ? nullptr : map_under(*metadata, "annotations");
  if (annotations == nullptr) return;
  for (const auto& [name, value] : annotations->map) {
    if ((name == "serving.kserve.io/s3-usehttps" || name == "serving.kserve.io/s3-verifyssl") &&
        is_off(value.string))
      report.at_key(kPlainBucket, name, value, name + " is off; write `" + name + ": \"1\"`");
    if (name == "serving.kserve.io/s3-useanoncredential" && says_true(&value))
      report.at_key(kAnonymousBucket, name, value, name + " is on; remove it");
  }
}

void judge_mesh(const ConfigReport& report, const Document* metadata) {
  if (metadata == nullptr) return;
  for (const std::string_view map : {"annotations", "labels"}) {
    const Document* value = value_at(*metadata, {map, "sidecar.istio.io/inject"});
    if (says_false(value))
      report.at_key(kNoMesh, "sidecar.istio.io/inject", *value,
                    "sidecar.istio.io/inject is \"false\"; remove it");
  }
}

// `key`: of the older form that names the framework, predictor.sklearn; "model" today.
void judge_storage(const ConfigReport& report, std::string_view key, const Document& server) {
  const Document* address = server.find("storageUri");
  if (address == nullptr) address = server.find("storageURI");
  if (address == nullptr || !address->is_string()) return;
  const std::string where = lower(address->string);
  if (where.starts_with("http://"))
    report.at(kPlainStorage, *address,
              "model comes from " + address->string + "; write `storageUri: https://…`");
  const Document* format = value_at(server, {"modelFormat", "name"});
  constexpr std::array<std::string_view, 5> kPickled = {".pkl", ".pickle", ".joblib", ".pt", ".pth"};
  const bool pickled =
      std::ranges::any_of(kPickled, [&](std::string_view end) { return where.ends_with(end); });
  // The scikit-learn server reads model.pkl or model.joblib from the directory, nothing else.
  const bool scikit = key == "sklearn" || (format != nullptr && format->string == "sklearn");
  if (pickled || scikit)
    report.at(kPickleFormat, *address,
              (scikit ? "the scikit-learn server unpickles " : "the server unpickles ") + address->string);
}

void judge_component(const ConfigReport& report, const Document& component) {
  for (const auto& [key, value] : component.map)
    if (value.is_map()) judge_storage(report, key, value);
}

bool is_trust_flag(const Document& word) {
  std::string text = lower(word.string);
  std::ranges::replace(text, '-', '_');
  const std::size_t flag = text.find("__trust_remote_code");
  if (flag == std::string::npos) return false;
  const std::string_view rest = std::string_view(text).substr(flag + 19);
  return !rest.starts_with("=false") && !rest.starts_with("=0") && !rest.starts_with(" false");
}

void judge_arguments(const ConfigReport& report, const std::vector<Pod>& pods) {
  for (const Pod& pod : pods) {
    for (const Container& container : pod.containers) {
      for (const std::string_view key : {"command", "args"}) {
        for (const Document& word : list_under(*container.value, key))
          if (is_trust_flag(word))
            report.at(kTrustsRemoteCode, word, word.string + " runs code of the model; remove it");
      }
      for (const Document& variable : list_under(*container.value, "env")) {
        const Document* value = variable.find("value");
        const std::string name = lower(variable.text("name"));
        if (name.ends_with("trust_remote_code") && says_true(value))
          report.at(kTrustsRemoteCode, *value, std::string(variable.text("name")) + " is on; remove it");
      }
    }
  }
}

// --- Argo and Kubeflow pipelines

// What a `{{…}}` pastes that somebody outside of the workflow's text chose.
bool is_chosen_outside(std::string_view expression) {
  const std::string_view inner = trim(expression);
  if (inner.starts_with('=')) {  // an expression language; its variables have the same names
    return inner.find("inputs.parameters") != std::string_view::npos ||
           inner.find("workflow.parameters") != std::string_view::npos ||
           inner.find("item") != std::string_view::npos;
  }
  return inner.starts_with("inputs.parameters") || inner.starts_with("workflow.parameters") ||
         inner.starts_with("item") || inner.starts_with("steps.") || inner.starts_with("tasks.");
}

void judge_script(const ConfigReport& report, const Document& script) {
  const std::string_view text = script.string;
  std::uint64_t from = 0;
  for (std::size_t open = text.find("{{"); open != std::string_view::npos;) {
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) return;
    const std::string_view piece = text.substr(open, close + 2 - open);
    if (is_chosen_outside(piece.substr(2, piece.size() - 4))) {
      const std::uint64_t at = offset_of_piece(report.text(), script, piece, from);
      from = at + 1;
      // Results of earlier steps are chosen by those steps only.
      const std::string_view inner = trim(piece.substr(2));
      const bool earlier = inner.starts_with("steps.") || inner.starts_with("tasks.");
      report.at_offset(
          kWorkflowInjection, at,
          std::string(piece) + " becomes part of the script; pass it through `env` and write \"$NAME\"",
          earlier ? Severity::Medium : kWorkflowInjection.severity);
    }
    open = text.find("{{", close + 2);
  }
}

bool is_interpreter(std::string_view word) {
  const std::size_t slash = word.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? word : word.substr(slash + 1);
  return name == "sh" || name == "bash" || name == "dash" || name == "ash" || name == "zsh" ||
         name == "pwsh" || name == "node" || name == "perl" || name == "ruby" || name.starts_with("python");
}

// `sh -c "…"`, split over command and args as the author likes.
void judge_command(const ConfigReport& report, const Document& container) {
  std::vector<const Document*> words;
  for (const std::string_view key : {"command", "args"})
    for (const Document& word : list_under(container, key)) words.push_back(&word);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_interpreter(words[i]->string)) continue;
    for (std::size_t k = i + 1; k < words.size(); ++k) {
      const std::string& option = words[k]->string;
      const bool code = option.starts_with('-') && !option.starts_with("--") &&
                        option.find_first_of("ce") != std::string::npos;
      if (code && k + 1 < words.size()) return judge_script(report, *words[k + 1]);
      if (!option.starts_with('-')) break;
    }
  }
}

void judge_steps(const ConfigReport& report, const Document& workflow) {
  for (const Document& step : list_under(workflow, "templates")) {
    if (const Document* script = map_under(step, "script"))
      if (const Document* source = script->find("source")) judge_script(report, *source);
    if (const Document* container = map_under(step, "container")) judge_command(report, *container);
    if (const Document* set = map_under(step, "containerSet"))
      for (const Document& container : list_under(*set, "containers")) judge_command(report, container);
    for (const std::string_view key : {"initContainers", "sidecars"})
      for (const Document& container : list_under(step, key)) judge_command(report, container);
  }
}

bool step_is_non_root(const Document& workflow, const Document& step, const Document& container) {
  for (const Document* holder : {&container, &step, &workflow}) {
    const Document* value = value_at(*holder, {"securityContext", "runAsNonRoot"});
    if (value != nullptr) return says_true(value);
  }
  return false;
}

void judge_identity(const ConfigReport& report, const Document& workflow) {
  // A workflow that only points to a template has its settings there.
  const bool refers = workflow.find("workflowTemplateRef") != nullptr;
  const Document* account = workflow.find("serviceAccountName");
  const bool placeholder = account != nullptr && is_placeholder(account->string);
  if (account == nullptr || account->string.empty() || account->string == "default") {
    if (!refers || account != nullptr)
      report.at(kWorkflowAccount, account != nullptr ? *account : workflow,
                "workflow runs as the default service account; write `serviceAccountName: <one of its own>`",
                placeholder ? Severity::Info : kWorkflowAccount.severity);
  }
  for (const Document& step : list_under(workflow, "templates")) {
    for (const std::string_view key : {"container", "script"}) {
      const Document* container = map_under(step, key);
      if (container == nullptr || step_is_non_root(workflow, step, *container)) continue;
      report.at(kWorkflowRoot, *container,
                "step " + std::string(step.text("name")) +
                    " may run as root; write `securityContext: {runAsNonRoot: true}` in the spec");
    }
    if (const Document* set = map_under(step, "containerSet"))
      for (const Document& container : list_under(*set, "containers"))
        if (!step_is_non_root(workflow, step, container))
          report.at(kWorkflowRoot, container,
                    "container " + std::string(container.text("name")) + " of step " +
                        std::string(step.text("name")) +
                        " may run as root; write `securityContext: {runAsNonRoot: true}` in the spec");
  }
}

// --- The dashboard

// Dex's configuration is a text inside a ConfigMap. The published default hashes "12341234".
constexpr std::string_view kKubeflowDefaultHash =
    "$2y$12$4K/VkmDd1q1Orb3xAt82zu8gk7Ad6ReFR4LCP9UeYE90NLiN9Df72";

void judge_dex(const ConfigReport& report, const Manifest& manifest) {
  if (manifest.kind != "ConfigMap") return;
  const Document* entries = map_under(*manifest.root, "data");
  if (entries == nullptr) return;
  for (const auto& [name, value] : entries->map) {
    const std::size_t passwords = value.string.find("staticPasswords:");
    if (passwords == std::string::npos || value.string.find("issuer:") == std::string::npos) continue;
    const bool known = value.string.find(kKubeflowDefaultHash) != std::string::npos;
    report.at_offset(kNoAuthentication, offset_of_piece(report.text(), value, "staticPasswords:"),
                     known ? "Dex accepts Kubeflow's published default password"
                           : "Dex accepts static passwords; use an identity provider",
                     known ? Severity::Critical : kNoAuthentication.severity);
  }
}

// Kubeflow's services believe the user id header that the gateway sets. Without a policy anyone in the mesh
// sets it.
void judge_header(const ConfigReport& report, const std::vector<Pod>& pods, const Bundle& bundle) {
  const bool guarded = std::ranges::any_of(
      bundle.manifests, [](const Manifest& other) { return other.kind == "AuthorizationPolicy"; });
  for (const Pod& pod : pods) {
    for (const Container& container : pod.containers) {
      for (const Document& variable : list_under(*container.value, "env")) {
        std::string name = lower(variable.text("name"));
        std::ranges::replace(name, '-', '_');
        if (name == "app_disable_auth" && says_true(variable.find("value")))
          report.at(kNoAuthentication, variable,
                    "APP_DISABLE_AUTH lets everyone act as any user; write `value: \"false\"`");
        if (!guarded && name.ends_with("userid_header"))
          report.at(kNoAuthentication, variable,
                    "container trusts the header of " + std::string(variable.text("name")) +
                        " and no AuthorizationPolicy stands beside it");
      }
    }
  }
}

}  // namespace

bool is_workflow(const Manifest& manifest) {
  constexpr std::array<std::string_view, 4> kKinds = {"Workflow", "WorkflowTemplate",
                                                      "ClusterWorkflowTemplate", "CronWorkflow"};
  return manifest.group() == "argoproj.io" && std::ranges::find(kKinds, manifest.kind) != kKinds.end() &&
         manifest.spec != nullptr;
}

void judge_kserve(const ConfigReport& report, const Manifest& manifest, const std::vector<Pod>& pods) {
  judge_arguments(report, pods);
  if (manifest.kind == "Secret" || manifest.kind == "ServiceAccount")
    judge_annotations(report, manifest.metadata);
  if (manifest.group() != "serving.kserve.io" && manifest.group() != "serving.kubeflow.org") return;
  judge_annotations(report, manifest.metadata);
  judge_mesh(report, manifest.metadata);
  if (manifest.spec == nullptr) return;
  for (const std::string_view part : {"predictor", "transformer", "explainer"}) {
    const Document* component = map_under(*manifest.spec, part);
    if (component == nullptr) continue;
    judge_component(report, *component);
    judge_mesh(report, component);
    judge_mesh(report, map_under(*component, "metadata"));
  }
  judge_storage(report, "spec", *manifest.spec);
  judge_component(report, *manifest.spec);
}

void judge_workflow(const ConfigReport& report, const Manifest& manifest, const std::vector<Pod>& pods,
                    const Bundle& bundle) {
  judge_dex(report, manifest);
  judge_header(report, pods, bundle);
  if (!is_workflow(manifest)) return;
  const Document* inner = map_under(*manifest.spec, "workflowSpec");
  const Document& workflow = inner != nullptr ? *inner : *manifest.spec;
  judge_identity(report, workflow);
  judge_steps(report, workflow);
}

}  // namespace bulwark::scan::inspectors
