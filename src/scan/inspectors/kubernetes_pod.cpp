// Pods and their containers: what the kernel and the node are protected by, and which code and secrets come
// in.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "scan/formats/image_reference.h"
#include "scan/inspectors/kubernetes_judge.h"
#include "scan/inspectors/kubernetes_rules.h"
#include "scan/inspectors/shared_rules.h"
#include "scan/knowledge/environment_secrets.h"

namespace bulwark::scan::inspectors {
namespace {

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

template <std::size_t N>
bool holds_any(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return holds(text, part); });
}

constexpr std::array<std::string_view, 33> kServers = {
    "torchserve", "tritonserver", "vllm",       "text-generation", "tensorflow/serving", "tf-serving",
    "kserve",     "seldon",       "mlserver",   "bentoml",         "rayproject",         "/ray:",
    "sglang",     "llama",        "ollama",     "openvino",        "huggingfaceserver",  "lmdeploy",
    "mlflow",     "jupyter",      "notebook",   "tensorboard",     "sklearnserver",      "xgbserver",
    "lgbserver",  "pmmlserver",   "inference",  "model-server",    "modelserver",        "minio",
    "airflow",    "predictor",    "djl-serving"};
constexpr std::array<std::string_view, 8> kServing = {"inference", "predict", "serving", "model",
                                                      "llm",       "mlflow",  "jupyter", "notebook"};
constexpr std::array<std::int64_t, 14> kServingPorts = {5000, 6006, 8000, 8001, 8002, 8033, 8080,
                                                        8081, 8082, 8265, 8500, 8501, 8888, 9000};

bool serves_by_container(const Container& container) {
  if (container.image != nullptr && holds_any(lower(container.image->string), kServers)) return true;
  for (const Document& port : list_under(*container.value, "ports")) {
    const Document* number = port.find("containerPort");
    if (number != nullptr && std::ranges::find(kServingPorts, number->integer) != kServingPorts.end())
      return true;
  }
  const Document* limits = value_at(*container.value, {"resources", "limits"});
  return limits != nullptr && std::ranges::any_of(limits->map, [](const Document::Entry& entry) {
           return entry.first.ends_with("/gpu") || holds(entry.first, "nvidia.com/");
         });
}

class PodJudge {
 public:
  PodJudge(const ConfigReport& report, const Manifest& manifest, const Pod& pod)
      : report_(report), manifest_(manifest), pod_(pod), purpose_(purpose_of(manifest, pod)) {}

  void judge() {
    judge_host_namespaces();
    judge_volumes();
    judge_service_account();
    for (const Container& container : pod_.containers) judge_container(container);
  }

 private:
  // What keeps a driver or an agent of the cluster from its work is two steps less severe there.
  [[nodiscard]] Severity here(const Rule& rule) const {
    if (!purpose_.is_system) return rule.severity;
    return rule.severity == Severity::Critical ? Severity::Medium : Severity::Low;
  }
  // Something is not said. A patch need not say it.
  [[nodiscard]] Severity missing(const Rule& rule) const {
    return pod_.partial ? Severity::Info : here(rule);
  }
  static std::string named(const Container& container) {
    return "container " +
           (container.name.empty() ? std::string("without a name") : std::string(container.name));
  }

  void judge_host_namespaces() {
    for (const std::string_view key : {"hostPID", "hostIPC", "hostNetwork"}) {
      const Document* value = pod_.spec->find(key);
      if (!says_true(value)) continue;
      report_.at_key(kHostNamespace, key, *value,
                     std::string(key) + " is true; write `" + std::string(key) + ": false`",
                     here(kHostNamespace), report_.switched(*value, false));
    }
  }

  void judge_volumes();
  void judge_service_account();
  void judge_container(const Container& container);
  void judge_security_context(const Container& container);
  void judge_user(const Container& container);
  void judge_capabilities(const Container& container);
  void judge_seccomp(const Container& container);
  void judge_image(const Container& container);
  void judge_environment(const Container& container);
  void judge_limits(const Container& container);
  void judge_git_sync(const Container& container);
  [[nodiscard]] bool is_windows() const;
  [[nodiscard]] bool mounted_read_only(std::string_view volume) const;

