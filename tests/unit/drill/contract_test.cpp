// The contract: what makes a drill fail, and that broken controls do.

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>

#include "drill/instance.h"
#include "drill/results.h"
#include "drill/run.h"
#include "os/clock.h"
#include "os/interrupt.h"
#include "os/temporary_folder.h"

namespace bulwark::drill {
namespace {

using namespace std::chrono_literals;
using atlas::Outcome;

const std::string& python() {
  static const std::string found = find_python();
  return found;
}

class DrillContract : public testing::Test {
 protected:
  DrillContract() : folder_(*os::TemporaryFolder::make(testing::TempDir())) {
    harness_.python = python();
    harness_.scratch = folder_.path();
    harness_.controls = implemented_controls();
  }
  void SetUp() override {
    if (python().empty()) GTEST_SKIP() << "python3 is not here";
  }
  void TearDown() override {
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path())) << "a drill left its folder behind";
  }

  Record run(const std::string& text) {
    auto read = read_drill("x.yaml", text);
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
    if (!read) return {};
    drill_ = std::move(*read);
    return run_drill(drill_, harness_);
  }
  Record run_builtin(std::string_view id) {
    static const std::vector<Drill> drills = *builtin_drills();
    return run_drill(*std::ranges::find(drills, id, &Drill::id), harness_);
  }

  os::TemporaryFolder folder_;
  const os::SteadyClock clock_;
  Harness harness_{clock_, os::today()};
  Drill drill_;
};

const std::string kHead = R"(id: DR-0076
title: a title
techniques: [AML.T0076]
controls: [SC-MODEL]
proof: prevent
limit: 30
proves: something
does_not_show: something else
)";

std::string attack(const std::string& body,
                   const std::string& rest = "    rules: [BW-PKL-001]\n    effect: marker\n") {
  return "attacks:\n  - name: the attack\n    files:\n      model.pkl: |\n" + body +
         "    load: {with: pickle, file: model.pkl}\n" + rest;
}

std::string benign(const std::string& body, const std::string& answer = "1",
                   const std::string& with = "pickle") {
  return "benign:\n  - name: the twin\n    files:\n      model.pkl: |\n" + body + "    load: {with: " + with +
         ", file: model.pkl}\n    answer: \"" + answer + "\"\n";
}

const std::string kRuns = R"(        PROTO 2
        GLOBAL "os system"
        BINUNICODE "echo reached > marker"
        TUPLE1
        REDUCE
        STOP
)";
const std::string kOne = "        PROTO 2\n        BININT1 1\n        STOP\n";

TEST_F(DrillContract, HoldsForAnAttackThatIsStoppedAndATwinThatPasses) {
  const Record record = run(kHead + attack(kRuns) + benign(kOne));
  EXPECT_EQ(record.outcome, Outcome::Proven) << record.reason;
  ASSERT_EQ(record.parts.size(), 6U);
  EXPECT_EQ(record.parts[1].trials[0].verdict, "refused");
  EXPECT_FALSE(record.parts[1].trials[0].loaded);
  EXPECT_EQ(record.parts[2].trials[0].effect, "marker written: reached");
  EXPECT_EQ(record.parts[3].trials[0].effect, "answer 1");
}

TEST_F(DrillContract, IsBrokenByAnAttackThatIsLetThrough) {
  const Record record = run(kHead + attack(kOne) + benign(kOne));
  EXPECT_EQ(record.outcome, Outcome::Failed);
  EXPECT_EQ(record.reason, "attack: the attack: was let through");
}

// Refused, but nothing happens without the control: the sample proves nothing.
TEST_F(DrillContract, IsBrokenByAnAblationThatDoesNotSucceed) {
  const std::string harmless = R"(        PROTO 2
        GLOBAL "os system"
        BINUNICODE "true"
        TUPLE1
        REDUCE
        STOP
)";
  const Record record = run(kHead + attack(harmless) + benign(kOne));
  EXPECT_EQ(record.outcome, Outcome::Failed);
  EXPECT_EQ(record.reason,
            "ablation: the attack: does not succeed although nothing stops it: the attack is harmless");
}

