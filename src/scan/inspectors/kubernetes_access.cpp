// Who may do what in the cluster, and who reaches its services.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "scan/inspectors/kubernetes_judge.h"
#include "scan/inspectors/kubernetes_rules.h"

namespace bulwark::scan::inspectors {
namespace {

// --- Roles and bindings

bool lists(const Document& rule, std::string_view key, std::string_view name) {
  return std::ranges::any_of(list_under(rule, key),
                             [&](const Document& item) { return item.string == name; });
}

template <std::size_t N>
const Document* first_of(const Document& rule, std::string_view key,
                         const std::array<std::string_view, N>& names) {
  for (const Document& item : list_under(rule, key))
    if (std::ranges::find(names, item.string) != names.end()) return &item;
  return nullptr;
}

constexpr std::array<std::string_view, 7> kWriting = {"*",      "create",           "update",     "patch",
                                                      "delete", "deletecollection", "impersonate"};

void judge_wildcards(const ConfigReport& report, const Document& rule) {
  constexpr std::array<std::string_view, 1> kAny = {"*"};
  const Document* verb = first_of(rule, "verbs", kAny);
  const Document* resource = first_of(rule, "resources", kAny);
  const Document* group = first_of(rule, "apiGroups", kAny);
  // `nonResourceURLs: ["*"]` with get is what monitoring needs.
  if (verb != nullptr) report.at(kWildcardRole, *verb, "verbs: \"*\"; list the verbs");
  if (resource != nullptr) report.at(kWildcardRole, *resource, "resources: \"*\"; list the resources");
  if (group != nullptr && verb == nullptr && resource == nullptr)
    report.at(kWildcardRole, *group, "apiGroups: \"*\"; list the API groups", Severity::Low);
}

void judge_powers(const ConfigReport& report, const Document& rule) {
  const bool named = !list_under(rule, "resourceNames").empty();
  constexpr std::array<std::string_view, 1> kSecrets = {"secrets"};
  constexpr std::array<std::string_view, 4> kReading = {"get", "list", "watch", "*"};
  const Document* secrets = first_of(rule, "resources", kSecrets);
  if (secrets != nullptr && first_of(rule, "verbs", kReading) != nullptr) {
    report.at(kPowerfulRole, *secrets,
              named ? "role reads the secrets named in resourceNames"
                    : "role reads every secret; add resourceNames",
              named ? Severity::Low : kPowerfulRole.severity);
  }
  constexpr std::array<std::string_view, 2> kStart = {"create", "*"};
  if (first_of(rule, "verbs", kStart) == nullptr) return;
  constexpr std::array<std::string_view, 4> kPods = {"pods", "pods/exec", "pods/attach",
                                                     "pods/ephemeralcontainers"};
  constexpr std::array<std::string_view, 7> kWorkloads = {
      "deployments", "statefulsets", "replicasets",           "daemonsets",
      "jobs",        "cronjobs",     "replicationcontrollers"};
  if (const Document* pods = first_of(rule, "resources", kPods)) {
    report.at(kPowerfulRole, *pods,
              "role may create " + pods->string + ", and so use every service account beside it");
  } else if (const Document* workloads = first_of(rule, "resources", kWorkloads)) {
    report.at(kPowerfulRole, *workloads,
              "role may create " + workloads->string + ", and so pods with any service account",
              Severity::Medium);
  }
}

void judge_escalation(const ConfigReport& report, const Document& rule) {
  constexpr std::array<std::string_view, 3> kRaising = {"escalate", "bind", "impersonate"};
  constexpr std::array<std::string_view, 4> kRoles = {"roles", "clusterroles", "rolebindings",
                                                      "clusterrolebindings"};
  if (const Document* verb = first_of(rule, "verbs", kRaising)) {
    const bool named = !list_under(rule, "resourceNames").empty();
    report.at(kEscalatingRole, *verb, "role may " + verb->string,
              named ? Severity::Low : kEscalatingRole.severity);
  } else if (lists(rule, "verbs", "*")) {
    if (const Document* roles = first_of(rule, "resources", kRoles))
      report.at(kEscalatingRole, *roles,
                "role may do everything with " + roles->string + ", escalate and bind included");
  }
  constexpr std::array<std::string_view, 2> kWebhooks = {"mutatingwebhookconfigurations",
                                                         "validatingwebhookconfigurations"};
  const Document* webhooks = first_of(rule, "resources", kWebhooks);
  if (webhooks != nullptr && first_of(rule, "verbs", kWriting) != nullptr)
    report.at(kEscalatingRole, *webhooks, "role may change " + webhooks->string);
}

// Rules that one file gives to all are no grant of the repository: the cluster brings them.
bool is_built_in(const Manifest& manifest) {
  return manifest.name.starts_with("system:") ||
         label(manifest.metadata, "kubernetes.io/bootstrapping") == "rbac-defaults";
}

void judge_role(const ConfigReport& report, const Manifest& manifest) {
  if (is_built_in(manifest)) return;
  for (const Document& rule : list_under(*manifest.root, "rules")) {
    judge_wildcards(report, rule);
    judge_powers(report, rule);
    judge_escalation(report, rule);
  }
}

bool is_for_everyone(const Document& subject) {
  const std::string_view name = subject.text("name");
  return name.starts_with("system:serviceaccount") || name == "system:authenticated" ||
         name == "system:unauthenticated" || name == "system:anonymous";
}

void judge_binding(const ConfigReport& report, const Manifest& manifest) {
  const Document* role = value_at(*manifest.root, {"roleRef", "name"});
  if (role == nullptr || role->string != "cluster-admin" || is_built_in(manifest)) return;
  bool workload = false;
  std::string to;
  for (const Document& subject : list_under(*manifest.root, "subjects")) {
    const bool account = subject.text("kind") == "ServiceAccount" || is_for_everyone(subject);
    workload = workload || account;
    if (account || to.empty())
      to = std::string(subject.text("kind")) + " " + std::string(subject.text("name"));
  }
  Severity severity = workload ? Severity::Critical : Severity::Medium;
  if (workload && manifest.kind == "RoleBinding") severity = Severity::High;
  report.at(kClusterAdmin, *role, "cluster-admin is bound to " + (to.empty() ? std::string("somebody") : to),
            severity);
}

// --- Exposure

constexpr std::array<std::int64_t, 12> kAdminPorts = {5000, 8080, 8081,  8082, 8265, 8888,
                                                      9000, 9001, 10001, 6006, 4040, 8793};

bool is_admin_port(const Document* port) {
  return port != nullptr && port->kind == Document::Kind::Integer &&
         std::ranges::find(kAdminPorts, port->integer) != kAdminPorts.end();
}

// Only reachable within the provider's network, or from listed addresses.
bool is_internal(const Manifest& service) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kInternal = {{
      {"service.beta.kubernetes.io/aws-load-balancer-internal", "true"},
      {"service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"},
      {"service.beta.kubernetes.io/azure-load-balancer-internal", "true"},
      {"networking.gke.io/load-balancer-type", "internal"},
      {"cloud.google.com/load-balancer-type", "internal"},
      {"service.beta.kubernetes.io/openstack-internal-load-balancer", "true"},
  }};
  for (const auto& [name, value] : kInternal)
    if (lower(annotation(service.metadata, name)) == value) return true;
  const std::vector<Document>& ranges = list_under(*service.spec, "loadBalancerSourceRanges");
  return !ranges.empty() &&
         std::ranges::none_of(ranges, [](const Document& range) { return range.string.ends_with("/0"); });
}

void judge_service(const ConfigReport& report, const Manifest& service) {
  const Document* type = service.spec->find("type");
  if (type == nullptr || (type->string != "LoadBalancer" && type->string != "NodePort")) return;
  const Document* admin = nullptr;
  for (const Document& port : list_under(*service.spec, "ports")) {
    if (is_admin_port(port.find("port"))) admin = port.find("port");
    if (is_admin_port(port.find("targetPort"))) admin = port.find("targetPort");
  }
  Severity severity = admin == nullptr || is_internal(service) ? Severity::Low : kExposed.severity;
  report.at(kExposed, *type,
            "service " + std::string(service.name) + " of type " + type->string +
                (admin == nullptr ? " is reachable from outside"
                                  : " opens port " + admin->string + " to the outside") +
                "; write `type: ClusterIP`",
            severity);
}

// KubeRay makes the service of the head itself: dashboard, Jobs API and client port.
void judge_ray_head(const ConfigReport& report, const Manifest& manifest) {
  const Document* cluster = manifest.spec;
  for (const std::string_view key : {"rayClusterConfig", "rayClusterSpec"})
    if (const Document* inner = map_under(*manifest.spec, key)) cluster = inner;
  const Document* type = value_at(*cluster, {"headGroupSpec", "serviceType"});
  if (type == nullptr || (type->string != "LoadBalancer" && type->string != "NodePort")) return;
  report.at(kExposed, *type,
            "Ray's dashboard and client port are reachable from outside through a service of type " +
                type->string + "; write `serviceType: ClusterIP`");
}

// Number of the port of a service in the bundle that is known by this name.
const Document* port_by_name(const Bundle& bundle, std::string_view service, std::string_view name) {
  for (const Manifest& manifest : bundle.manifests) {
    if (manifest.kind != "Service" || manifest.name != service || manifest.spec == nullptr) continue;
    for (const Document& port : list_under(*manifest.spec, "ports"))
      if (port.text("name") == name) return port.find("port");
  }
  return nullptr;
}

void judge_ingress(const ConfigReport& report, const Manifest& ingress, const Bundle& bundle) {
  if (!list_under(*ingress.spec, "tls").empty()) return;
  const auto judge_backend = [&](const Document& backend) {
    const Document* port = value_at(backend, {"service", "port", "number"});
    const Document* name = value_at(backend, {"service", "port", "name"});
    const Document* service = value_at(backend, {"service", "name"});
    if (port == nullptr && name != nullptr && service != nullptr)
      port = port_by_name(bundle, service->string, name->string);
    if (port == nullptr) port = backend.find("servicePort");
    if (!is_admin_port(port)) return;
    const Document& place = service != nullptr ? *service : backend;
    report.at(kExposed, place,
              "ingress " + std::string(ingress.name) + " without `tls:` leads to port " + port->string);
  };
  if (const Document* all = map_under(*ingress.spec, "defaultBackend")) judge_backend(*all);
  for (const Document& rule : list_under(*ingress.spec, "rules")) {
    const Document* http = map_under(rule, "http");
    if (http == nullptr) continue;
    for (const Document& path : list_under(*http, "paths"))
      if (const Document* backend = map_under(path, "backend")) judge_backend(*backend);
  }
}

bool is_network_policy(const Manifest& manifest) {
  return manifest.kind.ends_with("NetworkPolicy");
}

bool isolates(const Manifest& policy, const Manifest& workload, const Document* labels) {
  if (policy.spec == nullptr) return false;
  const bool same_space = policy.space.empty() || workload.space.empty() || policy.space == workload.space ||
                          policy.kind.find("Cluster") != std::string_view::npos ||
                          policy.kind.starts_with("Global");
  if (!same_space) return false;
  const Document* selector = policy.spec->find("podSelector");
  if (selector == nullptr) selector = policy.spec->find("endpointSelector");  // Cilium
  // Calico's selectors are a language of their own; that there is one is enough.
  if (policy.spec->find("selector") != nullptr) return true;
  return selects(selector, labels);
}

}  // namespace

