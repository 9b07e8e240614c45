// zizmor's fixtures: the audits that one of our rules corresponds to, line by line. Where we differ, the
// reason stands in the table of exceptions.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "misconfig_vectors.h"

namespace bulwark::test {
namespace {

const std::map<std::string, std::string, std::less<>> kRuleOf = {
    {"unpinned-uses", "BW-GH-001"},      {"template-injection", "BW-GH-002"},
    {"dangerous-triggers", "BW-GH-003"}, {"excessive-permissions", "BW-GH-004"},
    {"artipacked", "BW-GH-005"},         {"self-hosted-runner", "BW-GH-006"},
    {"secrets-inherit", "BW-GH-007"},    {"overprovisioned-secrets", "BW-GH-007"},
    {"cache-poisoning", "BW-GH-008"},    {"github-env", "BW-GH-009"},
    {"insecure-commands", "BW-GH-010"},  {"typosquat-uses", "BW-GH-012"},
    {"unpinned-images", "BW-GH-013"},
};

struct Exception {
  std::string_view fixture, rule, reason;
};
constexpr std::array kNotRaisedThere = {
    Exception{"anchors/dummy-job-anchors.yml", "BW-GH-005",
              "an aliased step is reported where it is written"},
    Exception{"anchors/flow-mapping-step.yml", "BW-GH-005",
              "an aliased step is reported where it is written"},
    Exception{"artipacked.yml", "BW-GH-005",
              "persist-credentials: true is reported at its own line, two below"},
    Exception{"artipacked/issue-1709-repro.yml", "BW-GH-005",
              "the computed value is reported at its own line"},
    Exception{"artipacked/issue-1769-repro.yml", "BW-GH-005", "reported at the step, not at its `with`"},
    Exception{"insecure-commands.yml", "BW-GH-010", "reported at the variable, one line below its `env`"},
    Exception{"insecure-commands/issue-839-repro.yml", "BW-GH-010", "reported at the variable"},
    Exception{"template-injection/issue-1638-repro.yml", "BW-GH-002",
              "names of users have no special characters"},
    Exception{"template-injection/issue-1664-repro.yml", "BW-GH-002",
              "secrets and literals are nobody else's text"},
    Exception{"template-injection/issue-1903-repro.yml", "BW-GH-002", "the number of an issue is a number"},
    Exception{"template-injection/issue-988-repro.yml", "BW-GH-002",
              "names of events and repositories are safe"},
    Exception{"unpinned-images.yml", "BW-GH-013", "what an expression computes is not known"},
    Exception{"unpinned-images/urllib3-empty-matrix-container.yml", "BW-GH-013",
              "the same: container: ${{ matrix… }}"},
};

// Fixtures without a finding of that audit in which we raise the rule above `low`.
constexpr std::array kRaisedBesides = {
    Exception{"cache-poisoning/issue-2320-repro.yml", "BW-GH-001", "silenced by a comment for zizmor"},
    Exception{"forbidden-uses/forbidden-uses-menagerie.yml", "BW-GH-001",
              "its configuration runs one audit only"},
    Exception{"invalid/issue-1395-repro-duplicate-mapping-keys.yml", "BW-GH-004",
              "duplicate keys: the last one is read"},
    Exception{"overprovisioned-secrets.yml", "BW-GH-007",
              "the third one is silenced by a comment for zizmor"},
    Exception{"undocumented-permissions.yml", "BW-GH-004", "silenced by a comment for zizmor"},
    Exception{"undocumented-permissions/documented.yml", "BW-GH-004", "silenced by a comment for zizmor"},
    Exception{"undocumented-permissions/partially-documented.yml", "BW-GH-004",
              "silenced by a comment for zizmor"},
};

template <std::size_t N>
bool is_listed(const std::array<Exception, N>& list, std::string_view fixture, std::string_view rule) {
  return std::ranges::any_of(
      list, [&](const Exception& one) { return one.fixture == fixture && one.rule == rule; });
}

using Lines = std::map<std::pair<std::string, std::string>, std::set<std::uint32_t>>;

Lines expected_lines(const std::string& folder) {
  Lines expected;
  for (const auto& row : rows_of(folder + "findings.tsv")) {
    const auto rule = kRuleOf.find(row.at(3));
    if (rule != kRuleOf.end())
      expected[{row[0], rule->second}].insert(static_cast<std::uint32_t>(std::stoul(row.at(6))));
  }
  return expected;
}

bool is_of_another_kind(const std::string& fixture) {
  return fixture.ends_with('/') || fixture.find("dependabot") != std::string::npos ||
         fixture.find("pre-commit") != std::string::npos;
}

TEST(GithubVectors, EveryFindingOfTheFixturesIsRaisedAtItsLine) {
  const std::string folder = misconfig_folder("zizmor");
  if (folder.empty()) GTEST_SKIP() << "no shared vectors here";
  std::size_t compared = 0;
  for (const auto& [key, lines] : expected_lines(folder)) {
    const auto& [fixture, rule] = key;
    if (is_of_another_kind(fixture)) continue;
    const std::set<std::uint32_t> raised = lines_of(scan_vector(folder, fixture), rule);
    for (const std::uint32_t line : lines) {
      ++compared;
      if (is_listed(kNotRaisedThere, fixture, rule)) continue;
      EXPECT_TRUE(raised.contains(line)) << fixture << ": " << rule << " at line " << line;
    }
  }
  EXPECT_GT(compared, 80U);
}

TEST(GithubVectors, NothingIsRaisedAboveLowWhereTheFixturesHaveNoFinding) {
  const std::string folder = misconfig_folder("zizmor");
  if (folder.empty()) GTEST_SKIP() << "no shared vectors here";
  const Lines expected = expected_lines(folder);
  std::set<std::string> fixtures;
  for (const auto& row : rows_of(folder + "MANIFEST.tsv")) fixtures.insert(row[0]);
  for (const std::string& fixture : fixtures) {
    if (is_of_another_kind(fixture)) continue;
    for (const Finding& finding : scan_vector(folder, fixture).findings) {
      const std::string rule(finding.rule->id);
      if (!rule.starts_with("BW-GH-") || finding.severity <= Severity::Low || rule == "BW-GH-011" ||
          rule >= "BW-GH-014")
        continue;
      const auto lines = expected.find({fixture, rule});
      const bool known = lines != expected.end() && lines->second.contains(finding.place.line);
      if (known || is_listed(kRaisedBesides, fixture, rule) || is_listed(kNotRaisedThere, fixture, rule))
        continue;
      ADD_FAILURE() << fixture << ":" << finding.place.line << ": " << rule << " " << finding.message;
    }
  }
}

}  // namespace
}  // namespace bulwark::test