TEST_F(DrillContract, IsBrokenIfAnotherControlDoesTheWork) {
  const std::string other = kHead.substr(0, kHead.find("techniques")) +
                            "techniques: [AML.T0018.001]\ncontrols: [SC-ARCH]\nproof: prevent\nlimit: 30\n"
                            "proves: a\ndoes_not_show: b\n";
  const Record record = run(other + attack(kRuns) + benign(kOne));
  EXPECT_EQ(record.outcome, Outcome::Failed);
  EXPECT_EQ(
      record.reason,
      "ablation: the attack: is refused although SC-ARCH is off (BW-PKL-001): another control does the work");
}

TEST_F(DrillContract, IsBrokenByABenignTwinThatIsRefused) {
  const Record record = run(kHead + attack(kRuns) + benign(kRuns, "0"));
  EXPECT_EQ(record.outcome, Outcome::Failed);
  EXPECT_EQ(record.reason, "benign: the twin: is harmless and was refused (BW-PKL-001)");
}

TEST_F(DrillContract, IsBrokenByABenignTwinThatIsNotReadBack) {
  const Record record = run(kHead + attack(kRuns) + benign(kOne, "2"));
  EXPECT_EQ(record.reason, "benign: the twin: gives '1', expected '2'");
  const Record unloadable = run(kHead + attack(kRuns) + benign(kOne, "1", "keras"));
  EXPECT_TRUE(unloadable.reason.starts_with("benign: the twin: could not be loaded: ")) << unloadable.reason;
}

TEST_F(DrillContract, AsksForTheExpectedReason) {
  const Record record =
      run(kHead + attack(kRuns, "    rules: [BW-PKL-002]\n    effect: marker\n") + benign(kOne));
  EXPECT_EQ(record.outcome, Outcome::Failed);
  EXPECT_EQ(record.reason, "oracle: the attack: was refused for BW-PKL-001, expected BW-PKL-002");
  const Record gap = run(kHead + attack(kRuns, "    gaps: [truncated]\n    effect: marker\n") + benign(kOne));
  EXPECT_EQ(gap.reason, "oracle: the attack: the refusal names no gap 'truncated'");
}

// Attack and twin of requirements, with an index that only the installer sees.
std::string installs(const std::string& asked, const std::string& rule) {
  const std::string index =
      "    elsewhere:\n"
      "      public/tables-1.0/setup.py: {text: pass}\n"
      "      public/tables-1.1/setup.py: {text: \"open('marker', 'w').write('reached')\"}\n"
      "    load: {with: pip, file: requirements.txt}\n";
  const auto files = [](const std::string& line) {
    return "    files: {requirements.txt: {text: \"" + line + "\"}}\n";
  };
  return "attacks:\n  - name: the attack\n" + files(asked) + index + "    rules: [" + rule +
         "]\n    effect: marker\nbenign:\n  - name: the twin\n" + files("tables==1.0") + index +
         "    answer: tables 1.0 from public\n";
}

std::string head_of_packages() {
  std::string head = kHead;
  head.replace(head.find("AML.T0076"), 9, "AML.T0011.001");
  head.replace(head.find("SC-MODEL"), 8, "SC-DEPS");
  return head + "fail_on: medium\n";
}

TEST_F(DrillContract, TheGateDoesNotSeeWhatLiesElsewhere) {
  const Record record = run(head_of_packages() + installs("tables>=1.0", "BW-DP-002"));
  EXPECT_EQ(record.outcome, Outcome::Proven) << record.reason;
  EXPECT_EQ(record.parts[1].trials[0].paths, std::vector<std::string>{"requirements.txt"});
  EXPECT_EQ(record.parts[1].trials[0].digests.size(), 1U);
}

TEST_F(DrillContract, TheGateKnowsTheAllowedPackages) {
  const Record record =
      run(head_of_packages() + "allowed_packages: tables==1.0\n" + installs("tables==1.1", "BW-DP-014"));
  EXPECT_EQ(record.outcome, Outcome::Proven) << record.reason;
}

TEST_F(DrillContract, TheGateKnowsTheAdvisories) {
  const std::string advisory =
      R"(advisories: '{"id": "MAL-2024-1", "modified": "2024-06-01T00:00:00Z", "affected": [{"package": )"
      R"({"ecosystem": "PyPI", "name": "tables"}, "versions": ["1.1"]}]}')";
  const Record record = run(head_of_packages() + advisory + "\n" + installs("tables==1.1", "BW-DP-006"));
  EXPECT_EQ(record.outcome, Outcome::Proven) << record.reason;
  const Record broken = run(head_of_packages() + "advisories: '{'\n" + installs("tables==1.1", "BW-DP-006"));
  EXPECT_TRUE(broken.reason.starts_with("setup: advisories: ")) << broken.reason;
}

