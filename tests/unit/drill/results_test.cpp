// Results: written in the documented form, read back by those who use them, and only for the same build.

#include "drill/results.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/document.h"
#include "os/temporary_folder.h"
#include "report/drills.h"
#include "support/json_schema.h"
#include "support/support.h"

namespace bulwark::drill {
namespace {

struct Sample {
  Drill proven{.id = "DR-CS0031",
               .title = "a <title>",
               .techniques = {"AML.T0076"},
               .cases = {"AML.CS0031"},
               .controls = {"SC-MODEL"}};
  Drill failed{.id = "DR-0018",
               .title = "b",
               .techniques = {"AML.T0018"},
               .cases = {},
               .controls = {"SC-ARCH"},
               .proof = atlas::Proof::Detect};
  std::vector<Record> records = {
      {.drill = &proven,
       .outcome = atlas::Outcome::Proven,
       .parts = {{.part = PartKind::Attack,
                  .held = true,
                  .trials = {{.name = "t",
                              .held = true,
                              .verdict = "refused",
                              .rules = {"BW-PKL-001"},
                              .gaps = {},
                              .paths = {"m\xFF.pkl"},
                              .digests = {"00"},
                              .effect = "none"}}}},
       .stopped_at_step = 4},
      {.drill = &failed, .outcome = atlas::Outcome::Failed, .reason = "benign: \"x\" & <y>"}};

  [[nodiscard]] report::DrillRun run(const std::string& build = "b1") const {
    return {.records = records, .version = "1", .build = build, .atlas = "5.6.0"};
  }
};

std::string schema_complaints_of(const std::string& text) {
  const auto schema = parse_json(test::read_file("docs/formats/drill-results.schema.json"), Limits{});
  const auto document = parse_json(text, Limits{});
  EXPECT_TRUE(schema.has_value() && document.has_value());
  return schema && document ? test::schema_complaints(schema->root, document->root) : "unreadable";
}

TEST(DrillResults, FollowTheirSchema) {
  EXPECT_EQ(schema_complaints_of(report::drills_json(Sample().run())), "");
}

TEST(DrillResults, AreReadBackByTheBuildThatMadeThem) {
  const std::string text = report::drills_json(Sample().run());
  const auto outcomes = outcomes_in(text, "b1");
  ASSERT_TRUE(outcomes.has_value()) << outcomes.error().message;
  ASSERT_EQ(outcomes->size(), 2U);
  EXPECT_EQ((*outcomes)[0].id, "DR-0018");
  EXPECT_EQ((*outcomes)[0].outcome, atlas::Outcome::Failed);
  EXPECT_EQ((*outcomes)[0].proof, atlas::Proof::Detect);
  EXPECT_EQ((*outcomes)[0].reason, "benign: \"x\" & <y>");
  EXPECT_EQ((*outcomes)[1].stopped_at_step, 4);
  EXPECT_EQ((*outcomes)[1].cases, std::vector<std::string>{"AML.CS0031"});
  EXPECT_TRUE(outcomes_in(text, "another")->empty());
  EXPECT_FALSE(outcomes_in("{}", "b1").has_value());
  EXPECT_FALSE(outcomes_in("{\"tool\":{\"build\":\"b1\"},\"drills\":[{\"id\":\"x\"}]}", "b1").has_value());
}

TEST(DrillResults, KeepWhatAnEarlierRunOfThisBuildProved) {
  Sample sample;
  const std::string both = report::drills_json(sample.run());
  sample.records.erase(sample.records.begin());
  EXPECT_EQ(outcomes_in(report::drills_json(sample.run(), both), "b1")->size(), 2U);
  EXPECT_EQ(outcomes_in(report::drills_json(sample.run("b2"), both), "b2")->size(), 1U);
  EXPECT_EQ(outcomes_in(report::drills_json(sample.run(), "no JSON"), "b1")->size(), 1U);
}

TEST(DrillResults, AreSavedAndLoaded) {
  const os::TemporaryFolder folder = *os::TemporaryFolder::make(testing::TempDir());
  const std::string path = folder.path() + "/state/bulwark/drills.json";
  EXPECT_TRUE(saved_outcomes(path)->empty());
  const auto build = build_digest();
  ASSERT_TRUE(build.has_value()) << build.error().message;
  const auto saved = save_results(path, report::drills_json(Sample().run(*build)));
  ASSERT_TRUE(saved.has_value()) << saved.error().message;
  EXPECT_EQ(saved_outcomes(path)->size(), 2U);
  ASSERT_TRUE(save_results(path, report::drills_json(Sample().run("another"))).has_value());
  EXPECT_TRUE(saved_outcomes(path)->empty());
  ASSERT_TRUE(save_results(path, "{").has_value());
  EXPECT_FALSE(saved_outcomes(path).has_value());
}

TEST(DrillResults, AsJunitEscapeTheirTexts) {
  const std::string text = report::drills_junit(Sample().run());
  EXPECT_NE(text.find("tests=\"2\" failures=\"1\" skipped=\"0\""), std::string::npos) << text;
  EXPECT_NE(text.find("name=\"DR-CS0031 a &lt;title&gt;\""), std::string::npos) << text;
  EXPECT_NE(text.find("<failure message=\"benign: &quot;x&quot; &amp; &lt;y&gt;\"/>"), std::string::npos)
      << text;
}

TEST(ImplementedControls, AreThoseThatARuleNames) {
  const auto controls = implemented_controls();
  EXPECT_TRUE(std::ranges::is_sorted(controls));
  for (const char* id : {"SC-ARCH", "SC-MODEL"})
    EXPECT_NE(std::ranges::find(controls, id), controls.end()) << id;
  EXPECT_EQ(std::ranges::find(controls, "GW-OUT"), controls.end());
}

}  // namespace
}  // namespace bulwark::drill
