// Whole assessments of the example trees, and what every form of them must hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/document.h"
#include "report/assess.h"
#include "support/golden.h"
#include "support/json_schema.h"
#include "support/support.h"
#include "unit/assess/example.h"

namespace bulwark::test {
namespace {

constexpr const char* kExamples[] = {"tabular-mlflow-airflow", "llm-rag-agents", "kserve-triton"};

Document parsed(const std::string& text) {
  auto document = parse_json(text, Limits{});
  EXPECT_TRUE(document) << text.substr(0, 400);
  return document ? std::move(document->root) : Document{};
}

report::AssessRun run_of(const assess::Assessment& assessment) {
  return {.assessment = assessment, .version = "0.0.0"};
}

TEST(Golden, AssessmentsOfTheExamples) {
  for (const std::string name : kExamples) {
    const assess::Assessment assessment = assessed(name, example_tree(name));
    expect_golden("assess/" + name + ".txt", report::assess_text(run_of(assessment)));
    expect_golden("assess/" + name + ".json", report::assess_json(run_of(assessment)));
  }
}

TEST(Golden, AssessmentOfNothing) {
  const assess::Assessment assessment = assessed("empty", {});
  expect_golden("assess/empty.txt", report::assess_text(run_of(assessment)));
}

TEST(Assess, JsonFitsItsSchema) {
  const Document schema =
      parsed(read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/assess.schema.json"));
  for (const std::string name : kExamples) {
    const assess::Assessment assessment = assessed(name, example_tree(name));
    EXPECT_EQ(schema_complaints(schema, parsed(report::assess_json(run_of(assessment)))), "") << name;
  }
  EXPECT_EQ(schema_complaints(schema, parsed(report::assess_json(run_of(assessed("empty", {}))))), "");
  EXPECT_NE(schema_complaints(schema, parsed("{}")), "");
}

TEST(Assess, EveryThreatStandsInAPhaseAndHasAComponent) {
  for (const std::string name : kExamples) {
    const assess::Assessment assessment = assessed(name, example_tree(name));
    std::set<std::size_t> seen;
    for (const assess::PhaseView& view : assessment.phases)
      seen.insert(view.threats.begin(), view.threats.end());
    EXPECT_EQ(seen.size(), assessment.threats.size());
    for (const assess::Threat& threat : assessment.threats) EXPECT_FALSE(threat.components.empty());
  }
}

TEST(Assess, PhasesFollowTheSurvey) {
  const assess::Assessment assessment = assessed("x", example_tree("benign-llm"));
  std::vector<std::string_view> surveys;
  for (const assess::PhaseView& view : assessment.phases)
    if (surveys.empty() || surveys.back() != view.survey) surveys.push_back(view.survey);
  EXPECT_EQ(surveys, (std::vector<std::string_view>{"Preparation", "Design / Setup",
                                                    "Model Development and Evaluation", "Operations"}));
}

TEST(Assess, TechniquesFollowTheComponents) {
  const auto applies = [](const Tree& tree, std::string_view id) {
    return assessed("x", tree).threat(id) != nullptr;
  };
  const Tree tabular = example_tree("tabular-mlflow-airflow");
  EXPECT_TRUE(applies(tabular, "AML.T0020"));      // poisoned data: a feedback loop
  EXPECT_TRUE(applies(tabular, "AML.T0011.000"));  // pickles
  EXPECT_FALSE(applies(tabular, "AML.T0051"));     // no language model
  EXPECT_FALSE(applies(tabular, "AML.T0041"));     // nothing that sees
  EXPECT_TRUE(applies(example_tree("llm-rag-agents"), "AML.T0051.001"));
  EXPECT_TRUE(applies(example_tree("llm-rag-agents"), "AML.T0110"));
  EXPECT_TRUE(applies(example_tree("kserve-triton"), "AML.T0041"));
  EXPECT_FALSE(applies(example_tree("kserve-triton"), "AML.T0070"));
}

TEST(Assess, ConjunctionsNeedAllOfTheirKinds) {
  const Tree model = {{"a.py", "import openai\n"}};
  EXPECT_EQ(assessed("x", model).threat("AML.T0060"), nullptr);
  Tree both = model;
  both["requirements.txt"] = "openai\n";
  const assess::Assessment assessment = assessed("x", both);
  const assess::Threat* threat = assessment.threat("AML.T0060");
  ASSERT_NE(threat, nullptr);
  EXPECT_EQ(threat->components.size(), 2U);
}

TEST(Assess, MoreComponentsNeverTakeATechniqueAway) {
  Tree tree;
  std::set<std::string_view> before;
  for (const auto& [path, content] : example_tree("llm-rag-agents")) {
    tree[path] = content;
    const assess::Assessment assessment = assessed("x", tree);
    std::set<std::string_view> now;
    for (const assess::Threat& threat : assessment.threats) now.insert(threat.technique->id);
    EXPECT_TRUE(std::ranges::includes(now, before)) << path;
    before = std::move(now);
  }
}

TEST(Assess, ControlsHaveAState) {
  const assess::Assessment assessment = assessed("x", example_tree("tabular-mlflow-airflow"));
  EXPECT_EQ(state_name(*assessment.standing("SC-MODEL")), "present");
  EXPECT_EQ(state_name(*assessment.standing("RG-SIGN")), "absent");
  EXPECT_EQ(state_name(*assessment.standing("GW-MEM")), "not applicable");
  EXPECT_EQ(best_state(assessment, *assessment.threat("AML.T0017")), "document only");
}

TEST(Assess, DrillsMakeControlsAndTechniquesProven) {
  const std::vector<atlas::DrillOutcome> drills = {{.id = "DR-0011.000",
                                                    .techniques = {"AML.T0011.000"},
                                                    .controls = {"SC-MODEL"},
                                                    .outcome = atlas::Outcome::Proven}};
  const std::string_view implemented[] = {"SC-MODEL"};
  const assess::Assessment assessment =
      assess::assess({.merged = assess::merge({}, discovered(example_tree("tabular-mlflow-airflow"))),
                      .drills = drills,
                      .implemented = implemented},
                     atlas::pinned(), atlas::map(), assess::knowledge());
  EXPECT_EQ(state_name(*assessment.standing("SC-MODEL")), "proven");
  EXPECT_EQ(best_state(assessment, *assessment.threat("AML.T0011.000")), "proven");
  EXPECT_EQ(best_state(assessment, *assessment.threat("AML.T0076")), "present");  // not what the drill showed
}

TEST(Assess, PageIsWholeAndLoadsNothing) {
  for (const std::string name : kExamples) {
    const assess::Assessment assessment = assessed(name, example_tree(name));
    const std::string page = report::assess_html(run_of(assessment));
    for (const char* word : {" src=", "url(", "@import", "<link", " style=", " onclick="})
      EXPECT_EQ(page.find(word), std::string::npos) << word;
    for (const assess::Threat& threat : assessment.threats)
      EXPECT_NE(page.find("<details id=\"t-" + std::string(threat.technique->id) + "\""), std::string::npos);
  }
}

TEST(Assess, LayerScoresWhatApplies) {
  const assess::Assessment assessment = assessed("x", example_tree("kserve-triton"));
  const Document layer = parsed(report::assess_navigator(run_of(assessment)));
  const Document* techniques = layer.find("techniques");
  ASSERT_NE(techniques, nullptr);
  std::set<std::string> scored;
  for (const Document& entry : techniques->list)
    if (entry.find("score") != nullptr) scored.emplace(entry.text("techniqueID"));
  EXPECT_EQ(scored.size(), assessment.threats.size());
}

TEST(Assess, HostileNamesStayText) {
  const assess::Assessment assessment = assessed(
      "<script>x</script>",
      {{"<img src=x onerror=alert(1)>.ipynb", "{\"cells\": []}"}, {"|a*b.ipynb", "{\"cells\": []}"}});
  const std::string page = report::assess_html(run_of(assessment));
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("<script>x"), std::string::npos);
  const std::string markdown = report::assess_markdown(run_of(assessment));
  EXPECT_EQ(markdown.find("<img"), std::string::npos);
  EXPECT_NE(markdown.find("\\|a\\*b"), std::string::npos);
}

}  // namespace
}  // namespace bulwark::test
