#include "atlas/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bulwark::atlas {
namespace {

DrillOutcome proven(std::string id, std::vector<std::string> techniques, Proof proof = Proof::Prevent) {
  DrillOutcome drill;
  drill.id = std::move(id);
  drill.techniques = std::move(techniques);
  drill.outcome = Outcome::Proven;
  drill.proof = proof;
  return drill;
}

Coverage of(const std::vector<DrillOutcome>& drills) {
  return coverage(pinned(), map(), drills);
}

TEST(Coverage, HasThreeDenominatorsBesidesCasesAndSteps) {
  const Coverage none = of({});
  EXPECT_EQ(none.all.of, 170);
  EXPECT_EQ(none.in_reach.of, 146);
  EXPECT_EQ(none.realized.of, 64);
  EXPECT_EQ(none.cases.of, 57);
  EXPECT_EQ(none.steps_of, 449);
  EXPECT_EQ(none.document_only.size(), 24U);
  EXPECT_EQ(none.all.proven, 0);
  EXPECT_EQ(none.steps, 0);
  EXPECT_TRUE(none.techniques.empty());
}

TEST(Coverage, CountsOnlyProvenDrillsAndKeepsTheKindsOfProofApart) {
  std::vector<DrillOutcome> drills = {
      proven("a", {"AML.T0011.000"}),
      proven("b", {"AML.T0006"}, Proof::Detect),
      proven("c", {"AML.T0043"}, Proof::Test),
      proven("d", {"AML.T0076"}),
      proven("e", {"AML.T0074"}),
  };
  drills[3].outcome = Outcome::Failed;
  drills[4].outcome = Outcome::Unassessed;
  const Coverage result = of(drills);
  EXPECT_EQ(result.all.proven, 3);
  EXPECT_EQ(result.all.prevent, 1);
  EXPECT_EQ(result.all.detect, 1);
  EXPECT_EQ(result.all.test, 1);
  EXPECT_EQ(result.techniques, (std::vector<std::string_view>{"AML.T0006", "AML.T0011.000", "AML.T0043"}));
}

TEST(Coverage, TakesTheStrongestProofOfSeveralDrills) {
  const Coverage result =
      of({proven("a", {"AML.T0011.000"}, Proof::Test), proven("b", {"AML.T0011.000"}, Proof::Prevent),
          proven("c", {"AML.T0011.000"}, Proof::Detect)});
  EXPECT_EQ(result.all.proven, 1);
  EXPECT_EQ(result.all.prevent, 1);
}

TEST(Coverage, NeverCountsATechniqueThatIsOutOfReachOrUnknown) {
  const Coverage result = of({proven("a", {"AML.T0048.000", "AML.T9999", "T0011"})});
  EXPECT_EQ(result.all.proven, 0);
}

TEST(Coverage, CountsAParentOnlyByItsOwnDrillOrByAllOfItsSubTechniques) {
  EXPECT_EQ(of({proven("a", {"AML.T0112.000"})}).all.proven, 1);
  const Coverage both = of({proven("a", {"AML.T0112.000"}), proven("b", {"AML.T0112.001"}, Proof::Detect)});
  EXPECT_EQ(both.all.proven, 3);
  EXPECT_EQ(both.all.prevent, 1);
  EXPECT_EQ(both.all.detect, 2) << "the parent is as proven as the least proven of its sub-techniques";
  const Coverage own = of({proven("a", {"AML.T0112"})});
  EXPECT_EQ(own.techniques, (std::vector<std::string_view>{"AML.T0112"}));
}

TEST(Coverage, LeavesTestOnlyProofsOutOfTheStepsOfCaseStudies) {
  const std::string_view technique = "AML.T0043";
  int steps = 0;
  for (const CaseStudy& study : pinned().case_studies())
    steps += static_cast<int>(std::ranges::count(study.steps, technique, &Step::technique));
  ASSERT_GT(steps, 0);
  EXPECT_EQ(of({proven("a", {"AML.T0043"}, Proof::Test)}).steps, 0);
  EXPECT_EQ(of({proven("a", {"AML.T0043"}, Proof::Detect)}).steps, steps);
}

TEST(Coverage, CountsCaseStudiesByTheirReplays) {
  DrillOutcome replay = proven("DR-CS0031", {});
  replay.cases = {"AML.CS0031"};
  DrillOutcome alerted = proven("DR-CS0056", {}, Proof::Detect);
  alerted.cases = {"AML.CS0056", "AML.CS9999"};
  const Coverage result = of({replay, alerted});
  EXPECT_EQ(result.cases.proven, 2);
  EXPECT_EQ(result.cases.prevent, 1);
  EXPECT_EQ(result.cases.detect, 1);
  EXPECT_EQ(result.case_studies, (std::vector<std::string_view>{"AML.CS0031", "AML.CS0056"}));
}

TEST(ControlState, IsProvenOnlyIfADrillProvedItAndNoneFailed) {
  const std::vector<std::string_view> implemented = {"SC-CODE", "SC-MODEL"};
  DrillOutcome good = proven("a", {});
  good.controls = {"SC-MODEL"};
  DrillOutcome bad = good;
  bad.outcome = Outcome::Failed;
  EXPECT_EQ(state_of("SC-MODEL", implemented, {}), ControlState::Present);
  EXPECT_EQ(state_of("GW-OUT", implemented, {}), ControlState::Absent);
  EXPECT_EQ(state_of("SC-MODEL", implemented, std::vector{good}), ControlState::Proven);
  EXPECT_EQ(state_of("SC-CODE", implemented, std::vector{good}), ControlState::Present);
  EXPECT_EQ(state_of("SC-MODEL", implemented, std::vector{good, bad}), ControlState::Failed);
  EXPECT_EQ(state_of("SC-MODEL", implemented, std::vector{bad, good}), ControlState::Failed);
}

}  // namespace
}  // namespace bulwark::atlas
