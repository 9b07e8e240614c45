// Our tables, held against the catalogue and the map.

#include "assess/knowledge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "atlas/catalogue.h"
#include "atlas/map.h"

namespace bulwark::test {
namespace {

using assess::knowledge;

TEST(AssessKnowledge, EveryTechniqueHasARow) {
  const auto& rows = knowledge().applicability;
  const auto& techniques = atlas::pinned().techniques();
  ASSERT_EQ(rows.size(), techniques.size());
  ASSERT_EQ(rows.size(), 170U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].technique, techniques[i].id);
    EXPECT_EQ(rows[i].name, techniques[i].name) << rows[i].technique;
    EXPECT_TRUE(rows[i].because.ends_with('.')) << rows[i].technique;
    EXPECT_FALSE(rows[i].access.empty()) << rows[i].technique;
  }
}

TEST(AssessKnowledge, EveryControlHasAChange) {
  const auto& controls = atlas::map().controls;
  const auto& changes = knowledge().changes;
  ASSERT_EQ(changes.size(), controls.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].control, controls[i].id);
    EXPECT_NE(atlas::phase(changes[i].phase), nullptr) << changes[i].control;
    EXPECT_TRUE(changes[i].change.ends_with('.')) << changes[i].control;
  }
}

TEST(AssessKnowledge, EveryKindMakesSomethingApply) {
  for (const assess::KindInfo& kind : assess::kinds()) {
    EXPECT_EQ(assess::kind_from(kind.id), kind.kind);
    const bool named = std::ranges::any_of(knowledge().applicability, [&](const assess::Applicability& row) {
      return std::ranges::any_of(
          row.needs, [&](const auto& set) { return std::ranges::find(set, kind.kind) != set.end(); });
    });
    EXPECT_TRUE(named) << kind.id;
  }
}

TEST(AssessKnowledge, WrongWordsAreRefused) {
  const std::string head = "technique_id\tname\tneeds\tknowledge\taccess\tbecause\n";
  const std::string controls = "control_id\tphase\teffort\tchange\n";
  const auto read = [&](const std::string& row) {
    return assess::read_knowledge(head + row, controls).has_value();
  };
  EXPECT_TRUE(read("AML.T0000\tx\tllm+agent;any\tblack\tnone;query\tB.\n"));
  EXPECT_FALSE(read("AML.T0000\tx\tlm\tblack\tnone\tB.\n"));
  EXPECT_FALSE(read("AML.T0000\tx\tllm\tblue\tnone\tB.\n"));
  EXPECT_FALSE(read("AML.T0000\tx\tllm\tblack\tmagic\tB.\n"));
  EXPECT_FALSE(read("AML.T0000\tx\t\tblack\tnone\tB.\n"));
  EXPECT_FALSE(assess::read_knowledge(head, controls + "SC-MODEL\tCI\t9\tDo.\n").has_value());
}

}  // namespace
}  // namespace bulwark::test
