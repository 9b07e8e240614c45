#pragma once
// The parts of the Kubernetes inspector: each judges one side of the manifests of one file.

#include <vector>

#include "scan/formats/kubernetes.h"
#include "scan/inspectors/config_report.h"

namespace bulwark::scan::inspectors {

// The objects that a file is deployed with: its own and those of other files in its directory.
struct Bundle {
  std::vector<Manifest> manifests;
  bool complete = false;  // the directory was there to look at, and all of it was read
};

// What a pod is for, as far as severity depends on it.
struct Purpose {
  bool serves_models = false;  // a model server, registry, notebook or dashboard by image, port, label or GPU
  bool is_system = false;      // lives in kube-system: drivers and agents that need the node
};
[[nodiscard]] Purpose purpose_of(const Manifest& manifest, const Pod& pod);

// A workflow or template of Argo: its steps are pods with rules of their own (BW-KF).
[[nodiscard]] bool is_workflow(const Manifest& manifest);

// BW-K8-001..012, 016, 019, 020, 022.
void judge_pod(const ConfigReport& report, const Manifest& manifest, const Pod& pod);
// BW-K8-013..015, 021 and ServiceAccounts (012).
void judge_access(const ConfigReport& report, const Manifest& manifest);
// BW-K8-017 and 018.
void judge_exposure(const ConfigReport& report, const Manifest& manifest, const std::vector<Pod>& pods,
                    const Bundle& bundle);
// BW-KS-001..006.
void judge_kserve(const ConfigReport& report, const Manifest& manifest, const std::vector<Pod>& pods);
// BW-KF-001..005.
void judge_workflow(const ConfigReport& report, const Manifest& manifest, const std::vector<Pod>& pods,
                    const Bundle& bundle);

}  // namespace bulwark::scan::inspectors
