// Whole reports over the example repositories: what an owner reads.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/document.h"
#include "base/limits.h"
#include "support/golden.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

// What the program prints when it is run in that tree.
std::string scan(const std::string& name, const std::string& options) {
  const std::string tree = std::string(BULWARK_SOURCE_DIR) + "/tests/fixtures/repositories/" + name;
  const std::string command =
      "cd '" + tree + "' && HOME=/nonexistent XDG_CACHE_HOME=/nonexistent XDG_DATA_HOME=/nonexistent '" +
      std::string(BULWARK_PROGRAM) + "' scan . --no-color " + options + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot run " << command;
    return {};
  }
  std::string output;
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, size);
  pclose(pipe);
  const std::size_t version = output.find("\"version\": \"");
  if (version != std::string::npos) {
    const std::size_t begin = version + std::string("\"version\": \"").size();
    output.replace(begin, output.find('"', begin) - begin, "0.0.0");
  }
  return output;
}

Document parsed(const std::string& text) {
  auto document = parse_json(text, Limits{});
  EXPECT_TRUE(document) << text.substr(0, 400);
  return document ? std::move(document->root) : Document{};
}

class Repository : public testing::TestWithParam<const char*> {};
using Realistic = Repository;
using Benign = Repository;

TEST_P(Realistic, ReportsAreAsKept) {
  const std::string name = GetParam();
  expect_golden("scan/" + name + ".txt", scan(name, "--verbose"));
  expect_golden("scan/" + name + ".json", scan(name, "--format json"));
}
INSTANTIATE_TEST_SUITE_P(GoldenScan, Realistic,
                         testing::Values("tabular-mlflow-airflow", "llm-rag-agents", "kserve-triton"));

TEST_P(Benign, HasNothingAboveLowAndNoGap) {
  const Document report = parsed(scan(GetParam(), "--format json"));
  const Document* findings = report.find("findings");
  ASSERT_NE(findings, nullptr);
  for (const Document& finding : findings->list) {
    const std::string_view severity = finding.text("severity");
    EXPECT_TRUE(severity == "info" || severity == "low")
        << finding.text("rule") << " in " << finding.text("path") << ": " << finding.text("message");
  }
  const Document* gaps = report.find("gaps");
  ASSERT_NE(gaps, nullptr);
  EXPECT_TRUE(gaps->list.empty()) << gaps->list.front().text("why");
}
INSTANTIATE_TEST_SUITE_P(Repositories, Benign,
                         testing::Values("benign-tabular", "benign-llm", "benign-kserve"));

}  // namespace
}  // namespace bulwark::test
