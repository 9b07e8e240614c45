#include "report/atlas_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/document.h"
#include "base/text.h"
#include "report/atlas_json.h"
#include "report/navigator.h"
#include "support/golden.h"
#include "support/json_schema.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

using atlas::DrillOutcome;
using atlas::Outcome;
using atlas::Proof;
using testing::HasSubstr;

constexpr Rule kRule{.id = "BW-TEST-001",
                     .title = "file runs a command when it is loaded",
                     .severity = Severity::Critical,
                     .atlas = "AML.T0011.000 AML.T0050",
                     .why = "w",
                     .fix = "f"};

// A build with three controls and a few drills, whatever the real one has.
struct Build {
  std::vector<std::string_view> implemented = {"SC-ARCH", "SC-CONF", "SC-MODEL"};
  std::vector<const Rule*> rules = {&kRule};
  std::vector<DrillOutcome> drills = {
      {.id = "DR-0011.000",
       .techniques = {"AML.T0011.000"},
       .controls = {"SC-MODEL"},
       .outcome = Outcome::Proven},
      {.id = "DR-0112.000", .techniques = {"AML.T0112.000"}, .outcome = Outcome::Proven},
      {.id = "DR-0112.001",
       .techniques = {"AML.T0112.001"},
       .outcome = Outcome::Proven,
       .proof = Proof::Detect},
      {.id = "DR-0049",
       .techniques = {"AML.T0049"},
       .controls = {"SC-CONF"},
       .outcome = Outcome::Failed,
       .reason = "the benign twin was refused"},
      {.id = "DR-CS0023", .cases = {"AML.CS0023"}, .outcome = Outcome::Proven, .stopped_at_step = 2},
      {.id = "DR-0043", .techniques = {"AML.T0043"}, .outcome = Outcome::Proven, .proof = Proof::Test},
      {.id = "DR-0089",
       .techniques = {"AML.T0089"},
       .outcome = Outcome::Unassessed,
       .reason = "needs DP-SANDBOX\x1b[31m"},
  };
  [[nodiscard]] report::AtlasView view() const {
    return {.catalogue = atlas::pinned(),
            .map = atlas::map(),
            .implemented = implemented,
            .drills = drills,
            .rules = rules};
  }
};

const report::CoverageFacts kFacts{.build = std::string(64, 'b'), .date = "2026-11-20"};

std::string show(const Build& build, std::string_view id, const report::TextLook& look = {}) {
  const atlas::Found found = atlas::look_up(atlas::pinned(), atlas::map(), id);
  EXPECT_TRUE(found.object.found()) << id;
  return report::page_text(report::object_page(build.view(), found.object, found.note), look);
}

TEST(GoldenAtlas, PagesOfEveryKindOfObject) {
  const Build build;
  std::string text;
  for (const std::string_view id :
       {"T0011.000", "T0049", "T0048.000", "TA0012", "M0013", "CS0023", "SC-CONF", "ML06", "AML.T0115.000"})
    text += show(build, id) + "\n----\n\n";
  expect_golden("atlas/show.txt", text);
}

TEST(GoldenAtlas, PageInColourOnANarrowTerminal) {
  expect_golden("atlas/colour.txt", show(Build(), "T0011.000", {.colour = true, .columns = 72}));
}

TEST(GoldenAtlas, CaseAndPhaseAsMarkdown) {
  const Build build;
  expect_golden("atlas/case.md", report::page_markdown(report::case_page(
                                     build.view(), *atlas::pinned().case_study("AML.CS0031"))));
  expect_golden("atlas/phase.md",
                report::page_markdown(report::phase_page(build.view(), *atlas::phase("MO"))));
}

TEST(GoldenAtlas, CoverageHasThreeDenominators) {
  const Build build;
  expect_golden("atlas/coverage.txt", report::page_text(report::coverage_page(build.view(), kFacts), {}));
  expect_golden("atlas/coverage.json", report::atlas_coverage_json(build.view(), kFacts));
}

TEST(GoldenAtlas, Lists) {
  const Build build;
  std::string text;
  for (const std::string_view what : {"tactics", "controls", "phases", "cases", "mitigations", "crosswalk"})
    text += report::page_text(report::list_page(build.view(), what, {}), {}) + "\n----\n\n";
  text += report::page_text(
      report::list_page(build.view(), "techniques",
                        {.tactic = "", .phase = "RG", .control = "SC-MODEL", .maturity = "", .kind = ""}),
      {});
  expect_golden("atlas/lists.txt", text);
}

TEST(GoldenAtlas, ObjectsAsJson) {
  const Build build;
  std::string text;
  for (const std::string_view id : {"T0011.000", "M0013", "CS0023", "TA0012", "SC-CONF", "ML06"})
    text += report::atlas_json(build.view(), atlas::look_up(atlas::pinned(), atlas::map(), id).object, "");
  text += report::atlas_json(build.view(), *atlas::phase("MO"));
  expect_golden("atlas/show.json", text);
}

Document parsed(const std::string& text) {
  auto document = parse_json(text, Limits{});
  EXPECT_TRUE(document) << document.error().message;
  return document ? std::move(document->root) : Document{};
}

