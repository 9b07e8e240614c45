// The shared Dockerfile cases of two peers, wherever a rule of ours asks the same question.

#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "base/document.h"
#include "base/text.h"
#include "support/support.h"

namespace bulwark {
namespace {

// Peer check -> our rule.
const std::map<std::string, std::string, std::less<>> kRules = {
    {"CKV_DOCKER_1", "BW-DF-012"},   {"CKV_DOCKER_3", "BW-DF-001"},   {"CKV_DOCKER_4", "BW-DF-011"},
    {"CKV_DOCKER_7", "BW-DF-002"},   {"CKV_DOCKER_8", "BW-DF-001"},   {"CKV2_DOCKER_1", "BW-DF-012"},
    {"CKV2_DOCKER_2", "BW-DF-006"},  {"CKV2_DOCKER_3", "BW-DF-006"},  {"CKV2_DOCKER_4", "BW-DF-006"},
    {"CKV2_DOCKER_5", "BW-DF-006"},  {"CKV2_DOCKER_6", "BW-DF-006"},  {"CKV2_DOCKER_7", "BW-DF-007"},
    {"CKV2_DOCKER_8", "BW-DF-007"},  {"CKV2_DOCKER_9", "BW-DF-007"},  {"CKV2_DOCKER_10", "BW-DF-007"},
    {"CKV2_DOCKER_11", "BW-DF-007"}, {"CKV2_DOCKER_12", "BW-DF-006"}, {"CKV2_DOCKER_13", "BW-DF-006"},
    {"CKV2_DOCKER_14", "BW-DF-006"}, {"CKV2_DOCKER_15", "BW-DF-006"}, {"CKV2_DOCKER_16", "BW-DF-006"},
    {"DS-0001", "BW-DF-002"},        {"DS-0002", "BW-DF-001"},        {"DS-0004", "BW-DF-012"},
    {"DS-0005", "BW-DF-011"},        {"DS-0010", "BW-DF-012"},        {"DS-0031", "BW-DF-004"},
};

// Fixtures in which the peer counts one instruction more than we do. Their last line is
// `LOL='123\'' NAME='0' git clone …`: a shell knows no escape inside of single quotes, so it reads one quote
// that never ends and sets nothing. The verdict over the file is the same.
const std::set<std::string, std::less<>> kOneLess = {
    "graph_checks/EnvGitSslNoVerify/fail/Dockerfile.run.quotes",
    "graph_checks/EnvNodeTlsRejectUnauthorized/fail/Dockerfile.run.quotes",
    "graph_checks/EnvNpmConfigStrictSsl/fail/Dockerfile.run.quotes",
    "graph_checks/EnvPythonHttpsVerify/fail/Dockerfile.run.quotes",
};

std::set<std::uint32_t> lines_of(std::string_view rule, const std::string& dockerfile) {
  std::set<std::uint32_t> lines;
  for (const Finding& finding : test::scan_named("Dockerfile", bytes_of(dockerfile)).findings)
    if (finding.rule->id == rule) lines.insert(finding.place.line);
  return lines;
}

std::string folder() {
  const std::string shared = test::shared_folder();
  return shared.empty() ? shared : shared + "/vectors/misconfig/";
}

TEST(DockerfileVectors, EveryCaseOfTheFirstPeerAgrees) {
  if (folder().empty()) GTEST_SKIP() << "../shared/vectors is not there";
  std::istringstream manifest(test::read_file(folder() + "checkov-dockerfile/MANIFEST.tsv"));
  std::string row;
  std::getline(manifest, row);
  std::size_t judged = 0;
  while (std::getline(manifest, row)) {
    const auto cells = split(row, '\t');
    const auto rule = kRules.find(cells.at(1));
    if (rule == kRules.end()) continue;
    ++judged;
    const std::string fixture(cells.at(0));
    const auto lines = lines_of(rule->second, test::read_file(folder() + "checkov-dockerfile/" + fixture));
    EXPECT_EQ(!lines.empty(), cells.at(3) == "fail") << fixture;
    std::size_t expected = 0;
    const std::string_view count = trim(cells.at(5));
    std::from_chars(count.data(), count.data() + count.size(), expected);
    if (expected > 0) {
      EXPECT_EQ(lines.size(), expected - (kOneLess.contains(fixture) ? 1 : 0)) << fixture;
    }
  }
  EXPECT_GE(judged, 50U);
}

TEST(DockerfileVectors, EveryCaseOfTheSecondPeerAgrees) {
  if (folder().empty()) GTEST_SKIP() << "../shared/vectors is not there";
  std::istringstream cases(test::read_file(folder() + "trivy-docker/cases.jsonl"));
  std::string row;
  std::size_t judged = 0;
  while (std::getline(cases, row)) {
    const auto parsed = parse_json(row, Limits{});
    ASSERT_TRUE(parsed) << row;
    const auto rule = kRules.find(parsed->root.text("check"));
    if (rule == kRules.end()) continue;
    ++judged;
    const auto lines = lines_of(rule->second, std::string(parsed->root.text("dockerfile")));
    EXPECT_EQ(!lines.empty(), parsed->root.text("expect") == "fail") << parsed->root.text("case");
  }
  EXPECT_GE(judged, 40U);
}

}  // namespace
}  // namespace bulwark
