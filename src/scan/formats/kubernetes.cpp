#include "scan/formats/kubernetes.h"

#include <algorithm>
#include <array>

#include "scan/formats/yaml_source.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kMostPods = 10'000;

// Bounded by the depth the parser allows.
void collect(const Document& value, std::vector<Manifest>& found) {
  for (const Document& item : value.list) collect(item, found);
  if (!value.is_map()) return;
  const std::string_view kind = value.text("kind");
  const std::string_view version = value.text("apiVersion");
  if (kind.empty() || version.empty()) return;
  if (kind.ends_with("List") && value.find("items") != nullptr) {
    for (const Document& item : list_under(value, "items")) collect(item, found);
    return;
  }
  Manifest manifest{.root = &value,
                    .api_version = version,
                    .kind = kind,
                    .metadata = map_under(value, "metadata"),
                    .spec = map_under(value, "spec")};
  if (manifest.metadata != nullptr) {
    manifest.name = manifest.metadata->text("name");
    if (manifest.name.empty()) manifest.name = manifest.metadata->text("generateName");
    manifest.space = manifest.metadata->text("namespace");
  }
  found.push_back(manifest);
}

Container container_of(const Document& value, Role role) {
  return {.value = &value,
          .role = role,
          .name = value.text("name"),
          .image = value.find("image"),
          .security_context = map_under(value, "securityContext")};
}

void add_containers(const Document& spec, std::string_view key, Role role, std::vector<Container>& out) {
  for (const Document& value : list_under(spec, key)) {
    if (value.is_map()) out.push_back(container_of(value, role));
  }
  // A single container without the dash: refused by the API server, and yet what its author meant.
  const Document* single = map_under(spec, key);
  if (single != nullptr && single->find("image") != nullptr) out.push_back(container_of(*single, role));
}

Pod pod_of(const Document& spec, const Document* metadata) {
  Pod pod{.spec = &spec, .metadata = metadata, .containers = {}};
  add_containers(spec, "initContainers", Role::Init, pod.containers);
  add_containers(spec, "containers", Role::Main, pod.containers);
  add_containers(spec, "ephemeralContainers", Role::Ephemeral, pod.containers);
  return pod;
}

bool is_pod_spec(const Document& value) {
  return std::ranges::any_of(std::array{"containers", "initContainers"}, [&](std::string_view key) {
    const Document* single = map_under(value, key);
    return (single != nullptr && single->find("image") != nullptr) ||
           std::ranges::any_of(list_under(value, key), [](const Document& item) { return item.is_map(); });
  });
}

// The pod of a kind that always has one, though its text names no container.
const Document* bare_template(const Manifest& manifest) {
  if (manifest.spec == nullptr) return nullptr;
  const Document* outer = value_at(*manifest.spec, {"jobTemplate", "spec", "template"});
  return outer != nullptr ? outer : map_under(*manifest.spec, "template");
}

// Bounded by the depth the parser allows.
void find_pods(const Document& value, const Document* around, std::vector<Pod>& found) {
  if (found.size() >= kMostPods) return;
  if (is_pod_spec(value)) {
    const Document* metadata = around == nullptr ? nullptr : map_under(*around, "metadata");
    found.push_back(pod_of(value, metadata));
    return;
  }
  for (const auto& [key, inner] : value.map) find_pods(inner, &value, found);
  for (const Document& inner : value.list) find_pods(inner, &value, found);
}

// spec.predictor.model, or the older spec.predictor.sklearn: a container without a list around it.
void find_model_servers(const Manifest& manifest, std::vector<Pod>& found) {
  if (manifest.spec == nullptr) return;
  for (const std::string_view part : {"predictor", "transformer", "explainer"}) {
    const Document* component = map_under(*manifest.spec, part);
    if (component == nullptr) continue;
    if (is_pod_spec(*component)) continue;  // found by its shape
    Pod pod = pod_of(*component, manifest.metadata);
    for (const auto& [key, value] : component->map) {
      const bool server =
          value.is_map() && (value.find("storageUri") != nullptr || value.find("modelFormat") != nullptr ||
                             value.find("storage") != nullptr || value.find("args") != nullptr);
      if (server) pod.containers.push_back(container_of(value, Role::Main));
    }
    pod.partial = true;
    if (!pod.containers.empty()) found.push_back(std::move(pod));
  }
}