TEST(AtlasJson, FitsItsSchema) {
  const Build build;
  const Document schema =
      parsed(read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/atlas.schema.json"));
  for (const std::string_view id : {"T0011.000", "T0048", "M0013", "CS0023", "TA0012", "SC-CONF", "ML06"}) {
    const auto found = atlas::look_up(atlas::pinned(), atlas::map(), id);
    EXPECT_EQ(schema_complaints(schema, parsed(report::atlas_json(build.view(), found.object, "n"))), "")
        << id;
  }
  EXPECT_EQ(schema_complaints(schema, parsed(report::atlas_json(build.view(), *atlas::phase("SV")))), "");
  EXPECT_EQ(schema_complaints(schema, parsed(report::atlas_export_json(build.view()))), "");
  EXPECT_EQ(schema_complaints(schema, parsed(report::atlas_list_json(build.view(), "cases", {}))), "");
  EXPECT_EQ(schema_complaints(schema, parsed(report::atlas_coverage_json(build.view(), kFacts))), "");
}

TEST(AtlasPages, ShowHostileTextsSafely) {
  const std::string text = report::page_text(report::coverage_page(Build().view(), kFacts), {});
  EXPECT_THAT(text, HasSubstr("needs DP-SANDBOX\\x1b[31m"));
}

TEST(AtlasPages, SayThatNoDrillHasRunAndWithWhichCommandItDoes) {
  Build build;
  build.drills.clear();
  EXPECT_THAT(show(build, "T0011.000"),
              HasSubstr("No drill has run on this build: bulwark drill run --technique AML.T0011.000"));
  EXPECT_THAT(show(build, "CS0023"),
              HasSubstr("No drill has run on this build: bulwark drill run --case AML.CS0023"));
  EXPECT_THAT(report::page_text(report::coverage_page(build.view(), kFacts), {}),
              HasSubstr("No drill has run on this build: bulwark drill run --all"));
}

TEST(AtlasPages, ExistForEverythingThatIsKnownInEveryFormat) {
  const Build build;
  std::vector<std::string_view> ids;
  for (const auto& tactic : atlas::pinned().tactics()) ids.push_back(tactic.id);
  for (const auto& technique : atlas::pinned().techniques()) ids.push_back(technique.id);
  for (const auto& mitigation : atlas::pinned().mitigations()) ids.push_back(mitigation.id);
  for (const auto& study : atlas::pinned().case_studies()) ids.push_back(study.id);
  for (const auto& control : atlas::map().controls) ids.push_back(control.id);
  for (const auto& crossing : atlas::map().crosswalk) ids.push_back(crossing.item);
  for (const std::string_view id : ids) {
    const auto found = atlas::look_up(atlas::pinned(), atlas::map(), id);
    ASSERT_TRUE(found.object.found()) << id;
    const report::Page page = report::object_page(build.view(), found.object, "");
    const std::string text = report::page_text(page, {});
    for (const std::string_view line : split(text, '\n')) EXPECT_LE(line.size(), 120U) << line;
    EXPECT_THAT(report::page_markdown(page), testing::StartsWith("# "));
    EXPECT_THAT(report::page_html(page), HasSubstr("<h1"));
  }
}

// (techniqueID, tactic), in order.
std::vector<std::string> places(const Document& layer) {
  std::vector<std::string> found;
  for (const Document& entry : layer.find("techniques")->list)
    found.push_back(std::string(entry.text("techniqueID")) + " " + std::string(entry.text("tactic")));
  return found;
}

TEST(NavigatorLayer, HasTheShapeOfUpstreamsOwn) {
  if (shared_folder().empty()) GTEST_SKIP() << "../shared is not here";
  const Document ours = parsed(report::coverage_layer(Build().view(), "0.1.0"));
  for (const std::string name : {"navigator_layer_matrix.json", "navigator_layer_frequency.json"}) {
    const Document theirs = parsed(read_file(shared_folder() + "/atlas/" + name));
    EXPECT_EQ(places(ours), places(theirs)) << name;
    EXPECT_EQ(ours.text("domain"), theirs.text("domain"));
    EXPECT_EQ(ours.find("versions")->text("layer"), theirs.find("versions")->text("layer"));
    EXPECT_EQ(ours.find("versions")->text("navigator"), theirs.find("versions")->text("navigator"));
    std::set<std::string> keys;
    for (const auto& [key, value] : ours.map) keys.insert(key);
    for (const auto& [key, value] : theirs.map) EXPECT_TRUE(keys.contains(key)) << key;
    for (const Document& entry : theirs.find("techniques")->list) {
      const bool shows = entry.find("showSubtechniques") != nullptr;
      EXPECT_EQ(shows, entry.find("tactic") != nullptr);
    }
  }
  EXPECT_EQ(ours.find("techniques")->list.size(), 180U);
  EXPECT_EQ(ours.find("metadata")->list.front().text("value"), "5.6.0");
}

TEST(NavigatorLayer, ColoursByAnswerAndScoresByProof) {
  const Document layer = parsed(report::coverage_layer(Build().view(), "0.1.0"));
  const auto entry = [&](std::string_view id) {
    for (const Document& candidate : layer.find("techniques")->list)
      if (candidate.text("techniqueID") == id) return candidate;
    return Document();
  };
  EXPECT_EQ(entry("AML.T0011.000").find("score")->integer, 100);
  EXPECT_EQ(entry("AML.T0011.000").text("color"), "#009E73");
  EXPECT_EQ(entry("AML.T0112.001").find("score")->integer, 70);
  EXPECT_EQ(entry("AML.T0112").find("score")->integer, 70) << "as proven as the least of its sub-techniques";
  EXPECT_EQ(entry("AML.T0043").find("score")->integer, 30);
  EXPECT_EQ(entry("AML.T0049").find("score")->integer, 0) << "its drill failed";
  EXPECT_EQ(entry("AML.T0048").text("color"), "#BBBBBB");
  EXPECT_THAT(std::string(entry("AML.T0049").text("comment")), HasSubstr("DR-0049: failed"));
}

}  // namespace
}  // namespace bulwark::test