void judge_access(const ConfigReport& report, const Manifest& manifest) {
  if (manifest.kind == "Role" || manifest.kind == "ClusterRole") judge_role(report, manifest);
  if (manifest.kind == "RoleBinding" || manifest.kind == "ClusterRoleBinding")
    judge_binding(report, manifest);
  if (manifest.kind == "ServiceAccount" && manifest.name == "default") {
    const Document* mounted = manifest.root->find("automountServiceAccountToken");
    if (!says_false(mounted))
      report.at(kServiceAccount, mounted != nullptr ? *mounted : *manifest.root,
                "every pod of the namespace mounts this token; write `automountServiceAccountToken: false`");
  }
}

void judge_exposure(const ConfigReport& report, const Manifest& manifest, const std::vector<Pod>& pods,
                    const Bundle& bundle) {
  if (manifest.kind == "Service" && manifest.spec != nullptr) judge_service(report, manifest);
  if (manifest.kind.starts_with("Ray") && manifest.spec != nullptr) judge_ray_head(report, manifest);
  if (manifest.kind == "Ingress" && manifest.spec != nullptr) judge_ingress(report, manifest, bundle);
  for (const Pod& pod : pods) {
    // Steps of a workflow and jobs listen to nobody; patches do not say their labels.
    if (pod.partial || is_workflow(manifest) || manifest.kind == "Job" || manifest.kind == "CronJob")
      continue;
    const Document* labels = pod.metadata == nullptr ? nullptr : map_under(*pod.metadata, "labels");
    const bool isolated = std::ranges::any_of(bundle.manifests, [&](const Manifest& other) {
      return is_network_policy(other) && isolates(other, manifest, labels);
    });
    if (isolated) continue;
    const Purpose purpose = purpose_of(manifest, pod);
    const bool medium = purpose.serves_models && !purpose.is_system;
    report.at(kNotIsolated, *pod.spec,
              "no NetworkPolicy " + std::string(bundle.complete ? "of this directory" : "of this file") +
                  " selects the pod of " + std::string(manifest.kind) + " " + std::string(manifest.name),
              medium ? kNotIsolated.severity : Severity::Low);
  }
}

}  // namespace bulwark::scan::inspectors
