#include "policy/policy.h"

#include <gtest/gtest.h>

namespace bulwark::policy {
namespace {

constexpr Rule kRule{
    .id = "BW-TEST-001", .title = "t", .severity = Severity::High, .atlas = "", .why = "", .fix = ""};
const std::vector<std::string_view> kRules = {"BW-TEST-001", "BW-TEST-002"};
constexpr std::chrono::year_month_day kToday{std::chrono::year(2026), std::chrono::month(11),
                                             std::chrono::day(20)};

Report with_finding(Severity severity) {
  Report report;
  report.findings.push_back({&kRule, severity, "a/model.pkl", {}, {}, "m", "e", "shop.Basket"});
  return report;
}

std::string error_of(std::string_view text) {
  const auto policy = read_policy(text, kRules);
  return policy ? "no error" : policy.error().message;
}

Verdict decided(std::string_view text, const Report& report) {
  const auto policy = read_policy(text, kRules);
  EXPECT_TRUE(policy) << policy.error().message;
  return decide(policy ? *policy : Policy{}, report, kToday);
}

TEST(Policy, DefaultRefusesHighAndEveryGap) {
  EXPECT_EQ(decide({}, with_finding(Severity::High), kToday).outcome, Outcome::Refused);
  EXPECT_EQ(decide({}, with_finding(Severity::Medium), kToday).outcome, Outcome::Accepted);
  Report report;
  for (std::size_t reason = 0; reason < kGapReasons; ++reason) {
    report.gaps = {{static_cast<GapReason>(reason), "a", {}, {}, "w"}};
    EXPECT_EQ(decide({}, report, kToday).outcome, Outcome::Incomplete) << reason;
  }
  EXPECT_EQ(decide({}, Report{}, kToday).outcome, Outcome::Accepted);
}

TEST(Policy, FindingsWeighMoreThanGaps) {
  Report report = with_finding(Severity::Critical);
  report.gaps = {{GapReason::Limit, "a", {}, {}, "w"}};
  EXPECT_EQ(decide({}, report, kToday).outcome, Outcome::Refused);
}

TEST(Policy, GapsAreAcceptedByReason) {
  Report report;
  report.gaps = {{GapReason::Encrypted, "a", {}, {}, "w"}};
  EXPECT_EQ(decided("gaps: accept\n", report).outcome, Outcome::Accepted);
  EXPECT_EQ(decided("gaps:\n  encrypted: accept\n", report).outcome, Outcome::Accepted);
  EXPECT_EQ(decided("gaps:\n  limit: accept\n", report).outcome, Outcome::Incomplete);
}

TEST(Policy, SeveritiesAndThresholdAreTheOrganisations) {
  EXPECT_EQ(decided("fail_on: medium\n", with_finding(Severity::Medium)).outcome, Outcome::Refused);
  EXPECT_EQ(decided("severities:\n  BW-TEST-001: low\n", with_finding(Severity::High)).outcome,
            Outcome::Accepted);
  EXPECT_EQ(decided("severities:\n  BW-TEST-001: critical\n", with_finding(Severity::Low)).outcome,
            Outcome::Refused);
}

TEST(Policy, AllowancesNeedAllTheirFieldsToFit) {
  const Report report = with_finding(Severity::Critical);
  EXPECT_EQ(decided("allow:\n- subject: shop.Basket\n  reason: ours\n", report).outcome, Outcome::Accepted);
  EXPECT_EQ(decided("allow:\n- subject: shop.Bask\n  reason: ours\n", report).outcome, Outcome::Refused);
  EXPECT_EQ(decided("allow:\n- subject: shop.Basket\n  rule: BW-TEST-002\n  reason: ours\n", report).outcome,
            Outcome::Refused);
  EXPECT_EQ(decided("allow:\n- rule: BW-TEST-001\n  path: 'a/*.pkl'\n  reason: ours\n", report).outcome,
            Outcome::Accepted);
  EXPECT_EQ(decided("allow:\n- rule: BW-TEST-001\n  path: '*.pkl'\n  reason: ours\n", report).outcome,
            Outcome::Refused);
  EXPECT_EQ(decided("allow:\n- subject: shop.Basket\n  reason: ours\n", report).findings[0].allowed_because,
            "ours");
}

TEST(Policy, ExpiredAllowancesAreIgnoredWithAWarning) {
  const Report report = with_finding(Severity::Critical);
  const std::string head = "allow:\n- subject: shop.Basket\n  reason: ours\n  expires: ";
  EXPECT_EQ(decided(head + "2026-11-20\n", report).outcome, Outcome::Accepted) << "the last day counts";
  const Verdict verdict = decided(head + "2026-11-19\n", report);
  EXPECT_EQ(verdict.outcome, Outcome::Refused);
  ASSERT_EQ(verdict.warnings.size(), 1U);
  EXPECT_EQ(verdict.warnings[0], "allowance in line 2 (shop.Basket) expired on 2026-11-19 and is ignored");
}

TEST(PolicyFile, MistakesNameTheLineAndTheNearestWord) {
  EXPECT_EQ(error_of("fial_on: high\n"), "line 1: unknown key 'fial_on'; did you mean 'fail_on'?");
  EXPECT_EQ(error_of("fail_on: hihg\n"), "line 1: unknown severity 'hihg'; did you mean 'high'?");
  EXPECT_EQ(error_of("fail_on: high\ngaps:\n  encripted: accept\n"),
            "line 3: unknown key 'encripted'; did you mean 'encrypted'?");
  EXPECT_EQ(error_of("severities:\n  BW-TEST-003: low\n"),
            "line 2: unknown rule 'BW-TEST-003'; did you mean 'BW-TEST-001'?");
  EXPECT_EQ(error_of("allow:\n- subject: a.b\n"), "line 2: an allowance needs a 'reason'");
  EXPECT_EQ(error_of("allow:\n- reason: because\n"),
            "line 2: an allowance needs 'rule' or 'subject': allowing everything is not possible");
  EXPECT_EQ(error_of("allow:\n- subject: a\n  reason: b\n  expires: soon\n"),
            "line 4: 'soon' is no date; write YYYY-MM-DD");
  EXPECT_EQ(error_of("fail_on: high\nfail_on: low\n"), "line 2: key 'fail_on' comes twice");
  EXPECT_EQ(error_of("- a\n"), "line 1: a policy must be a map of fail_on …");
}

TEST(PolicyFile, EmptyOneIsTheDefault) {
  const auto policy = read_policy("# nothing\n", kRules);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->fail_on, Severity::High);
}

}  // namespace
}  // namespace bulwark::policy
