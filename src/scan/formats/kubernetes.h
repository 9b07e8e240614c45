#pragma once
// Kubernetes manifests: which objects a stream holds and which pods they start. Pure reading, no judgement.
//
// Pods are found by their shape (a map with a list `containers`), not by a list of kinds: custom resources
// that start pods (Kubeflow jobs, Ray clusters, KServe runtimes …) come faster than lists of them.

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"

namespace bulwark::scan {

// One object. All pointers and views point into the documents it was read from.
struct Manifest {
  const Document* root = nullptr;  // never null
  std::string_view api_version;
  std::string_view kind;
  std::string_view name;               // metadata.name or generateName
  std::string_view space;              // metadata.namespace; empty if unsaid
  const Document* metadata = nullptr;  // null if there is none
  const Document* spec = nullptr;      // null if there is none

  // "apps/v1" has the group "apps", "v1" none.
  [[nodiscard]] std::string_view group() const;
};

// Objects of all documents, lists (`kind: List`, `items`) flattened. Maps without apiVersion and kind are
// none.
[[nodiscard]] std::vector<Manifest> manifests_of(const std::vector<Document>& documents);

enum class Role : std::uint8_t { Main, Init, Ephemeral, Sidecar };

struct Container {
  const Document* value = nullptr;  // never null
  Role role = Role::Main;
  std::string_view name;
  const Document* image = nullptr;             // null if there is none
  const Document* security_context = nullptr;  // null if there is none
};

// What one object starts.
struct Pod {
  const Document* spec = nullptr;      // never null
  const Document* metadata = nullptr;  // labels and annotations of the pod; null if there are none
  std::vector<Container> containers;
  // Everything that the pod must have is written elsewhere: a patch of Kustomize, or a KServe model whose
  // runtime brings the container. What is missing here is no fact.
  bool partial = false;
};
// At most 10,000 of them.
[[nodiscard]] std::vector<Pod> pods_of(const Manifest& manifest);

// The value that counts for one container: its own, else the pod's. Null if neither says it.
[[nodiscard]] const Document* effective(const Pod& pod, const Container& container, std::string_view key);

// Text of an annotation or a label of the metadata, or empty.
[[nodiscard]] std::string_view annotation(const Document* metadata, std::string_view name);
[[nodiscard]] std::string_view label(const Document* metadata, std::string_view name);

// A scalar with `{{`, `$(` or `${` in it: filled in later, so nothing can be said about it.
[[nodiscard]] bool is_placeholder(std::string_view text);

// Whether a labelSelector (matchLabels, matchExpressions; an empty one selects everything) selects these
// labels.
[[nodiscard]] bool selects(const Document* selector, const Document* labels);

}  // namespace bulwark::scan
