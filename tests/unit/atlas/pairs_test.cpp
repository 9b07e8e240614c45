// Every id of ATLAS that our data and rules name exists. The build holds names, too: tools/check_atlas.awk.

#include <gtest/gtest.h>

#include "atlas/compare.h"
#include "base/text.h"
#include "drill/results.h"
#include "scan/engine.h"

namespace bulwark::atlas {
namespace {

TEST(EveryRule, NamesTechniquesAndControlsThatExist) {
  for (const Rule* rule : scan::all_rules()) {
    EXPECT_FALSE(rule->atlas.empty()) << rule->id;
    for (const std::string_view id : words(rule->atlas))
      EXPECT_NE(pinned().technique(id), nullptr) << rule->id << ": " << id;
    for (const std::string_view id : words(rule->controls))
      EXPECT_NE(map().control(id), nullptr) << rule->id << ": " << id;
  }
}

TEST(EveryImplementedControl, IsInTheCatalogueOfControls) {
  for (const std::string_view id : drill::implemented_controls()) EXPECT_NE(map().control(id), nullptr) << id;
}

TEST(EveryTable, NamesWhatThePinnedVersionHasUnderThatName) {
  const std::vector<Reference> references = references_of(map());
  EXPECT_EQ(references.size(), 170U + 35U + 57U);
  for (const BrokenReference& reference : broken(references, pinned(), map()))
    ADD_FAILURE() << reference.reference.place << ": " << reference.why;
  for (const Crossing& crossing : map().crosswalk)
    for (const std::string_view id : crossing.controls)
      EXPECT_NE(map().control(id), nullptr) << crossing.item << ": " << id;
  for (const Replay& replay : map().replays)
    for (const std::string_view id : replay.controls)
      EXPECT_NE(map().control(id), nullptr) << replay.case_study << ": " << id;
  for (const Answer& answer : map().answers)
    for (const std::string_view id : answer.controls)
      EXPECT_NE(map().control(id), nullptr) << answer.mitigation << ": " << id;
}

}  // namespace
}  // namespace bulwark::atlas