  const ConfigReport& report_;
  const Manifest& manifest_;
  const Pod& pod_;
  const Purpose purpose_;
};

// Linux security settings are refused on Windows nodes.
bool PodJudge::is_windows() const {
  const Document* system = value_at(*pod_.spec, {"os", "name"});
  if (system == nullptr) system = value_at(*pod_.spec, {"nodeSelector", "kubernetes.io/os"});
  return system != nullptr && system->string == "windows";
}

// All containers that mount the volume do so read-only, and one does.
bool PodJudge::mounted_read_only(std::string_view volume) const {
  bool mounted = false;
  for (const Container& container : pod_.containers) {
    for (const Document& mount : list_under(*container.value, "volumeMounts")) {
      if (mount.text("name") != volume) continue;
      mounted = true;
      if (!says_true(mount.find("readOnly"))) return false;
    }
  }
  return mounted;
}

bool is_sensitive_directory(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  constexpr std::array<std::string_view, 9> kExact = {"/",    "/boot", "/dev",  "/lib", "/usr",
                                                      "/bin", "/sbin", "/home", "/var"};
  constexpr std::array<std::string_view, 9> kTrees = {"/etc",
                                                      "/proc",
                                                      "/sys",
                                                      "/root",
                                                      "/var/lib/kubelet",
                                                      "/var/lib/docker",
                                                      "/var/lib/containerd",
                                                      "/var/run/secrets",
                                                      "/var/lib/etcd"};
  if (std::ranges::find(kExact, path) != kExact.end()) return true;
  return std::ranges::any_of(kTrees, [&](std::string_view tree) {
    return path == tree || (path.starts_with(tree) && path[tree.size()] == '/');
  });
}

void PodJudge::judge_volumes() {
  for (const Document& volume : list_under(*pod_.spec, "volumes")) {
    const Document* path = value_at(volume, {"hostPath", "path"});
    if (path == nullptr || path->string.empty() || is_placeholder(path->string)) continue;
    constexpr std::array<std::string_view, 6> kSockets = {
        "docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock", "podman.sock", "dockershim.sock"};
    if (std::ranges::any_of(kSockets, [&](std::string_view name) { return path->string.ends_with(name); })) {
      report_.at(kRuntimeSocket, *path,
                 "volume " + std::string(volume.text("name")) + " is the runtime's socket " + path->string,
                 purpose_.is_system ? Severity::High : Severity::Critical);
      continue;
    }
    const bool read_only = mounted_read_only(volume.text("name"));
    const bool sensitive = is_sensitive_directory(path->string);
    // Shared memory and accelerator devices are what training pods need.
    const bool harmless = path->string.starts_with("/dev/shm") ||
                          path->string.starts_with("/dev/infiniband") ||
                          path->string.starts_with("/dev/nvidia") || path->string == "/etc/localtime";
    if (read_only && !sensitive) continue;
    Severity severity = here(kHostPath);
    if (harmless) severity = Severity::Low;
    if (sensitive && read_only && severity > Severity::Medium && path->string != "/")
      severity = Severity::Medium;
    report_.at(kHostPath, *path,
               "hostPath " + path->string + (sensitive ? " holds the node's own files" : " is writable") +
                   (read_only ? "" : "; mount it with `readOnly: true`, or use a volume of its own"),
               severity);
  }
}

void PodJudge::judge_service_account() {
  if (is_workflow(manifest_) || manifest_.group() == "serving.kserve.io") return;
  const Document* mounted = pod_.spec->find("automountServiceAccountToken");
  if (says_false(mounted)) return;
  const Document* account = pod_.spec->find("serviceAccountName");
  if (account == nullptr) account = pod_.spec->find("serviceAccount");
  const bool said = account != nullptr && !account->string.empty();
  if (said && account->string != "default") {
    // An account of its own is mostly named because the API is needed.
    if (mounted == nullptr)
      report_.at(
          kServiceAccount, *account,
          "the token of service account " + account->string +
              " is mounted by default; if the API is not needed write `automountServiceAccountToken: false`",
          Severity::Info);
    return;
  }
  report_.at(kServiceAccount, said ? *account : *pod_.spec,
             "pod mounts the token of the default service account; add `automountServiceAccountToken: false`",
             said ? here(kServiceAccount) : missing(kServiceAccount));
}

