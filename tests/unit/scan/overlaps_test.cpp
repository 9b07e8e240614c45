// One defect is one finding; see docs/decisions/20261120-one-defect-one-finding.md.

#include <gtest/gtest.h>

#include <algorithm>

#include "base/byte_reader.h"
#include "base/text.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

Report scanned(const std::string& name, const std::string& text) {
  return scan_named(name, bytes_of(text));
}

const Finding* find(const Report& report, std::string_view rule) {
  const auto found =
      std::ranges::find_if(report.findings, [&](const Finding& one) { return one.rule->id == rule; });
  return found == report.findings.end() ? nullptr : &*found;
}

std::size_t of_credentials(const Report& report) {
  return static_cast<std::size_t>(std::ranges::count_if(report.findings, [](const Finding& one) {
    return one.severity > Severity::Info && one.rule->controls.find("SC-SECRET") != std::string_view::npos;
  }));
}

// Made up here, so that no scanner of repositories takes this file for a leak.
const std::string kToken = std::string("ghp_") + "jrvnWPQbLrWhMgJvIYPbJzZyj9k8Xh1YCpRf";

TEST(Overlaps, ASecretInADockerfileIsOneFinding) {
  const Report report = scanned("Dockerfile", "FROM scratch\nENV GITHUB_TOKEN=" + kToken + "\n");
  EXPECT_EQ(of_credentials(report), 1U);
  const Finding* place = find(report, "BW-DF-004");
  ASSERT_NE(place, nullptr);
  EXPECT_EQ(place->severity, Severity::Critical);
  const auto note = std::ranges::find_if(
      report.findings, [](const Finding& one) { return one.rule->id.starts_with("BW-SEC-"); });
  ASSERT_NE(note, report.findings.end());
  EXPECT_EQ(note->severity, Severity::Info);
  EXPECT_NE(note->message.find("BW-DF-004"), std::string::npos);
}

TEST(Overlaps, ASecretThatOnlyTheSearchKnowsKeepsItsSeverity) {
  const Report report = scanned("Dockerfile", "FROM scratch\n# " + kToken + "\nENV A=1\n");
  EXPECT_EQ(of_credentials(report), 1U);
  EXPECT_EQ(find(report, "BW-DF-004"), nullptr);
}

TEST(Overlaps, SecretsOfTwoLinesAreTwo) {
  const Report report =
      scanned("Dockerfile", "FROM scratch\nENV GITHUB_TOKEN=" + kToken + "\n# " + std::string("xoxb-") +
                                "173290484495-003249668502-fOnpCBDAkWTGhWiOalTlINXn\n");
  EXPECT_EQ(of_credentials(report), 2U);
}

TEST(Overlaps, ABrokenManifestIsOneGap) {
  const Report report = scanned("deploy.yaml",
                                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n"
                                "  x: !!python/name:os.system\nspec:\n  {{- if .Values.a }}\n");
  ASSERT_EQ(report.gaps.size(), 1U);
  EXPECT_EQ(report.gaps[0].reason, GapReason::Unsupported);
  EXPECT_NE(find(report, "BW-YAML-001"), nullptr) << "what was seen before the defect is still said";
}

}  // namespace
}  // namespace bulwark::test
