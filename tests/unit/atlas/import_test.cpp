#include "atlas/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/embedded.h"
#include "base/text.h"
#include "support/support.h"

namespace bulwark::atlas {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string fixture(const std::string& name) {
  return test::read_file(std::string(BULWARK_SOURCE_DIR) + "/tests/fixtures/atlas/" + name);
}

Result<Import> import_text(std::string text, std::string name = "a.yaml") {
  const ImportSource source{std::move(name), std::move(text)};
  return import_catalogue({&source, 1}, ImportLimits());
}

std::string error_of(std::string text) {
  const auto import = import_text(std::move(text));
  return import ? "no error" : import.error().message;
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

// A small, whole catalogue in format 5.
constexpr std::string_view kSmall = R"(id: ATLAS
name: ATLAS
version: 5.9.0
matrices:
- id: ATLAS
  name: ATLAS Matrix
  tactics:
  - id: AML.TA0002
    name: Reconnaissance
  techniques:
  - id: AML.T0000
    name: Search
    tactics: [AML.TA0002]
    maturity: feasible
  - id: AML.T0000.001
    name: Deeper
    subtechnique-of: AML.T0000
    maturity: realized
  mitigations:
  - id: AML.M0000
    name: Hide
    ml-lifecycle: [Deployment]
    category: [Policy]
    techniques:
    - id: AML.T0000
      use: made up
case-studies:
- id: AML.CS0000
  name: A case
  case-study-type: exercise
  incident-date: 2020-01-01
  incident-date-granularity: YEAR
  actor: A
  target: B
  procedure:
  - tactic: AML.TA0002
    technique: AML.T0000.001
    description: made up
)";

class Atlas56 : public testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_folder().empty()) GTEST_SKIP() << "../shared is not here";
    auto read = import_text(test::read_file(test::shared_folder() + "/atlas/ATLAS-5.6.0.yaml"));
    ASSERT_TRUE(read) << read.error().message;
    import = std::move(*read);
  }
  Import import;
};

TEST_F(Atlas56, BecomesTheTablesThatAreCompiledInByteByByte) {
  EXPECT_EQ(import.tables.version, "5.6.0");
  EXPECT_EQ(import.tables.tactics, embedded::tactics());
  EXPECT_EQ(import.tables.techniques, embedded::techniques());
  EXPECT_EQ(import.tables.mitigations, embedded::mitigations());
  EXPECT_EQ(import.tables.mitigation_technique, embedded::mitigation_technique());
  EXPECT_EQ(import.tables.casestudies, embedded::casestudies());
  EXPECT_EQ(import.tables.casestudy_steps, embedded::casestudy_steps());
}

TEST_F(Atlas56, IsReadWithoutLossAndItsDefectsAreTold) {
  EXPECT_THAT(import.gaps, IsEmpty());
  EXPECT_THAT(import.unknown_keys, IsEmpty());
  EXPECT_THAT(import.repairs,
              ElementsAre(HasSubstr("mitigations AML.M0018: technique AML.T0052.001 stands in ml-lifecycle"),
                          HasSubstr("mitigations AML.M0034: technique AML.T0052.001 stands in ml-lifecycle"),
                          "mitigations AML.M0002: technique AML.T0043.001 is listed twice",
                          "mitigations AML.M0004: technique AML.T0043.001 is listed twice"));
}

TEST(ImportFormat6, ReadsTheDocumentedFormat) {
  const auto import = import_text(fixture("v6_sample.yaml"));
  ASSERT_TRUE(import) << import.error().message;
  EXPECT_EQ(import->tables.version, "2026.07");
  EXPECT_EQ(import->tables.format, "6.0.0");
  EXPECT_THAT(import->gaps, IsEmpty());
  EXPECT_THAT(import->unknown_keys, IsEmpty());
  const auto catalogue = Catalogue::read(import->tables.view());
  ASSERT_TRUE(catalogue);
  ASSERT_EQ(catalogue->tactics().size(), 2U);
  EXPECT_EQ(catalogue->tactics()[0].id, "AML.TA0003") << "in the order of the matrix";
  EXPECT_EQ(catalogue->techniques().size(), 5U);
  const Technique* loaded = catalogue->technique("AML.T0011.000");
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(loaded->parent, "AML.T0011");
  EXPECT_EQ(loaded->maturity, "realized");
  EXPECT_EQ(catalogue->technique("AML.T0011")->attack_ref, "T1204");
  const Technique* datasets = catalogue->technique("AML.T0115.000");
  ASSERT_NE(datasets, nullptr);
  EXPECT_THAT(datasets->tactics, ElementsAre("AML.TA0003")) << "its parent's";
  EXPECT_THAT(import->tables.extra, HasSubstr("AML.T0011\tplatform\tEnterprise\n"));
}

