// The formula of docs/assess.md: its worked example, and what must hold for every input.

#include "assess/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "unit/assess/example.h"

namespace bulwark::test {
namespace {

using assess::Exposure;
using assess::rank;
using assess::Ranking;
using assess::Risk;
using assess::share_of;
using assess::weight_of;

const atlas::Defence& defence(std::string_view id) {
  return *atlas::map().defence(id);
}

Ranking ranked(const std::vector<Risk>& risks, const std::vector<std::string_view>& in_use = {},
               const std::vector<std::string_view>& implemented = {"SC-MODEL"}) {
  return rank(risks, atlas::map(), assess::knowledge(), in_use, implemented);
}

TEST(Ranking, WeightIsMaturityTimesCasesTimesExposure) {
  EXPECT_EQ(weight_of("feasible", 0, 0, Exposure::Unknown), 8);
  EXPECT_EQ(weight_of("realized", 1, 1, Exposure::Unknown), 3 * 9 * 2);
  EXPECT_EQ(weight_of("realized", 9, 9, Exposure::Public), 192);
}

TEST(Ranking, WeightNeverFallsWithMoreEvidence) {
  const std::vector<std::string_view> maturities = {"feasible", "demonstrated", "realized"};
  const std::vector<Exposure> exposures = {Exposure::Unknown, Exposure::Internal, Exposure::Network,
                                           Exposure::Public};
  for (int incidents = 0; incidents < 5; ++incidents)
    for (int exercises = 0; exercises < 16; ++exercises)
      for (std::size_t m = 0; m < maturities.size(); ++m)
        for (std::size_t e = 0; e < exposures.size(); ++e) {
          const int here = weight_of(maturities[m], incidents, exercises, exposures[e]);
          EXPECT_LE(here, weight_of(maturities[m], incidents + 1, exercises, exposures[e]));
          EXPECT_LE(here, weight_of(maturities[m], incidents, exercises + 1, exposures[e]));
          EXPECT_GE(weight_of(maturities[m], incidents + 1, 0, exposures[e]),
                    weight_of(maturities[m], incidents, 1, exposures[e]));
          if (m + 1 < maturities.size()) {
            EXPECT_LE(here, weight_of(maturities[m + 1], incidents, exercises, exposures[e]));
          }
          if (e + 1 < exposures.size()) {
            EXPECT_LE(here, weight_of(maturities[m], incidents, exercises, exposures[e + 1]));
          }
        }
}

TEST(Ranking, SharesHalveAndStayBelowOne) {
  // SC-MODEL;DP-SANDBOX;RG-SIGN, prevent
  EXPECT_EQ(share_of(defence("AML.T0011.000"), "SC-MODEL"), 0.5);
  EXPECT_EQ(share_of(defence("AML.T0011.000"), "DP-SANDBOX"), 0.25);
  EXPECT_EQ(share_of(defence("AML.T0011.000"), "RG-SIGN"), 0.125);
  EXPECT_EQ(share_of(defence("AML.T0011.000"), "GW-OUT"), 0.0);
  EXPECT_EQ(share_of(defence("AML.T0006"), "GW-SERIES"), 0.25);  // detect
  EXPECT_EQ(share_of(defence("AML.T0015"), "TR-EVADE"), 0.125);  // test
  EXPECT_EQ(share_of(defence("AML.T0017"), "GV-REG"), 0.0);      // out of reach
}

// docs/assess.md works this through by hand.
TEST(Ranking, WorkedExample) {
  const Ranking ranking = ranked({{&defence("AML.T0011.000"), 54}, {&defence("AML.T0076"), 48}});
  EXPECT_EQ(ranking.risk, 102);
  ASSERT_EQ(ranking.controls.size(), 3U);
  EXPECT_EQ(ranking.controls[0].control, "SC-MODEL");  // 27 + 24 for effort 1
  EXPECT_EQ(ranking.controls[0].closes, 51.0);
  EXPECT_EQ(ranking.controls[0].score, 51.0);
  EXPECT_EQ(ranking.controls[1].control, "RG-SIGN");  // 1/8 of the 27 that are left, effort 2 x 2
  EXPECT_EQ(ranking.controls[1].closes, 3.375);
  EXPECT_EQ(ranking.controls[1].effort, 4);
  EXPECT_EQ(ranking.controls[2].control, "DP-SANDBOX");  // in operation: after all early ones
  EXPECT_FALSE(ranking.controls[2].early);
}

std::vector<Risk> risks_of(const assess::Assessment& assessment) {
  std::vector<Risk> risks;
  for (const assess::Threat& threat : assessment.threats) risks.push_back({threat.defence, threat.weight});
  return risks;
}

TEST(Ranking, GreedyScoresNeverRise) {
  const auto risks = risks_of(assessed("x", example_tree("llm-rag-agents")));
  const Ranking ranking = ranked(risks);
  double closed = 0;
  for (std::size_t i = 0; i < ranking.controls.size(); ++i) {
    closed += ranking.controls[i].closes;
    EXPECT_GT(ranking.controls[i].closes, 0);
    if (i == 0) continue;
    EXPECT_GE(ranking.controls[i - 1].early, ranking.controls[i].early);
    if (ranking.controls[i].early == ranking.controls[i - 1].early) {
      EXPECT_LE(ranking.controls[i].score, ranking.controls[i - 1].score + 1e-9)
          << ranking.controls[i].control;
    }
  }
  EXPECT_LT(closed, ranking.risk);  // overlap is not counted twice
}

TEST(Ranking, WhatIsInUseIsClosedAndNotRanked) {
  const auto risks = risks_of(assessed("x", example_tree("tabular-mlflow-airflow")));
  const Ranking before = ranked(risks);
  const Ranking after = ranked(risks, {"SC-MODEL", "DP-SANDBOX"});
  EXPECT_GT(after.closed, 0);
  EXPECT_EQ(before.risk, after.risk);
  for (const auto& one : after.controls) {
    EXPECT_NE(one.control, "SC-MODEL");
    EXPECT_NE(one.control, "DP-SANDBOX");
  }
}

TEST(Ranking, ControlThatThisBuildHasComesNoLater) {
  const auto risks = risks_of(assessed("x", example_tree("kserve-triton")));
  const auto place = [&](const std::vector<std::string_view>& implemented) {
    const Ranking ranking = ranked(risks, {}, implemented);
    const auto found = std::ranges::find(ranking.controls, "SC-CONF", &assess::RankedControl::control);
    return found - ranking.controls.begin();
  };
  EXPECT_LE(place({"SC-CONF"}), place({}));
}

TEST(Ranking, SameInSameOut) {
  const auto risks = risks_of(assessed("x", example_tree("benign-llm")));
  const Ranking one = ranked(risks);
  const Ranking other = ranked(risks);
  ASSERT_EQ(one.controls.size(), other.controls.size());
  for (std::size_t i = 0; i < one.controls.size(); ++i) {
    EXPECT_EQ(one.controls[i].control, other.controls[i].control);
    EXPECT_EQ(one.controls[i].closes, other.controls[i].closes);
  }
}

}  // namespace
}  // namespace bulwark::test
