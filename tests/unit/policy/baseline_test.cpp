#include <gtest/gtest.h>

#include "policy/policy.h"

namespace bulwark::policy {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr Rule kRule{
    .id = "BW-TEST-001", .title = "t", .severity = Severity::High, .atlas = "", .why = "", .fix = ""};
constexpr year_month_day kToday{year(2026), month(11), day(20)};
constexpr year_month_day kLater{year(2027), month(1), day(31)};

Finding finding(std::string path, std::string evidence, std::uint32_t line) {
  Finding found;
  found.rule = &kRule;
  found.severity = Severity::High;
  found.path = std::move(path);
  found.place.line = line;
  found.message = "says \"no\"";
  found.evidence = std::move(evidence);
  return found;
}

TEST(Fingerprint, StaysWhenLinesMoveAndWhenThePathIsGivenFromHere) {
  Report before;
  before.findings = {finding("a/b.py", "load(x)", 3)};
  Report after;
  after.findings = {finding("./a/b.py", "load(x)", 30)};
  EXPECT_EQ(fingerprints_of(before), fingerprints_of(after));
  EXPECT_EQ(fingerprints_of(before)[0].size(), 32U);
}

TEST(Fingerprint, TellsRepetitionsApart) {
  Report report;
  report.findings = {finding("a", "load(x)", 3), finding("a", "load(x)", 4), finding("a", "load(y)", 5)};
  const auto prints = fingerprints_of(report);
  EXPECT_NE(prints[0], prints[1]);
  EXPECT_NE(prints[0], prints[2]);
}

TEST(Fingerprint, DoesNotConfuseWhereOnePartEndsAndTheNextBegins) {
  Report report;
  report.findings = {finding("ab", "c", 1), finding("a", "bc", 1)};
  const auto prints = fingerprints_of(report);
  EXPECT_NE(prints[0], prints[1]);
}

TEST(Baseline, WhatIsWrittenIsAcceptedAndOnlyThat) {
  Report report;
  report.findings = {finding("a", "one", 1), finding("a", "two", 2)};
  const Verdict refused = decide({}, report, kToday);
  const std::string text = write_baseline(report, refused, {}, "old code: \"#12\"", kLater);
  const auto baseline = read_baseline(text);
  ASSERT_TRUE(baseline) << baseline.error().message << "\n" << text;
  ASSERT_EQ(baseline->accepted.size(), 2U);
  const Verdict accepted = decide({}, report, kToday, *baseline);
  EXPECT_EQ(accepted.outcome, Outcome::Accepted);
  EXPECT_EQ(accepted.findings[0].allowed_by, AllowedBy::Baseline);
  EXPECT_EQ(accepted.findings[0].allowed_because, "old code: \"#12\"");
  report.findings.push_back(finding("a", "three", 3));
  EXPECT_EQ(decide({}, report, kToday, *baseline).outcome, Outcome::Refused);
}

TEST(Baseline, EndsOnItsLastDayAndSaysSo) {
  Report report;
  report.findings = {finding("a", "one", 1)};
  const auto baseline =
      read_baseline(write_baseline(report, decide({}, report, kToday), {}, "a reason", kLater));
  ASSERT_TRUE(baseline);
  EXPECT_EQ(decide({}, report, kLater, *baseline).outcome, Outcome::Accepted);
  const Verdict over = decide({}, report, year(2027) / 2 / 1, *baseline);
  EXPECT_EQ(over.outcome, Outcome::Refused);
  ASSERT_EQ(over.warnings.size(), 1U);
  EXPECT_EQ(over.warnings[0], "baseline entry in line 5 expired on 2027-01-31 and is ignored");
}

TEST(Baseline, KeepsReasonsThatStandWhenItIsWrittenAgain) {
  Report report;
  report.findings = {finding("a", "one", 1)};
  const auto first = read_baseline(write_baseline(report, decide({}, report, kToday), {}, "first", kLater));
  ASSERT_TRUE(first);
  report.findings.push_back(finding("a", "two", 2));
  const auto second = read_baseline(
      write_baseline(report, decide({}, report, kToday, *first), *first, "second", year(2027) / 3 / 1));
  ASSERT_TRUE(second);
  ASSERT_EQ(second->accepted.size(), 2U);
  EXPECT_EQ(second->accepted[0].reason, "first");
  EXPECT_EQ(second->accepted[0].expires, kLater);
  EXPECT_EQ(second->accepted[1].reason, "second");
}

TEST(Baseline, MistakesNameTheirLine) {
  EXPECT_EQ(read_baseline("version: 2\n").error().message, "line 1: a baseline needs 'version: 1'");
  EXPECT_EQ(read_baseline("version: 1\naccepted:\n  - fingerprint: ab\n").error().message,
            "line 3: an accepted finding needs a 'reason'");
  EXPECT_EQ(read_baseline("version: 1\nacepted: []\n").error().message,
            "line 2: unknown key 'acepted'; did you mean 'accepted'?");
  EXPECT_TRUE(read_baseline(""));
}

TEST(Notes, CountUntilTheyEndAndOnlyWhereThePolicyLetsThem) {
  Report report;
  report.findings = {finding("a", "one", 1)};
  report.findings[0].waiver = Waiver{"made by our own job", "2027-01-31", 1};
  EXPECT_EQ(decide({}, report, kToday).findings[0].allowed_by, AllowedBy::Note);
  const Verdict over = decide({}, report, year(2027) / 2 / 1);
  EXPECT_EQ(over.outcome, Outcome::Refused);
  EXPECT_EQ(over.warnings.at(0), "note in a line 1 expired on 2027-01-31 and is ignored");
  Policy strict;
  strict.notes_count = false;
  EXPECT_EQ(decide(strict, report, kToday).outcome, Outcome::Refused);
}

TEST(PathRules, TheLastThatFitsWins) {
  const std::vector<std::string_view> rules = {"BW-TEST-001"};
  const auto policy = read_policy(
      "paths:\n"
      "  - path: 'tests/**'\n    fail_on: critical\n"
      "  - path: 'tests/keep/**'\n    severities:\n      BW-TEST-001: critical\n",
      rules);
  ASSERT_TRUE(policy) << policy.error().message;
  Report report;
  report.findings = {finding("tests/a.py", "x", 1), finding("tests/keep/a.py", "x", 1),
                     finding("a.py", "x", 1)};
  const Verdict verdict = decide(*policy, report, kToday);
  EXPECT_FALSE(verdict.findings[0].refuses);
  EXPECT_TRUE(verdict.findings[1].refuses);
  EXPECT_TRUE(verdict.findings[2].refuses);
  EXPECT_EQ(read_policy("paths:\n  - fail_on: low\n", rules).error().message,
            "line 2: an entry of paths needs a 'path', such as 'tests/**'");
}

}  // namespace
}  // namespace bulwark::policy