TEST(ImportFormat6, PutsStepsIntoTheOrderOfTheAttackAndFollowsAliases) {
  const auto import = import_text(fixture("v6_sample.yaml"));
  ASSERT_TRUE(import);
  EXPECT_EQ(import->tables.casestudy_steps,
            "casestudy_id\tstep\ttactic_id\ttechnique_id\n"
            "AML.CS0031\t1\tAML.TA0003\tAML.T0115.000\n"
            "AML.CS0031\t2\tAML.TA0005\tAML.T0011.000\n");
  EXPECT_THAT(import->tables.mitigation_technique, HasSubstr("AML.M0013\tAML.T0115.000\t\n"));
  EXPECT_THAT(import->repairs,
              ElementsAre("mitigations AML.M0013: AML.T0019 was retired; read as AML.T0115.000"));
  EXPECT_THAT(import->tables.casestudies, HasSubstr("incident\t2025-02-25\tDATE\tUnknown\t"));
}

TEST(ImportFormat6, ReadsRelationshipsThatAreAListAndPartsInSeveralFiles) {
  const std::vector<ImportSource> parts = {
      {"collection.yaml", "format-version: 6.0.0\ncollection: {version: 2026.09}\n"},
      {"tactics.yaml", "tactics:\n  AML.TA0001: {name: One}\n"},
      {"techniques.yaml", "techniques:\n  AML.T0001: {name: T, maturity: Feasible}\n"},
      {"more.yaml", "techniques:\n  AML.T0002: {name: U, maturity: Feasible}\n"},
      {"relationships.yaml",
       "relationships:\n- {source: AML.T0001, target: AML.TA0001, relationship-type: achieves}\n"
       "- {source: AML.T0002, target: AML.TA0001, type: achieves}\n"},
  };
  EXPECT_EQ(kind_of(parts[0], ImportLimits()), SourceKind::Part);
  EXPECT_EQ(kind_of(parts[3], ImportLimits()), SourceKind::Part);
  const auto import = import_catalogue(parts, ImportLimits());
  ASSERT_TRUE(import) << import.error().message;
  EXPECT_EQ(import->tables.version, "2026.09");
  EXPECT_THAT(import->gaps, IsEmpty());
  EXPECT_THAT(import->tables.techniques, HasSubstr("AML.T0002\tU\t\tAML.TA0001\town\t\tfeasible\t\t\n"));
}

TEST(ImportFormat6, RefusesAKeyThatContradictsItsObject) {
  std::string text = fixture("v6_sample.yaml");
  replace(text, "  AML.T0020:\n    id: AML.T0020", "  AML.T0020:\n    id: AML.T0021");
  EXPECT_THAT(error_of(text), HasSubstr("the object under key 'AML.T0020' says that its id is 'AML.T0021'"));
}

TEST(ImportFormat6, LeavesOutEdgesToNothingAndSaysSo) {
  std::string text = fixture("v6_sample.yaml");
  replace(text, "target: AML.T0011\n", "target: AML.T9999\n");
  const auto import = import_text(text);
  ASSERT_TRUE(import);
  EXPECT_THAT(
      import->gaps,
      ElementsAre("mitigations AML.M0013: refers to 'AML.T9999', which is not in the file; left out"));
}