void PodJudge::judge_container(const Container& container) {
  const bool windows = is_windows();
  if (!windows) {
    judge_security_context(container);
    judge_user(container);
    judge_capabilities(container);
    judge_seccomp(container);
  }
  judge_image(container);
  judge_environment(container);
  if (container.role != Role::Ephemeral) judge_limits(container);
  judge_git_sync(container);
}

void PodJudge::judge_security_context(const Container& container) {
  const Document* context = container.security_context;
  const auto own = [&](std::string_view key) { return context == nullptr ? nullptr : context->find(key); };
  const bool privileged = says_true(own("privileged"));
  if (privileged)
    report_.at_key(kPrivileged, "privileged", *own("privileged"),
                   named(container) + " is privileged; write `privileged: false`", here(kPrivileged),
                   report_.switched(*own("privileged"), false));
  const Document* escalation = own("allowPrivilegeEscalation");
  if (escalation != nullptr && !says_false(escalation)) {
    report_.at_key(kEscalation, "allowPrivilegeEscalation", *escalation,
                   named(container) + " may gain privileges; write `allowPrivilegeEscalation: false`",
                   here(kEscalation), report_.switched(*escalation, false));
  } else if (escalation == nullptr && !privileged) {
    report_.at(kEscalation, *container.value,
               named(container) + " does not say `allowPrivilegeEscalation: false`", missing(kEscalation));
  }
  const Document* read_only = own("readOnlyRootFilesystem");
  if (!says_true(read_only))
    report_.at(kWritableRoot, read_only != nullptr ? *read_only : *container.value,
               named(container) + " can change its own files; write `readOnlyRootFilesystem: true`",
               read_only != nullptr ? here(kWritableRoot) : missing(kWritableRoot),
               read_only != nullptr ? report_.switched(*read_only, true) : std::vector<Edit>());
  const Document* proc = own("procMount");
  if (proc != nullptr && proc->string == "Unmasked")
    report_.at(kProcMount, *proc, named(container) + " sees all of /proc; write `procMount: Default`",
               here(kProcMount));
}

// A number above 0. A text is no user id for Kubernetes.
bool is_plain_user(const Document* user) {
  return user != nullptr && user->kind == Document::Kind::Integer && user->integer > 0;
}
bool is_zero(const Document* id) {
  return id != nullptr && id->kind == Document::Kind::Integer && id->integer == 0;
}

void PodJudge::judge_user(const Container& container) {
  if (is_workflow(manifest_) && container.role == Role::Main) return;  // BW-KF-002
  const Document* non_root = effective(pod_, container, "runAsNonRoot");
  const Document* user = effective(pod_, container, "runAsUser");
  const Document* group = effective(pod_, container, "runAsGroup");
  const bool placeholder = user != nullptr && is_placeholder(user->string);
  if (is_zero(user)) {
    report_.at_key(kRoot, "runAsUser", *user, named(container) + " runs as user 0; write `runAsUser: 1000`",
                   here(kRoot));
  } else if (!says_true(non_root) && !is_plain_user(user) && !placeholder) {
    const bool said = non_root != nullptr || user != nullptr;
    const Document& place = non_root != nullptr ? *non_root : user != nullptr ? *user : *container.value;
    report_.at(kRoot, place, named(container) + " may run as root; write `runAsNonRoot: true`",
               said ? here(kRoot) : missing(kRoot));
  } else if (is_zero(group)) {
    // Files of group 0 are what remains of root then; OpenShift uses it on purpose.
    report_.at_key(kRoot, "runAsGroup", *group,
                   named(container) + " runs in group 0; write a `runAsGroup` above 0", Severity::Low);
  }
}

