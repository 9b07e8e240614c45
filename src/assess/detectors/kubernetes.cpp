// Objects of a cluster, by kind; charts and kustomizations.

#include <algorithm>
#include <array>

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, "chart.yaml", "Helm chart"},
    {In::Path, "kustomization.y*ml", "Kustomize"},
};

// Groups of Kubernetes itself; those of operators belong to the components that they run.
constexpr std::array<std::string_view, 8> kGroups = {
    "apps",   "batch",       "networking.k8s.io", "rbac.authorization.k8s.io",
    "policy", "autoscaling", "storage.k8s.io",    "gateway.networking.k8s.io"};

void look(const File& file, Findings& findings) {
  for (const Manifest& manifest : file.manifests) {
    const std::size_t slash = manifest.api.find('/');
    const std::string_view group = std::string_view(manifest.api).substr(0, slash);
    if (slash == std::string::npos ? manifest.api != "v1"
                                   : std::ranges::find(kGroups, group) == kGroups.end())
      continue;
    findings.add(Kind::Kubernetes, manifest.kind, Confidence::Sure, file, manifest.line,
                 manifest.kind + " " + manifest.name, "declares a " + manifest.kind);
  }
}

}  // namespace

const Detector kubernetes{.kind = Kind::Kubernetes, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