TEST(ImportFormat6, SurvivesStepsThatLeadToOneAnother) {
  std::string text = fixture("v6_sample.yaml");
  replace(text, "leads-to: []", "leads-to: [S00]");
  const auto import = import_text(text);
  ASSERT_TRUE(import);
  EXPECT_THAT(import->repairs, testing::Contains(HasSubstr("lead to one another in a circle")));
  EXPECT_THAT(import->tables.casestudy_steps, HasSubstr("AML.CS0031\t1\tAML.TA0003"));
}

TEST(Import, KeepsAndCountsKeysThatItDoesNotKnow) {
  std::string text(kSmall);
  replace(text, "    maturity: feasible\n",
          "    maturity: feasible\n    severity: {impact: high, by: [me]}\n");
  const auto import = import_text(text);
  ASSERT_TRUE(import);
  EXPECT_EQ(import->unknown_keys.at("techniques: severity"), 1U);
  EXPECT_THAT(import->tables.extra, HasSubstr("AML.T0000\tseverity\t{impact: high, by: [me]}\n"));
}

TEST(Import, TellsWhatIsMissing) {
  std::string text(kSmall);
  replace(text, "    maturity: feasible\n", "");
  replace(text, "  - id: AML.M0000\n    name: Hide", "  - name: Hide");
  replace(text, "    technique: AML.T0000.001\n", "    technique: AML.T0404\n");
  const auto import = import_text(text);
  ASSERT_TRUE(import);
  EXPECT_THAT(
      import->gaps,
      ElementsAre("line 11: techniques AML.T0000 has no maturity",
                  "line 19: mitigations: an object without an id is left out",
                  "line 34: case-studies AML.CS0000: refers to 'AML.T0404', which is not in the file; "
                  "left out",
                  "case-studies AML.CS0000 has no steps"));
}

TEST(Import, RefusesAMapWhereATextIsExpectedAndNamesTheLine) {
  std::string text(kSmall);
  replace(text, "name: Search", "name:\n      Search: for models");
  EXPECT_EQ(error_of(text),
            "a.yaml: line 13: techniques AML.T0000: 'name' is a map, expected a text; an unquoted ': ' makes "
            "a map of "
            "it: put the text into quotes");
  std::string step(kSmall);
  replace(step, "    description: made up\n", "    description:\n      made: up\n");
  EXPECT_THAT(error_of(step), StartsWith("a.yaml: line 39: AML.CS0000: procedure: 'description' is a map"));
  std::string list(kSmall);
  replace(list, "ml-lifecycle: [Deployment]", "ml-lifecycle: [{stage: Deployment}]");
  EXPECT_THAT(error_of(list), HasSubstr("an item of 'ml-lifecycle' is a map, expected a text"));
}

TEST(Import, TellsDuplicateKeysAndObjects) {
  std::string text(kSmall);
  replace(text, "    name: Search\n", "    name: Old\n    name: Search\n");
  const auto import = import_text(text);
  ASSERT_TRUE(import);
  EXPECT_THAT(import->repairs,
              ElementsAre("line 13: techniques AML.T0000: key 'name' comes twice; the last value is used"));
  EXPECT_THAT(import->tables.techniques, HasSubstr("AML.T0000\tSearch\t"));
  std::string twice(kSmall);
  replace(twice, "  - id: AML.T0000.001\n", "  - id: AML.T0000\n    name: Other\n  - id: AML.T0000.001\n");
  EXPECT_THAT(error_of(twice), HasSubstr("id AML.T0000 comes twice, as 'Search' and as 'Other'"));
}