TEST_F(DrillContract, IsBrokenByLeftovers) {
  const std::string littering = R"(        PROTO 2
        GLOBAL "os system"
        BINUNICODE "echo reached > marker; echo more > litter"
        TUPLE1
        REDUCE
        STOP
)";
  const Record record = run(kHead + attack(littering) + benign(kOne));
  EXPECT_EQ(record.outcome, Outcome::Failed);
  EXPECT_EQ(record.reason, "teardown: left behind the attack: litter");
}

TEST_F(DrillContract, IsUnassessedWithoutWhatItNeeds) {
  const std::string needs = "needs: [python3]\n";
  harness_.python.clear();
  EXPECT_EQ(run(kHead + needs + attack(kRuns) + benign(kOne)).outcome, Outcome::Unassessed);
  EXPECT_EQ(run(kHead + needs + attack(kRuns) + benign(kOne)).reason, "needs python3, and none was found");
  harness_.python = python();
  EXPECT_EQ(run(kHead + "needs: [docker]\n" + attack(kRuns) + benign(kOne)).reason,
            "needs docker, which the harness does not know");
  EXPECT_EQ(run(kHead).reason, "is a draft: no attack is written yet");
  harness_.controls = {"SC-ARCH"};
  const Record missing = run(kHead + attack(kRuns) + benign(kOne));
  EXPECT_EQ(missing.outcome, Outcome::Unassessed);
  EXPECT_EQ(missing.reason, "SC-MODEL is not implemented in this build");
  EXPECT_TRUE(missing.parts.empty());
}

// Three controls broken on purpose: their drills turn red.

TEST_F(DrillContract, TurnsRedWithoutTheInspectorOfPickles) {
  std::vector<const scan::Inspector*> lame;
  for (const scan::Inspector* inspector : scan::builtin_inspectors())
    if (inspector->name != "pickle") lame.push_back(inspector);
  ASSERT_EQ(lame.size() + 1, scan::builtin_inspectors().size());
  harness_.gate.inspectors = lame;
  for (const char* id : {"DR-0011.000", "DR-0112.001", "DR-0076", "DR-CS0031"}) {
    const Record record = run_builtin(id);
    EXPECT_EQ(record.outcome, Outcome::Failed) << id;
    EXPECT_TRUE(record.reason.starts_with("attack: ") || record.reason.starts_with("oracle: "))
        << record.reason;
  }
}

TEST_F(DrillContract, TurnsRedWithoutTheInspectorsOfOtherControls) {
  const std::pair<std::string_view, std::string_view> kBroken[] = {
      {"agent_instructions", "DR-CS0041"}, {"agent_config", "DR-CS0054"}, {"secrets", "DR-0095.000"},
      {"dependencies", "DR-0010.001"},     {"python", "DR-CS0052"},       {"compose", "DR-CS0048"}};
  for (const auto& [name, id] : kBroken) {
    std::vector<const scan::Inspector*> lame;
    for (const scan::Inspector* inspector : scan::builtin_inspectors())
      if (inspector->name != name) lame.push_back(inspector);
    ASSERT_EQ(lame.size() + 1, scan::builtin_inspectors().size()) << name;
    harness_.gate.inspectors = lame;
    const Record record = run_builtin(id);
    EXPECT_EQ(record.outcome, Outcome::Failed) << id;
    EXPECT_TRUE(record.reason.starts_with("attack: ")) << record.reason;
  }
}

TEST_F(DrillContract, TurnsRedUnderAPolicyThatRefusesNothing) {
  harness_.gate.policy.refuse_gap.fill(false);
  for (const Rule* rule : scan::all_rules())
    harness_.gate.policy.severities.emplace(rule->id, Severity::Info);
  for (const char* id : {"DR-0011.000", "DR-0018.001", "DR-0076", "DR-CS0027"}) {
    const Record record = run_builtin(id);
    EXPECT_EQ(record.outcome, Outcome::Failed) << id;
    EXPECT_NE(record.reason.find("was let through"), std::string::npos) << record.reason;
  }
}