void PodJudge::judge_capabilities(const Container& container) {
  const Document* capabilities = container.security_context == nullptr
                                     ? nullptr
                                     : map_under(*container.security_context, "capabilities");
  bool drops = false;
  if (capabilities != nullptr) {
    for (const Document& name : list_under(*capabilities, "drop")) {
      const std::string dropped = lower(name.string);
      drops = drops || dropped == "all" || dropped == "net_raw" || dropped == "cap_net_raw";
    }
    for (const Document& name : list_under(*capabilities, "add")) {
      constexpr std::array<std::string_view, 14> kDangerous = {
          "all",       "sys_admin", "sys_module",      "sys_ptrace",   "sys_rawio", "sys_boot",  "sys_time",
          "net_admin", "net_raw",   "dac_read_search", "dac_override", "bpf",       "mac_admin", "perfmon"};
      std::string added = lower(name.string);
      if (added.starts_with("cap_")) added.erase(0, 4);
      if (std::ranges::find(kDangerous, added) != kDangerous.end())
        report_.at(kCapabilities, name,
                   named(container) + " adds the capability " + name.string + "; remove it",
                   here(kCapabilities));
    }
  }
  if (!drops)
    report_.at(kCapabilities, capabilities != nullptr ? *capabilities : *container.value,
               named(container) + " keeps the default capabilities; write `capabilities: {drop: [ALL]}`",
               missing(kCapabilities));
}

void PodJudge::judge_seccomp(const Container& container) {
  const Document* profile = effective(pod_, container, "seccompProfile");
  const std::string_view type = profile == nullptr ? std::string_view() : profile->text("type");
  if (type == "RuntimeDefault" || type == "Localhost") return;
  if (!type.empty() && is_placeholder(type)) return;
  const Document* metadata = pod_.metadata != nullptr ? pod_.metadata : manifest_.metadata;
  for (const Document* where : {metadata, manifest_.metadata}) {
    const std::string_view set = annotation(where, "seccomp.security.alpha.kubernetes.io/pod");
    if (set == "runtime/default" || set == "docker/default" || set.starts_with("localhost/")) return;
  }
  const bool said = profile != nullptr;
  report_.at(
      kSeccomp, said ? *profile : *container.value,
      named(container) + " runs without a seccomp profile; write `seccompProfile: {type: RuntimeDefault}`",
      said           ? kSeccomp.severity
      : pod_.partial ? Severity::Info
                     : kSeccomp.severity);
}

void PodJudge::judge_image(const Container& container) {
  if (container.image == nullptr || container.image->string.empty()) return;
  const std::string& text = container.image->string;
  if (is_placeholder(text) || text.starts_with("ko://")) return;
  const auto image = parse_image_reference(text);
  if (!image || image->pinned()) return;
  const Rule& rule = is_workflow(manifest_) ? kStepImage : kImage;
  if (image->mutable_tag()) {
    report_.at(rule, *container.image,
               named(container) + " runs " + text + ", whose tag moves; write `image: " +
                   text.substr(0, text.size() - (image->tag.empty() ? 0 : image->tag.size() + 1)) +
                   ":<version>@sha256:<digest>`");
    return;
  }
  report_.at(
      rule, *container.image,
      named(container) + " runs " + text + " without a digest; write `image: " + text + "@sha256:<digest>`",
      Severity::Low);
}

void PodJudge::judge_environment(const Container& container) {
  for (const Document& variable : list_under(*container.value, "env")) {
    const std::string_view name = variable.text("name");
    const Document* value = variable.find("value");
    if (value != nullptr && names_credential(name)) {
      const SecretValue secret = secret_value(value->string);
      if (secret == SecretValue::Literal || secret == SecretValue::Placeholder)
        report_.secret(
            kLiteralSecret, *value,
            std::string(name) +
                " has a literal value; write `valueFrom: {secretKeyRef: …}`, or mount the Secret as a file",
            std::string(name) + ": " + masked_secret(value->string),
            secret == SecretValue::Literal ? kLiteralSecret.severity : Severity::Medium);
    }
    const Document* reference = value_at(variable, {"valueFrom", "secretKeyRef"});
    if (reference != nullptr)
      report_.at(kSecretInEnvironment, *reference,
                 std::string(name) + " is filled from a Secret; mount the Secret as a file");
  }
  for (const Document& source : list_under(*container.value, "envFrom")) {
    const Document* reference = source.find("secretRef");
    if (reference != nullptr)
      report_.at(kSecretInEnvironment, *reference,
                 "all keys of Secret " + std::string(reference->text("name")) +
                     " become variables; mount it as a file");
  }
}

