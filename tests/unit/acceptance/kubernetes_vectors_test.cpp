// checkov's and kube-linter's fixtures: the checks that one of our rules corresponds to. Where we differ, the
// reason stands in the table of exceptions.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "misconfig_vectors.h"

namespace bulwark::test {
namespace {

// `only`: what the message must say, where our rule covers more than the check.
struct Mapped {
  std::string_view check, rule, only;
};
constexpr std::array kCheckov = {
    Mapped{"CKV_K8S_11", "BW-K8-016", "cpu"},  Mapped{"CKV_K8S_13", "BW-K8-016", "memory"},
    Mapped{"CKV_K8S_16", "BW-K8-001", ""},     Mapped{"CKV_K8S_17", "BW-K8-004", ""},
    Mapped{"CKV_K8S_18", "BW-K8-004", ""},     Mapped{"CKV_K8S_19", "BW-K8-004", ""},
    Mapped{"CKV_K8S_20", "BW-K8-002", ""},     Mapped{"CKV_K8S_23", "BW-K8-003", ""},
    Mapped{"CKV_K8S_25", "BW-K8-008", "adds"}, Mapped{"CKV_K8S_27", "BW-K8-005", ""},
    Mapped{"CKV_K8S_28", "BW-K8-008", ""},     Mapped{"CKV_K8S_31", "BW-K8-019", ""},
    Mapped{"CKV_K8S_35", "BW-K8-011", ""},     Mapped{"CKV_K8S_37", "BW-K8-008", ""},
    Mapped{"CKV_K8S_38", "BW-K8-012", ""},     Mapped{"CKV_K8S_41", "BW-K8-012", ""},
    Mapped{"CKV_K8S_43", "BW-K8-009", ""},     Mapped{"CKV_K8S_155", "BW-K8-021", ""},
    Mapped{"CKV_K8S_158", "BW-K8-021", ""},    Mapped{"CKV_K8S_159", "BW-K8-020", ""},
};
constexpr std::array kKubeLinter = {
    Mapped{"access-to-create-pods", "BW-K8-015", ""},
    Mapped{"access-to-secrets", "BW-K8-015", ""},
    Mapped{"cluster-admin-role-binding", "BW-K8-013", ""},
    Mapped{"default-service-account", "BW-K8-012", ""},
    Mapped{"docker-sock", "BW-K8-005", ""},
    Mapped{"drop-net-raw-capability", "BW-K8-008", ""},
    Mapped{"env-var-secret", "BW-K8-010", ""},
    Mapped{"host-ipc", "BW-K8-004", ""},
    Mapped{"host-network", "BW-K8-004", ""},
    Mapped{"host-pid", "BW-K8-004", ""},
    Mapped{"latest-tag", "BW-K8-009", "moves"},
    Mapped{"no-read-only-root-fs", "BW-K8-007", ""},
    Mapped{"non-isolated-pod", "BW-K8-017", ""},
    Mapped{"privilege-escalation-container", "BW-K8-002", ""},
    Mapped{"privileged-container", "BW-K8-001", ""},
    Mapped{"run-as-non-root", "BW-K8-003", ""},
    Mapped{"sensitive-host-mounts", "BW-K8-006", ""},
    Mapped{"unsafe-proc-mount", "BW-K8-022", ""},
    Mapped{"unset-cpu-requirements", "BW-K8-016", "cpu"},
    Mapped{"unset-memory-requirements", "BW-K8-016", "memory"},
    Mapped{"wildcard-in-rules", "BW-K8-014", ""},
    Mapped{"writable-host-mount", "BW-K8-006", ""},
};

struct Exception {
  std::string_view file, check, reason;
};
constexpr std::array kDifferent = {
    Exception{"cassandra-FAILED.yaml", "CKV_K8S_25",
              "IPC_LOCK is what databases need and no way out of the container"},
    Exception{"rootContainersFAILED-malformed-spec.yaml", "CKV_K8S_23",
              "`spec` is a list: no API server takes it and no container can be named"},
    Exception{"rootContainersUNKNOWN.yaml", "CKV_K8S_23",
              "a container without its dash is judged as it is meant"},
    Exception{"pod-requests-limits-UNKNOWN.yaml", "CKV_K8S_11", "`resources` is a list and so sets no limit"},
    Exception{"pod-requests-limits-UNKNOWN.yaml", "CKV_K8S_13", "`resources` is a list and so sets no limit"},
};

std::size_t raised(const Report& report, const Mapped& mapped) {
  std::size_t count = 0;
  for (const Finding& finding : report.findings) {
    const bool said = mapped.only.empty() || finding.message.find(mapped.only) != std::string::npos;
    count += finding.rule->id == mapped.rule && said ? 1U : 0U;
  }
  return count;
}

template <std::size_t N>
const Mapped* find(const std::array<Mapped, N>& list, std::string_view check) {
  const auto found = std::ranges::find(list, check, &Mapped::check);
  return found == list.end() ? nullptr : &*found;
}

TEST(KubernetesVectors, AgreeWithCheckovFileByFile) {
  const std::string folder = misconfig_folder("checkov-k8s");
  if (folder.empty()) GTEST_SKIP() << "no shared vectors here";
  std::size_t compared = 0;
  for (const auto& row : rows_of(folder + "MANIFEST.tsv")) {
    const Mapped* mapped = find(kCheckov, row.at(1));
    if (mapped == nullptr) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder + row[0])) {
      const std::string name = entry.path().filename().string();
      const bool listed = std::ranges::any_of(
          kDifferent, [&](const Exception& one) { return one.file == name && one.check == row[1]; });
      if (listed) continue;
      ++compared;
      const bool fails = lower(name).find("failed") != std::string::npos;
      const bool ours = raised(scan_vector(folder + row[0] + "/", name), *mapped) > 0;
      EXPECT_EQ(ours, fails) << row[1] << " " << mapped->rule << " " << row[0] << "/" << name;
    }
  }
  EXPECT_GT(compared, 60U);
}

TEST(KubernetesVectors, RaiseWhatKubeLinterReports) {
  const std::string folder = misconfig_folder("kube-linter");
  if (folder.empty()) GTEST_SKIP() << "no shared vectors here";
  std::size_t compared = 0;
  for (const auto& row : rows_of(folder + "MANIFEST.tsv")) {
    const Mapped* mapped = find(kKubeLinter, row.at(1));
    if (mapped == nullptr) continue;
    ++compared;
    EXPECT_GT(raised(scan_vector(folder, row[0]), *mapped), 0U)
        << row[1] << " " << mapped->rule << " " << row[0];
  }
  EXPECT_GT(compared, 15U);
}

TEST(KubernetesVectors, AgreeWithCheckovOnWorkflows) {
  const std::string folder = misconfig_folder("checkov-argo");
  if (folder.empty()) GTEST_SKIP() << "no shared vectors here";
  for (const auto& row : rows_of(folder + "MANIFEST.tsv")) {
    const std::string_view rule = row.at(1) == "CKV_ARGO_1" ? "BW-KF-001" : "BW-KF-002";
    EXPECT_EQ(has_rule(scan_vector(folder, row[0]), rule), row.at(3) == "fail") << row[0];
  }
}

}  // namespace
}  // namespace bulwark::test
