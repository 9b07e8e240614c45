#include "cli/lock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/recipe.h"
#include "support/support.h"

namespace bulwark::cli {
namespace {

// What write_approvals makes of the texts of a file, read_approvals reads, and every text fits its approval.
void expect_round_trip(const std::string& path, Bytes content) {
  const auto found = scan::approvable_texts(path, content, Limits{});
  if (!found) return;
  std::vector<policy::AgentText> texts;
  for (const scan::ApprovableText& text : *found)
    texts.push_back({"some/file", text.kind, text.name, text.text});
  const auto written = policy::write_approvals(texts);
  ASSERT_TRUE(written) << written.error().message;
  const auto read = policy::read_approvals(*written);
  ASSERT_TRUE(read) << read.error().message << "\n" << *written;
  ASSERT_EQ(read->size(), texts.size()) << *written;
  for (const policy::AgentText& text : texts) {
    const auto same = std::ranges::find_if(*read, [&](const policy::Approval& approval) {
      return approval.kind == text.kind && approval.name == text.name;
    });
    ASSERT_NE(same, read->end()) << text.name;
    EXPECT_EQ(policy::compare(text, &*same)->approved, policy::Approved::AsItIs);
  }
}

TEST(Lock, FitsTheTextsThatItWasMadeOf) {
  std::size_t files = 0;
  std::mt19937_64 random(1);
  for (const std::string folder : {"agent_config", "agent_instructions"}) {
    for (const std::string& path : test::recipe_paths("tests/fixtures/" + folder)) {
      auto recipe = test::load_recipe(path);
      ASSERT_TRUE(recipe) << recipe.error().message;
      SCOPED_TRACE(path);
      expect_round_trip(recipe->name, Bytes(recipe->bytes));
      for (int round = 0; round < 50 && !recipe->bytes.empty(); ++round) {
        std::vector<std::uint8_t> damaged = recipe->bytes;
        for (int flips = round % 3; flips >= 0; --flips)
          damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
        expect_round_trip(recipe->name, Bytes(damaged));
      }
      ++files;
    }
  }
  EXPECT_GE(files, 10U);
}

ScanResult scanned(std::vector<FoundText> texts) {
  ScanResult result;
  for (const FoundText& text : texts)
    result.report.inspected.push_back({.path = text.path, .size = text.text.text.size()});
  result.agent_texts = std::move(texts);
  return result;
}

TEST(Lock, OnlyAddsFindings) {
  const auto approved = policy::write_approvals({{"AGENTS.md", "instructions", "", "a\n"}});
  const Lock lock{"bulwark.lock", *policy::read_approvals(*approved)};
  static constexpr Rule kRule{.id = "BW-AGT-004", .title = "t", .severity = Severity::High};
  ScanResult result = scanned({{"AGENTS.md", {.kind = "instructions", .name = {}, .text = "a\n"}}});
  Finding known;
  known.rule = &kRule;
  known.path = "AGENTS.md";
  result.report.findings.push_back(known);
  compare_with_lock(lock, result);
  EXPECT_EQ(test::rules_of(result.report).size(), 1U);
  EXPECT_TRUE(test::has_rule(result.report, "BW-AGT-004"));
}

// Paths start at the lock's folder, however the scan names them.
TEST(Lock, KnowsAFileByItsPlaceBesideTheLock) {
  const auto approved = policy::write_approvals({{"sub/AGENTS.md", "instructions", "", "a\n"}});
  const Lock lock{"x/repo/bulwark.lock", *policy::read_approvals(*approved)};
  for (const std::string path :
       {"x/repo/sub/AGENTS.md", "./x/repo/./sub/AGENTS.md", "x/y/../repo/sub/AGENTS.md"}) {
    ScanResult result = scanned({{path, {.kind = "instructions", .name = {}, .text = "a\n"}}});
    compare_with_lock(lock, result);
    EXPECT_TRUE(result.report.findings.empty()) << path;
  }
  ScanResult elsewhere = scanned({{"sub/AGENTS.md", {.kind = "instructions", .name = {}, .text = "a\n"}}});
  compare_with_lock(lock, elsewhere);
  EXPECT_TRUE(test::has_rule(elsewhere.report, "BW-AGT-011"));
}

}  // namespace
}  // namespace bulwark::cli