void PodJudge::judge_limits(const Container& container) {
  if (manifest_.group() == "serving.kserve.io" && pod_.partial) return;  // the runtime's defaults apply
  const Document* limits = value_at(*container.value, {"resources", "limits"});
  const bool memory = limits != nullptr && limits->find("memory") != nullptr;
  const bool cpu = limits != nullptr && limits->find("cpu") != nullptr;
  if (memory && cpu) return;
  // Without a CPU limit neighbours are still protected by shares; without one for memory nothing protects
  // them.
  Severity severity = purpose_.serves_models && !memory ? kNoLimits.severity : Severity::Low;
  if (pod_.partial) severity = Severity::Info;
  if (container.role == Role::Init) severity = std::min(severity, Severity::Low);
  const char* what = memory ? "cpu" : cpu ? "memory" : "cpu and memory";
  report_.at(
      kNoLimits, limits != nullptr ? *limits : *container.value,
      named(container) + " has no limit for " + what + "; write `resources: {limits: {cpu: …, memory: …}}`",
      severity);
}

void PodJudge::judge_git_sync(const Container& container) {
  if (container.image == nullptr || !holds(container.image->string, "git-sync")) return;
  const auto judge_repository = [&](const Document& at, std::string_view address) {
    if (address.starts_with("http://") || address.starts_with("git://"))
      report_.at(kGitSync, at, "git-sync fetches " + std::string(address) + " without TLS; use https");
  };
  for (const Document& variable : list_under(*container.value, "env")) {
    const std::string_view name = variable.text("name");
    const Document* value = variable.find("value");
    if (name == "GITSYNC_GIT" || name == "GIT_SYNC_GIT")
      report_.at(kGitSync, value != nullptr ? *value : variable,
                 std::string(name) + " names the program that git-sync runs; remove it");
    if ((name == "GITSYNC_REPO" || name == "GIT_SYNC_REPO") && value != nullptr)
      judge_repository(*value, value->string);
  }
  for (const std::string_view key : {"command", "args"}) {
    for (const Document& word : list_under(*container.value, key)) {
      std::string_view text = word.string;
      while (text.starts_with('-')) text.remove_prefix(1);
      if (text == "git" ? word.string.starts_with('-') : text.starts_with("git="))
        report_.at(kGitSync, word, "--git names the program that git-sync runs; remove it");
      const std::size_t scheme = text.find("://");
      if (scheme != std::string_view::npos)
        judge_repository(word, text.substr(text.find('=') < scheme ? text.find('=') + 1 : 0));
    }
  }
  const auto image = parse_image_reference(container.image->string);
  if (image && (image->tag.starts_with("v2.") || image->tag.starts_with("v3.")))
    report_.at(kGitSync, *container.image,
               "git-sync " + image->tag + " is no longer maintained; use version 4", Severity::Low);
}

}  // namespace

Purpose purpose_of(const Manifest& manifest, const Pod& pod) {
  Purpose purpose;
  purpose.is_system = manifest.space == "kube-system";
  purpose.serves_models = manifest.kind == "InferenceService" || manifest.kind.starts_with("Ray") ||
                          manifest.kind.ends_with("ServingRuntime") || manifest.kind == "Notebook" ||
                          manifest.kind == "SeldonDeployment" ||
                          std::ranges::any_of(pod.containers, serves_by_container) ||
                          holds_any(lower(manifest.name), kServing);
  return purpose;
}

void judge_pod(const ConfigReport& report, const Manifest& manifest, const Pod& pod) {
  PodJudge(report, manifest, pod).judge();
}

}  // namespace bulwark::scan::inspectors