TEST_F(DrillContract, TurnsRedWithAComparisonThatFindsNothing) {
  harness_.gate.compare = [](const scan::ModelGraph&, const scan::ModelGraph&, std::string_view,
                             const Limits&) { return Report{}; };
  for (const char* id : {"DR-0018", "DR-0018.000", "DR-0018.001", "DR-CS0013", "DR-CS0019", "DR-CS0028"}) {
    const Record record = run_builtin(id);
    EXPECT_EQ(record.outcome, Outcome::Failed) << id;
    EXPECT_NE(record.reason.find("was let through"), std::string::npos) << record.reason;
    // The record shows what the attack does then.
    EXPECT_NE(record.parts.back().part, PartKind::Attack);
    EXPECT_NE(record.parts[1].trials[0].effect, "none");
  }
}

TEST_F(DrillContract, TurnsRedWithAVerificationThatFindsNothing) {
  harness_.gate.verify = [](const Evidence&, std::span<const Crosser>, Report&) {};
  for (const char* id : {"DR-0018-signed", "DR-0010.003-signed", "DR-0059", "DR-CS0025", "DR-0107"}) {
    const Record record = run_builtin(id);
    EXPECT_EQ(record.outcome, Outcome::Failed) << id;
    EXPECT_NE(record.reason.find("was let through"), std::string::npos) << record.reason;
  }
}

TEST_F(DrillContract, TurnsRedWithAStoreThatDoesNotEncrypt) {
  harness_.gate.disk = [](const Vault& vault) { return vault.owner_reads(); };
  for (const char* id : {"DR-0007", "DR-0035", "DR-0044"}) {
    const Record record = run_builtin(id);
    EXPECT_EQ(record.outcome, Outcome::Failed) << id;
    EXPECT_NE(record.reason.find("was readable on the disk"), std::string::npos) << record.reason;
  }
}

TEST_F(DrillContract, CleansUpWhenItIsInterrupted) {
  const std::string slow = kHead + attack(kRuns) +
                           "benign:\n  - name: the twin\n    files:\n      model.pkl:\n        python: |\n"
                           "          import time\n          time.sleep(60)\n"
                           "    load: {with: pickle, file: model.pkl}\n    answer: \"1\"\n";
  const auto interrupted_run = [&] {
    os::catch_interrupts();
    const std::jthread user([] {
      std::this_thread::sleep_for(300ms);
      (void)raise(SIGINT);
    });
    const Record record = run(slow);
    const bool tidy = record.outcome == Outcome::Unassessed && record.reason == "was interrupted" &&
                      std::filesystem::is_empty(folder_.path());
    std::quick_exit(tidy ? 0 : 1);
  };
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(interrupted_run(), testing::ExitedWithCode(0), "");
}

}  // namespace

// Every drill of this build runs and none of its parts breaks.
class EveryDrill : public testing::TestWithParam<std::string> {};

TEST_P(EveryDrill, DoesNotFail) {
  if (python().empty()) GTEST_SKIP() << "python3 is not here";
  const auto drills = builtin_drills();
  ASSERT_TRUE(drills.has_value());
  const os::TemporaryFolder folder = *os::TemporaryFolder::make(testing::TempDir());
  const os::SteadyClock clock;
  Harness harness(clock, os::today());
  harness.python = python();
  harness.scratch = folder.path();
  harness.controls = implemented_controls();
  const Record record = run_drill(*std::ranges::find(*drills, GetParam(), &Drill::id), harness);
  EXPECT_NE(record.outcome, Outcome::Failed) << record.reason;
  if (record.outcome == Outcome::Unassessed) GTEST_SKIP() << record.reason;
}

std::vector<std::string> drill_ids() {
  std::vector<std::string> ids;
  const auto drills = builtin_drills();
  if (!drills) return ids;  // tests of the files say why
  for (const Drill& drill : *drills) ids.push_back(drill.id);
  return ids;
}

INSTANTIATE_TEST_SUITE_P(Builtin, EveryDrill, testing::ValuesIn(drill_ids()), [](const auto& about) {
  std::string name = about.param;
  for (char& letter : name)
    if (letter == '-' || letter == '.') letter = '_';
  return name;
});

}  // namespace bulwark::drill
