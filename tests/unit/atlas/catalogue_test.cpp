#include "atlas/catalogue.h"

#include <gtest/gtest.h>

#include "atlas/map.h"

namespace bulwark::atlas {
namespace {

TEST(PinnedCatalogue, HasAsManyOfEverythingAsAtlas56) {
  const Catalogue& catalogue = pinned();
  EXPECT_EQ(catalogue.tactics().size(), 16U);
  EXPECT_EQ(catalogue.techniques().size(), 170U);
  EXPECT_EQ(catalogue.mitigations().size(), 35U);
  EXPECT_EQ(catalogue.case_studies().size(), 57U);
  std::size_t pairs = 0;
  for (const Mitigation& mitigation : catalogue.mitigations()) pairs += mitigation.techniques.size();
  EXPECT_EQ(pairs, 246U);
  std::size_t steps = 0;
  for (const CaseStudy& study : catalogue.case_studies()) steps += study.steps.size();
  EXPECT_EQ(steps, 449U);
}

TEST(Map, NamesOnlyWhatTheCatalogueHasUnderThatName) {
  const Catalogue& catalogue = pinned();
  ASSERT_EQ(map().defences.size(), 170U);
  for (const Defence& defence : map().defences) {
    const Technique* technique = catalogue.technique(defence.technique);
    ASSERT_NE(technique, nullptr) << defence.technique;
    EXPECT_EQ(technique->name, defence.name);
    for (const std::string_view id : defence.controls) EXPECT_NE(map().control(id), nullptr) << id;
    for (const std::string_view code : defence.phases) EXPECT_NE(phase(code), nullptr) << code;
    EXPECT_EQ(defence.in_reach(), !defence.drill_id.empty() && !defence.oracle.empty()) << defence.technique;
  }
  for (const Answer& answer : map().answers) {
    const Mitigation* mitigation = catalogue.mitigation(answer.mitigation);
    ASSERT_NE(mitigation, nullptr) << answer.mitigation;
    EXPECT_EQ(mitigation->name, answer.name);
  }
  for (const Replay& replay : map().replays) {
    const CaseStudy* study = catalogue.case_study(replay.case_study);
    ASSERT_NE(study, nullptr) << replay.case_study;
    EXPECT_EQ(study->name, replay.name);
  }
}

TEST(Catalogue, RefusesATableThatRefersToNothing) {
  const auto read =
      Catalogue::read({.version = "1",
                       .tactics = "id\tname\torder\tattack_ref\nAML.TA0001\tStaging\t0\t\n",
                       .techniques = "id\tname\tsubtechnique_of\ttactic_ids\tattack_ref\tmaturity\n"
                                     "AML.T0001\tA\t\tAML.TA0009\t\tfeasible\n",
                       .mitigations = "id\tname\tml_lifecycle\tcategory\n",
                       .mitigation_technique = "mitigation_id\ttechnique_id\n",
                       .casestudies = "id\tname\ttype\tincident_date\tdate_granularity\tactor\ttarget\n",
                       .casestudy_steps = "casestudy_id\tstep\ttactic_id\ttechnique_id\n"});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "techniques: refers to AML.TA0009, which is not in the catalogue");
}

}  // namespace
}  // namespace bulwark::atlas