TEST(Import, SaysWhatAnUnknownFormatIsAndWhatToTakeInstead) {
  const auto said = [](std::string text) {
    const std::string message = error_of(std::move(text));
    EXPECT_THAT(message, HasSubstr("expected ATLAS YAML in format 5"));
    EXPECT_THAT(message, HasSubstr("github.com/mitre-atlas/atlas-data"));
    return message.substr(0, message.find(';'));
  };
  EXPECT_EQ(said(R"({"type": "bundle", "id": "bundle--1", "objects": []})"), "a.yaml: this is a STIX bundle");
  EXPECT_EQ(said(R"({"domain": "atlas-atlas", "techniques": []})"), "a.yaml: this is a Navigator layer");
  EXPECT_EQ(said(R"({"name": "shop", "price": 3})"),
            "a.yaml: this is something else (top-level keys: 'name', 'price')");
  EXPECT_EQ(said("tactics: []\ntechniques: []\nversion: 3.1.0\n").substr(0, 45),
            "a.yaml: this is ATLAS of a format before 4 or");
  EXPECT_EQ(said("version: 4.9.0\nmatrices: [{}]\n"),
            "a.yaml: this is ATLAS 4.9.0, in a format that is not read");
  EXPECT_EQ(said("format-version: 7.0.0\ntechniques: {}\n"),
            "a.yaml: this is ATLAS in format 7.0.0, which is not known here");
  EXPECT_EQ(said(""), "a.yaml: this is an empty file");
  EXPECT_EQ(said("hello"), "a.yaml: this is plain text");
  EXPECT_EQ(said("- a\n"), "a.yaml: this is a YAML or JSON list, not a map");
  EXPECT_EQ(said("version: 5.6.0\nmatrices: []\n"), "a.yaml: this is ATLAS without a matrix");
  EXPECT_THAT(error_of("a: [\n"), StartsWith("a.yaml: YAML text at line 2"));
  EXPECT_THAT(error_of("version: 5.6.0\nmatrices: [{}]\n"), HasSubstr("this is no catalogue"));
}

TEST(Import, RefusesAVersionThatIsNoName) {
  std::string text(kSmall);
  replace(text, "version: 5.9.0", "version: 5/../../x");
  EXPECT_EQ(error_of(text), "a.yaml: version '5/../../x' is none");
}

TEST(Import, IsSafeWithHostileTexts) {
  std::string text(kSmall);
  replace(text, "name: Search", "name: \"\\e[31mred\\tand\\nblue \\u202Eevil\"");
  const auto import = import_text(text);
  ASSERT_TRUE(import);
  EXPECT_THAT(import->tables.techniques, HasSubstr("\\x1b[31mred and blue \\u{202e}evil\t"));
}

TEST(Import, StopsAtItsLimits) {
  ImportLimits limits;
  limits.objects = 1;
  const ImportSource source{"a.yaml", std::string(kSmall)};
  const auto import = import_catalogue({&source, 1}, limits);
  ASSERT_FALSE(import);
  EXPECT_EQ(import.error().code, Code::LimitReached);
}

TEST(Import, NeverBreaksOnATextThatEndsEarly) {
  const std::string whole = fixture("v6_sample.yaml");
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const auto import = import_text(whole.substr(0, size));
    if (!import) continue;
    EXPECT_TRUE(Catalogue::read(import->tables.view())) << size;
  }
  const std::string v5(kSmall);
  for (std::size_t size = 0; size < v5.size(); ++size) {
    const auto import = import_text(v5.substr(0, size));
    if (!import) continue;
    EXPECT_TRUE(Catalogue::read(import->tables.view())) << size;
  }
}

TEST(Pointer, IsAFileThatHoldsOnlyANameOfAnother) {
  EXPECT_EQ(pointer_target("v6/ATLAS-latest.yaml\n"), "v6/ATLAS-latest.yaml");
  EXPECT_EQ(pointer_target("ATLAS-2026.05.yaml"), "ATLAS-2026.05.yaml");
  EXPECT_EQ(pointer_target("format-version: 6.0.0\n"), std::nullopt);
  EXPECT_EQ(pointer_target("a b.yaml"), std::nullopt);
  EXPECT_EQ(pointer_target(""), std::nullopt);
}

TEST(Version, IsComparedByItsNumbers) {
  EXPECT_TRUE(is_older("5.6.0", "2026.05"));
  EXPECT_TRUE(is_older("5.6.0", "5.10.0"));
  EXPECT_TRUE(is_older("2026.05", "2026.05.1"));
  EXPECT_FALSE(is_older("2026.10", "2026.9"));
}

}  // namespace
}  // namespace bulwark::atlas
