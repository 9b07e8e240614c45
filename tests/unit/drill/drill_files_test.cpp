// data/drills: every file is read, means what the knowledge base knows, and mistakes are told with their
// line.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "assay/rules.h"
#include "atlas/catalogue.h"
#include "atlas/map.h"
#include "drill/drill.h"
#include "ledger/rules.h"
#include "scan/engine.h"
#include "trust/rules.h"

namespace bulwark::drill {
namespace {

// The drill `text` with one line replaced.
std::string with(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

const std::string kSmall = R"(id: DR-0076
title: a title
techniques: [AML.T0076]
controls: [SC-MODEL]
proof: prevent
limit: 5
proves: something
does_not_show: something else
attacks:
  - name: one
    files:
      model.pkl: |
        STOP
    load: {with: pickle, file: model.pkl}
    rules: [BW-PKL-001]
    effect: marker
benign:
  - name: two
    files:
      model.pkl: |
        STOP
    load: {with: pickle, file: model.pkl}
    answer: "1"
)";

std::string error_of(const std::string& text) {
  const auto drill = read_drill("x.yaml", text);
  return drill ? "no error" : drill.error().message;
}

TEST(DrillFile, IsRead) {
  const auto drill = read_drill("x.yaml", kSmall);
  ASSERT_TRUE(drill.has_value()) << drill.error().message;
  EXPECT_EQ(drill->control(), "SC-MODEL");
  EXPECT_EQ(drill->limit, std::chrono::seconds(5));
  EXPECT_EQ(drill->attacks.front().files.front().line, 12U);
  EXPECT_EQ(drill->benign.front().answer, "1");
}

TEST(DrillFile, MistakesAreToldWithTheirLine) {
  EXPECT_EQ(error_of(with(kSmall, "proof: prevent", "proofs: prevent")),
            "x.yaml: line 5: unknown key 'proofs'; did you mean 'proof'?");
  EXPECT_EQ(error_of(with(kSmall, "proof: prevent", "proof: hope")),
            "x.yaml: line 5: 'hope' is none of: prevent, detect, test");
  EXPECT_EQ(error_of(with(kSmall, "    effect: marker", "    efect: marker")),
            "x.yaml: line 16: unknown key 'efect'; did you mean 'effect'?");
  EXPECT_EQ(error_of(with(kSmall, "title: a title", "title: a title\ntitle: another")),
            "x.yaml: line 3: key 'title' comes twice");
  EXPECT_EQ(error_of(with(kSmall, "limit: 5", "limit: 500")),
            "x.yaml: line 6: must be a number of seconds, at most 60");
  EXPECT_EQ(error_of(with(kSmall, "      model.pkl: |", "      ../model.pkl: |")),
            "x.yaml: line 12: file name '../model.pkl' leaves the directory");
  EXPECT_EQ(error_of(with(kSmall, "    rules: [BW-PKL-001]\n", "")),
            "x.yaml: line 10: needs the rules or gaps that must refuse it");
  EXPECT_EQ(error_of(with(kSmall, "    answer: \"1\"\n", "")),
            "x.yaml: line 18: needs the answer that must be read back");
}

TEST(DrillFile, AWayOfKeepingAsksForWhatItNeeds) {
  const auto kept = [](std::string_view by) { return error_of(with(kSmall, "    effect: marker", by)); };
  EXPECT_NE(kept("    kept: signed").find("needs approved"), std::string::npos);
  EXPECT_NE(kept("    signed_by: nobody").find("only of kept: signed"), std::string::npos);
  EXPECT_NE(kept("    kept: encrypted").find("has no rules or gaps"), std::string::npos);
  EXPECT_NE(kept("    tamper: pass").find("needs kept: logged"), std::string::npos);
  EXPECT_NE(kept("    kept: locked").find("is none of: plain, signed"), std::string::npos);
}

TEST(DrillFile, ClaimsOnlyWhatTheMapExpects) {
  EXPECT_EQ(error_of(with(kSmall, "AML.T0076", "AML.T9999")), "x.yaml: no technique AML.T9999");
  EXPECT_EQ(error_of(with(kSmall, "SC-MODEL", "SC-MODELS")), "x.yaml: no control SC-MODELS");
  EXPECT_EQ(error_of(with(kSmall, "AML.T0076", "AML.T0051")),
            "x.yaml: SC-MODEL is no control of AML.T0051 in the map");
}

TEST(DrillFile, WithoutABenignTwinIsNoDrill) {
  EXPECT_EQ(error_of(kSmall.substr(0, kSmall.find("benign:"))),
            "x.yaml: a drill has attacks and benign twins, a draft neither");
}

TEST(DrillFile, OfACaseFollowsItsSteps) {
  const std::string replay = with(kSmall, "controls:", "cases: [AML.CS0025]\ncontrols:");
  EXPECT_EQ(error_of(replay), "x.yaml: a case replay has cases and steps, any other drill neither");
  const std::string steps =
      "steps:\n"
      "  - {step: 1, technique: AML.T0002.000, act: outside, does: a}\n"
      "  - {step: 2, technique: AML.T0008.002, act: outside, does: b}\n"
      "  - {step: 3, technique: AML.T0020, act: build, does: c}\n"
      "  - {step: 4, technique: AML.T0019, act: gate, does: d}\n"
      "  - {step: 5, technique: AML.T0059, act: load, does: e}\n"
      "  - {step: 6, technique: AML.T0031, act: effect, does: f}\n";
  EXPECT_EQ(error_of(replay + steps), "no error");
  EXPECT_EQ(error_of(replay + with(steps, "step: 3", "step: 4")),
            "x.yaml: step 3 of AML.CS0025 is AML.T0020, not step 4 AML.T0020");
  EXPECT_EQ(error_of(replay + with(steps, "AML.T0020", "AML.T0019")),
            "x.yaml: step 3 of AML.CS0025 is AML.T0020, not step 3 AML.T0019");
  EXPECT_EQ(error_of(replay + with(steps, "act: gate", "act: load")),
            "x.yaml: one step must cross the gate, 0 do");
}

TEST(BuiltinDrills, AreAllReadAndNamedAsTheirFiles) {
  const auto drills = builtin_drills();
  ASSERT_TRUE(drills.has_value()) << drills.error().message;
  EXPECT_GE(drills->size(), 20U);
  for (const Drill& drill : *drills) EXPECT_EQ(drill.file, "data/drills/" + drill.id + ".yaml");
}

const Rule* rule_of(const std::string& id) {
  if (const Rule* rule = scan::find_rule(id); rule != nullptr) return rule;
  for (const auto rules : {trust::rules(), ledger::rules()}) {
    const auto rule = std::ranges::find(rules, id, &Rule::id);
    if (rule != rules.end()) return *rule;
  }
  for (const Rule* rule : assay::rules())
    if (rule->id == id) return rule;
  return nullptr;
}

TEST(BuiltinDrills, ExpectRulesOfTheControlUnderTest) {
  const auto drills = builtin_drills();
  ASSERT_TRUE(drills.has_value());
  for (const Drill& drill : *drills) {
    for (const Trial& attack : drill.attacks) {
      for (const std::string& id : attack.rules) {
        const Rule* rule = rule_of(id);
        ASSERT_NE(rule, nullptr) << drill.id << ": no rule " << id;
        EXPECT_NE(rule->controls.find(drill.control()), std::string_view::npos)
            << drill.id << ": " << id << " is no rule of " << drill.control();
      }
    }
  }
}

TEST(BuiltinDrills, NameTheirIdsAfterTechniqueOrCase) {
  const auto drills = builtin_drills();
  ASSERT_TRUE(drills.has_value());
  for (const Drill& drill : *drills) {
    const std::string number = drill.id.substr(3, drill.id.find('-', 3) - 3);
    const bool named = std::ranges::any_of(drill.cases.empty() ? drill.techniques : drill.cases,
                                           [&](const std::string& id) { return id.ends_with(number); });
    EXPECT_TRUE(named) << drill.id;
  }
}

}  // namespace
}  // namespace bulwark::drill
