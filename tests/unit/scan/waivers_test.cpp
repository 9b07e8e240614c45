#include "scan/waivers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bulwark::scan {
namespace {

constexpr Rule kCode{.id = "BW-TEST-001",
                     .title = "t",
                     .severity = Severity::High,
                     .atlas = "",
                     .why = "",
                     .fix = "",
                     .controls = "SC-CODE"};
constexpr Rule kModel{
    .id = "BW-TEST-001", .title = "t", .severity = Severity::High, .atlas = "", .why = "", .fix = ""};

std::vector<Finding> judged(std::string_view text, std::uint32_t line, const Rule& rule = kCode) {
  Finding finding;
  finding.rule = &rule;
  finding.severity = rule.severity;
  finding.path = "a.py";
  finding.place.line = line;
  std::vector<Finding> findings{finding};
  apply_waivers(text, "a.py", findings);
  return findings;
}

TEST(Waiver, SpeaksOfItsOwnLine) {
  const auto findings =
      judged("x = 1\nload(f)  # bulwark: ignore BW-TEST-001 our own file until 2027-01-31\n", 2);
  ASSERT_TRUE(findings[0].waiver);
  EXPECT_EQ(findings[0].waiver->reason, "our own file");
  EXPECT_EQ(findings[0].waiver->until, "2027-01-31");
  EXPECT_EQ(findings[0].waiver->line, 2U);
}

TEST(Waiver, AloneOnItsLineItSpeaksOfTheNextLineWithText) {
  const std::string_view text = "# bulwark: ignore BW-TEST-001 our own file\n\nload(f)\nload(g)\n";
  EXPECT_TRUE(judged(text, 3)[0].waiver);
  EXPECT_FALSE(judged(text, 4)[0].waiver);
}

TEST(Waiver, ManyNotesMaySpeakOfOneLine) {
  const std::string_view text =
      "<!-- bulwark: ignore BW-TEST-002 one reason -->\n<!-- bulwark: ignore BW-TEST-001 another -->\nx\n";
  const auto findings = judged(text, 3);
  ASSERT_TRUE(findings[0].waiver);
  EXPECT_EQ(findings[0].waiver->reason, "another");
}

TEST(Waiver, IsReadInALineOfANotebook) {
  const auto findings = judged("  \"load(f)  # bulwark: ignore BW-TEST-001, BW-TEST-002 our own\\n\",\n", 1);
  ASSERT_TRUE(findings[0].waiver);
  EXPECT_EQ(findings[0].waiver->reason, "our own");
}

TEST(Waiver, SpeaksOfNoOtherRule) {
  EXPECT_FALSE(judged("load(f)  # bulwark: ignore BW-TEST-002 our own file\n", 1)[0].waiver);
}

TEST(Waiver, NeverSpeaksOfModelFilesOrMembersOfArchives) {
  const std::string_view text = "load(f)  # bulwark: ignore BW-TEST-001 trust me\n";
  EXPECT_FALSE(judged(text, 1, kModel)[0].waiver);
  Finding inside;
  inside.rule = &kCode;
  inside.origin = {"member"};
  inside.place.line = 1;
  std::vector<Finding> findings{inside};
  apply_waivers(text, "a.zip", findings);
  EXPECT_FALSE(findings[0].waiver);
}

TEST(Waiver, WithoutReasonRuleOrRealDateIsAFinding) {
  for (const std::string_view note : {"bulwark: ignore BW-TEST-001", "bulwark: ignore this please",
                                      "bulwark: ignore BW-TEST-001 until 2027-01-31",
                                      "bulwark: ignore BW-TEST-001 why not until 2027-02-31"}) {
    const auto findings = judged("load(f)  # " + std::string(note) + "\n", 1);
    EXPECT_FALSE(findings[0].waiver) << note;
    ASSERT_EQ(findings.size(), 2U) << note;
    EXPECT_EQ(findings[1].rule->id, "BW-SUP-001");
    EXPECT_EQ(findings[1].place.line, 1U);
  }
}

TEST(Waiver, ASentenceAboutTheToolIsNoNote) {
  EXPECT_EQ(judged("load(f)  # bulwark: ignores nothing by itself\n", 1).size(), 1U);
  EXPECT_EQ(judged("load(f)  # bulwark: see the manual\n", 1).size(), 1U);
}

}  // namespace
}  // namespace bulwark::scan
