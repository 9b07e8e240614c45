#include "policy/approvals.h"

#include <gtest/gtest.h>

namespace bulwark::policy {
namespace {

AgentText text(std::string content) {
  return {"a/AGENTS.md", "instructions", "", std::move(content)};
}

std::vector<Approval> approvals_of(const std::vector<AgentText>& texts) {
  const auto written = write_approvals(texts);
  EXPECT_TRUE(written);
  auto read = read_approvals(*written);
  EXPECT_TRUE(read) << read.error().message;
  return std::move(*read);
}

std::string complaint(std::string_view lock) {
  const auto read = read_approvals(lock);
  return read ? "" : read.error().message;
}

TEST(Approvals, KnowATextThatWasApproved) {
  const auto approvals = approvals_of({text("one\ntwo\n"), {"b.json", "tool", "say \"hi\" \\", "x = 1\n"}});
  ASSERT_EQ(approvals.size(), 2U);
  EXPECT_EQ(approvals[1].name, "say \"hi\" \\");
  EXPECT_EQ(approvals[0].lines.size(), 2U);
  EXPECT_EQ(compare(text("one\ntwo\n"), approvals.data())->approved, Approved::AsItIs);
  EXPECT_EQ(compare(text("one\ntwo\n"), nullptr)->approved, Approved::Never);
}

TEST(Approvals, SayWhichLinesCameAndHowManyWent) {
  const auto approvals = approvals_of({text("one\ntwo\ntwo\nthree\n")});
  const AgentText now = text("one\nzero\ntwo\nfour\n");
  const auto difference = compare(now, approvals.data());
  EXPECT_EQ(difference->approved, Approved::Changed);
  EXPECT_EQ(difference->added, (std::vector<std::string_view>{"zero", "four"}));
  EXPECT_EQ(difference->removed, 2U);
}

TEST(Approvals, NoticeAnotherOrderAndALineEnd) {
  const auto approvals = approvals_of({text("one\ntwo\n")});
  const AgentText turned = text("two\none\n");
  EXPECT_EQ(compare(turned, approvals.data())->approved, Approved::Changed);
  EXPECT_TRUE(compare(turned, approvals.data())->added.empty());
  EXPECT_EQ(compare(text("one\ntwo"), approvals.data())->approved, Approved::Changed);
}

TEST(Approvals, HoldNothingOfTheText) {
  const auto written = write_approvals({text("the quick brown fox\n")});
  EXPECT_EQ(written->find("quick"), std::string::npos);
}

TEST(Approvals, NameTheLineOfAMistake) {
  EXPECT_EQ(complaint(""), "a lock needs 'version: 1'");
  EXPECT_NE(complaint("version: 2\n").find("version: 1"), std::string::npos);
  EXPECT_NE(complaint("version: 1\ntext: []\n").find("did you mean 'texts'"), std::string::npos);
  const std::string good(64, 'a');
  const std::string entry = "version: 1\ntexts:\n  - path: a\n    kind: tool\n    sha256: \"" + good + "\"\n";
  EXPECT_EQ(complaint(entry), "");
  EXPECT_NE(complaint(entry + "  - path: a\n    kind: tool\n    sha256: \"" + good + "\"\n").find("twice"),
            std::string::npos);
  EXPECT_NE(complaint(entry + "    lines: \"xyz\"\n").find("no digest of a line"), std::string::npos);
  EXPECT_NE(complaint("version: 1\ntexts:\n  - path: a\n    kind: tool\n    sha256: \"A\"\n").find("line 3"),
            std::string::npos);
}

}  // namespace
}  // namespace bulwark::policy