// A template of an Argo workflow is a pod of its own; what all of them share stands in the spec of the
// workflow.
void find_steps(const Document& workflow, std::vector<Pod>& found) {
  for (const Document& step : list_under(workflow, "templates")) {
    Pod pod{.spec = &workflow, .metadata = map_under(step, "metadata"), .containers = {}};
    for (const std::string_view key : {"container", "script"})
      if (const Document* value = map_under(step, key))
        pod.containers.push_back(container_of(*value, Role::Main));
    if (const Document* set = map_under(step, "containerSet"))
      add_containers(*set, "containers", Role::Main, pod.containers);
    add_containers(step, "initContainers", Role::Init, pod.containers);
    add_containers(step, "sidecars", Role::Sidecar, pod.containers);
    if (!pod.containers.empty() && found.size() < kMostPods) found.push_back(std::move(pod));
  }
}

bool has_images(const std::vector<Pod>& pods) {
  return std::ranges::any_of(pods, [](const Pod& pod) {
    return std::ranges::any_of(pod.containers, [](const Container& c) { return c.image != nullptr; });
  });
}

std::string_view entry_of(const Document* metadata, std::string_view map, std::string_view name) {
  if (metadata == nullptr) return {};
  const Document* entries = map_under(*metadata, map);
  const Document* value = entries == nullptr ? nullptr : entries->find(name);
  return value == nullptr ? std::string_view() : std::string_view(value->string);
}

bool matches(const Document& expression, const Document* labels) {
  const Document* value = labels == nullptr ? nullptr : labels->find(expression.text("key"));
  const std::string_view verb = expression.text("operator");
  const auto listed = [&] {
    return value != nullptr &&
           std::ranges::any_of(list_under(expression, "values"),
                               [&](const Document& one) { return one.string == value->string; });
  };
  if (verb == "In") return listed();
  if (verb == "NotIn") return !listed();
  if (verb == "Exists") return value != nullptr;
  if (verb == "DoesNotExist") return value == nullptr;
  return false;
}

}  // namespace

std::string_view Manifest::group() const {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

std::vector<Manifest> manifests_of(const std::vector<Document>& documents) {
  std::vector<Manifest> found;
  for (const Document& document : documents) collect(document, found);
  return found;
}

std::vector<Pod> pods_of(const Manifest& manifest) {
  std::vector<Pod> found;
  if (manifest.group() == "argoproj.io" && manifest.spec != nullptr) {
    find_steps(*manifest.spec, found);
    if (const Document* inner = map_under(*manifest.spec, "workflowSpec")) find_steps(*inner, found);
    if (!found.empty()) return found;
  }
  find_pods(*manifest.root, nullptr, found);
  if (found.empty()) {
    const Document* bare = bare_template(manifest);
    const Document* spec = bare == nullptr ? nullptr : map_under(*bare, "spec");
    if (spec != nullptr) found.push_back(pod_of(*spec, map_under(*bare, "metadata")));
  }
  if (manifest.kind == "InferenceService") {
    for (Pod& pod : found)
      if (pod.metadata == nullptr) pod.metadata = manifest.metadata;
    find_model_servers(manifest, found);
  }
  const bool complete = has_images(found) || manifest.kind == "Pod" ||
                        (manifest.spec != nullptr && manifest.spec->find("selector") != nullptr);
  if (!complete)
    for (Pod& pod : found) pod.partial = true;
  return found;
}

const Document* effective(const Pod& pod, const Container& container, std::string_view key) {
  if (container.security_context != nullptr) {
    const Document* own = container.security_context->find(key);
    if (own != nullptr) return own;
  }
  const Document* shared = map_under(*pod.spec, "securityContext");
  return shared == nullptr ? nullptr : shared->find(key);
}

std::string_view annotation(const Document* metadata, std::string_view name) {
  return entry_of(metadata, "annotations", name);
}
std::string_view label(const Document* metadata, std::string_view name) {
  return entry_of(metadata, "labels", name);
}

bool is_placeholder(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("$(") != std::string_view::npos ||
         text.find("${") != std::string_view::npos || text.find("<%") != std::string_view::npos;
}

bool selects(const Document* selector, const Document* labels) {
  if (selector == nullptr || !selector->is_map()) return true;
  const Document* wanted = map_under(*selector, "matchLabels");
  if (wanted != nullptr) {
    for (const auto& [key, value] : wanted->map) {
      const Document* has = labels == nullptr ? nullptr : labels->find(key);
      if (has == nullptr || has->string != value.string) return false;
    }
  }
  return std::ranges::all_of(list_under(*selector, "matchExpressions"),
                             [&](const Document& expression) { return matches(expression, labels); });
}

}  // namespace bulwark::scan
