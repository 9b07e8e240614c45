#include "atlas/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/alias.h"
#include "atlas/import.h"
#include "atlas/lookup.h"
#include "support/support.h"

namespace bulwark::atlas {
namespace {

using testing::HasSubstr;

class Newer : public testing::Test {
 protected:
  Newer() {
    const ImportSource source{
        "v6", test::read_file(std::string(BULWARK_SOURCE_DIR) + "/tests/fixtures/atlas/v6_sample.yaml")};
    import = import_catalogue({&source, 1}, ImportLimits()).value();
    catalogue = Catalogue::read(import.tables.view()).value();
  }
  Import import;
  Catalogue catalogue;
};

TEST(Aliases, LeaveOutWhatIsOnlyInferred) {
  EXPECT_EQ(aliases(map()).size(), 2U);
  EXPECT_EQ(alias_of(map(), "AML.T0019")->successor, "AML.T0115.000");
  EXPECT_EQ(alias_of(map(), "AML.T0104")->successor, "AML.T0115.002");
  EXPECT_FALSE(alias_of(map(), "AML.T0058")) << "its successor's id is inferred, not read";
  EXPECT_EQ(alias_to(map(), "AML.T0115.002")->retired, "AML.T0104");
}

TEST_F(Newer, IsComparedWithThePinnedVersion) {
  const std::vector<Change> changes = compare(pinned(), catalogue, map());
  const auto find = [&](std::string_view id) {
    const auto found = std::ranges::find(changes, id, &Change::id);
    return found == changes.end() ? Change() : *found;
  };
  EXPECT_EQ(find("AML.T0115.000").kind, Change::Kind::Added);
  EXPECT_EQ(find("AML.T0020").kind, Change::Kind::Renamed);
  EXPECT_EQ(find("AML.T0020").after, "Training Data Poisoning");
  EXPECT_EQ(find("AML.T0019").kind, Change::Kind::Retired);
  EXPECT_EQ(find("AML.T0019").successor, "AML.T0115.000");
  EXPECT_EQ(find("AML.T0058").successor, "");
  EXPECT_TRUE(find("AML.T0011").id.empty()) << "unchanged";
}

TEST_F(Newer, BreaksTheMappingsThatNameWhatIsGone) {
  const std::vector<BrokenReference> found = broken(references_of(map()), catalogue, map());
  const auto why = [&](std::string_view id) {
    for (const BrokenReference& reference : found)
      if (reference.reference.id == id) return reference.reference.place + ": " + reference.why;
    return std::string();
  };
  EXPECT_EQ(
      why("AML.T0020"),
      "control_map: AML.T0020 is 'Training Data Poisoning' in ATLAS 2026.07, not 'Poison Training Data'");
  EXPECT_EQ(why("AML.T0019"), "control_map: AML.T0019 is not in ATLAS 2026.07; it is AML.T0115.000 now");
  EXPECT_EQ(why("AML.M0013"), "");
  EXPECT_EQ(broken(references_of(map()), pinned(), map()).size(), 0U);
}

TEST_F(Newer, IsLookedUpThroughAliases) {
  const Found found = look_up(catalogue, map(), "T0019");
  ASSERT_NE(found.object.technique, nullptr);
  EXPECT_EQ(found.object.technique->id, "AML.T0115.000");
  EXPECT_EQ(found.note, "AML.T0019 was retired in ATLAS 2026.07; it is AML.T0115.000 now");
  const Found inferred = look_up(catalogue, map(), "AML.T0058");
  EXPECT_FALSE(inferred.object.found());
  EXPECT_THAT(inferred.note, HasSubstr("inferred"));
}

TEST(LookUp, TakesIdsAsPeopleWriteThem) {
  const auto technique = [](std::string_view text) {
    const Technique* found = look_up(pinned(), map(), text).object.technique;
    return found == nullptr ? std::string_view() : found->id;
  };
  for (const std::string_view text : {"AML.T0011.000", "T0011.000", "aml.t0011.000", "Unsafe AI Artifacts"})
    EXPECT_EQ(technique(text), "AML.T0011.000") << text;
  EXPECT_EQ(look_up(pinned(), map(), "M0013").object.mitigation->name, "Code Signing");
  EXPECT_EQ(look_up(pinned(), map(), "cs0023").object.case_study->name, "ShadowRay");
  EXPECT_EQ(look_up(pinned(), map(), "TA0002").object.tactic->name, "Reconnaissance");
  EXPECT_EQ(look_up(pinned(), map(), "sc-model").object.control->id, "SC-MODEL");
  EXPECT_EQ(look_up(pinned(), map(), "TR-COST").object.control->id, "TR-COST");
  EXPECT_EQ(look_up(pinned(), map(), "ml01").object.crossing->note, "Input Manipulation Attack");
  const Found newer = look_up(pinned(), map(), "AML.T0115.000");
  EXPECT_EQ(newer.object.technique->id, "AML.T0019");
  EXPECT_EQ(newer.note, "AML.T0115.000 replaced AML.T0019 in ATLAS 2026.07; this catalogue is 5.6.0");
}

TEST(LookUp, SuggestsWhatMayBeMeant) {
  EXPECT_THAT(look_up(pinned(), map(), "T0011.009").suggestions,
              testing::Contains("AML.T0011.000  Unsafe AI Artifacts"));
  EXPECT_THAT(look_up(pinned(), map(), "SC-MODELS").suggestions, testing::Contains(HasSubstr("SC-MODEL  ")));
  EXPECT_THAT(look_up(pinned(), map(), "jailbreak").suggestions,
              testing::Contains("AML.T0054  LLM Jailbreak"));
  EXPECT_THAT(look_up(pinned(), map(), "AML.T0113").note,
              testing::StartsWith("ATLAS 2026.06 added AML.T0113: Steal Web Session Cookie"));
  EXPECT_FALSE(look_up(pinned(), map(), "").object.found());
  EXPECT_FALSE(look_up(pinned(), map(), "zzzzzzzzzz").object.found());
}

}  // namespace
}  // namespace bulwark::atlas
