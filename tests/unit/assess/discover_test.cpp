// What is found in a tree, and what is not.

#include "assess/discover.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "unit/assess/example.h"

namespace bulwark::test {
namespace {

using assess::Component;
using assess::Confidence;
using assess::Exposure;
using assess::Kind;

std::set<Kind> kinds_of(const std::vector<Component>& components) {
  std::set<Kind> kinds;
  for (const Component& component : components) kinds.insert(component.kind);
  return kinds;
}

TEST(Discover, EmptyTreeHasNothing) {
  EXPECT_TRUE(discovered({}).empty());
  EXPECT_TRUE(
      discovered({{"README.md", "# mlflow, airflow, triton and openai are mentioned only\n"}}).empty());
}

TEST(Discover, CommentsAndDocstringsAreNoEvidence) {
  EXPECT_TRUE(discovered({{"a.py", "\"\"\"import mlflow\n\nmlflow.start_run()\n\"\"\"\n# import mlflow\n"},
                          {"b.yaml", "# image: qdrant/qdrant\nname: x\n"}})
                  .empty());
}

TEST(Discover, FollowsNamesThroughImports) {
  const auto found = discovered({{"a.py",
                                  "from transformers import (\n    AutoModel as Loader,\n)\n"
                                  "import mlflow as m\nmodel = Loader.from_pretrained('acme/encoder')\n"
                                  "m.register_model('x', 'y')\n"}});
  const Component* model = find(found, Kind::PretrainedModel, "acme/encoder");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->confidence, Confidence::Sure);
  EXPECT_EQ(model->seen.front().line, 5U);
  EXPECT_NE(find(found, Kind::Registry, "MLflow registry"), nullptr);
}

TEST(Discover, WhatIsDefinedIsNotCalled) {
  EXPECT_TRUE(discovered({{"a.py", "import numpy\n\nclass A:\n    def fit(self):\n        pass\n"}}).empty());
}

TEST(Discover, TrainingNeedsFrameworkAndFit) {
  EXPECT_EQ(find(discovered({{"a.py", "import torch\nmodel(1)\n"}}), Kind::Training, "PyTorch"), nullptr);
  EXPECT_NE(find(discovered({{"a.py", "import torch\nloss.backward()\n"}}), Kind::Training, "PyTorch"),
            nullptr);
}

TEST(Discover, ModelFilesAreToldByContent) {
  const Tree tree = example_tree("tabular-mlflow-airflow");
  const auto found = discovered({{"renamed.dat", tree.at("models/churn.json")}, {"model.pt", "just text\n"}});
  EXPECT_NE(find(found, Kind::ModelFile, "renamed.dat"), nullptr);
  EXPECT_EQ(find(found, Kind::ModelFile, "model.pt"), nullptr);
}

TEST(Discover, CellsOfNotebooksAreReadWhereTheyStand) {
  const auto found =
      discovered({{"n.ipynb",
                   "{\"cells\": [\n {\"cell_type\": \"markdown\", \"source\": [\"import wandb\"]},\n"
                   " {\"cell_type\": \"code\", \"source\": [\n  \"!pip install x\\n\",\n"
                   "  \"import mlflow\\n\"]}\n]}"}});
  const Component* tracking = find(found, Kind::Tracking, "MLflow tracking");
  ASSERT_NE(tracking, nullptr);
  EXPECT_EQ(tracking->seen.front().line, 5U);
  EXPECT_EQ(find(found, Kind::Tracking, "Weights & Biases"), nullptr);
}

TEST(Discover, SecretsAndPasswordsAreNeverShown) {
  for (const Component& component : discovered(example_tree("tabular-mlflow-airflow")))
    for (const assess::Sighting& at : component.seen) {
      for (const char* secret : {"password1234", "wJalrXUtnFEMI", "churn:churn", "minioadmin", "not-a-real"})
        EXPECT_EQ(at.text.find(secret), std::string::npos)
            << component.name << " in " << at.path << ": " << at.text;
      EXPECT_EQ(component.name.find("churn:churn"), std::string::npos);
    }
}

TEST(Discover, ExposureIsWhatTheTreeSays) {
  const auto compose = [](const std::string& port) {
    return discovered({{"compose.yaml", "services:\n  a:\n    image: qdrant/qdrant\n    ports:\n      - \"" +
                                            port + "\"\n"}});
  };
  EXPECT_EQ(find(compose("6333:6333"), Kind::VectorStore, "Qdrant")->exposure, Exposure::Network);
  EXPECT_EQ(find(compose("127.0.0.1:6333:6333"), Kind::VectorStore, "Qdrant")->exposure, Exposure::Unknown);
  const auto cluster = discovered(example_tree("kserve-triton"));
  EXPECT_EQ(find(cluster, Kind::Serving, "Triton")->exposure, Exposure::Public);
}

TEST(Discover, DependencyAloneIsPossible) {
  const auto found = discovered({{"requirements.txt", "mlflow>=2 ; python_version > '3'\nnot-mlflow\n"}});
  EXPECT_EQ(find(found, Kind::Tracking, "MLflow tracking")->confidence, Confidence::Possible);
  EXPECT_EQ(discovered({{"requirements.txt", "not-mlflow\nmlflow-plugin\n"}}).size(), 1U);
}

TEST(Discover, HostileNamesAreHarmless) {
  const auto found = discovered({{"a\x1b[31m\xe2\x80\xae/x.ipynb", "{\"cells\": []}"}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().name, "a\\x1b[31m\\u{202e}/x.ipynb");
}

TEST(Discover, ManyComponentsAreBounded) {
  std::string code;
  for (int i = 0; i < 3000; ++i) code += "a = 's3://bucket" + std::to_string(i) + "/x'\n";
  EXPECT_LE(discovered({{"a.py", code}}).size(), 200U);
}

TEST(Discover, ExamplesHaveTheirKinds) {
  const auto tabular = kinds_of(discovered(example_tree("tabular-mlflow-airflow")));
  for (const Kind kind : {Kind::DataSource, Kind::Dataset, Kind::DataVersioning, Kind::FeatureStore,
                          Kind::Notebook, Kind::Training, Kind::Orchestrator, Kind::Tracking, Kind::Registry,
                          Kind::ModelFile, Kind::Dependencies, Kind::Container, Kind::Ci, Kind::Serving,
                          Kind::Secrets, Kind::Monitoring, Kind::Feedback})
    EXPECT_TRUE(tabular.contains(kind)) << info(kind).id;
  EXPECT_FALSE(tabular.contains(Kind::Llm));
  EXPECT_FALSE(tabular.contains(Kind::Kubernetes));
  const auto llm = kinds_of(discovered(example_tree("llm-rag-agents")));
  for (const Kind kind : {Kind::VectorStore, Kind::Llm, Kind::Prompt, Kind::Agent, Kind::AgentTool,
                          Kind::AgentMemory, Kind::PretrainedModel, Kind::Serving})
    EXPECT_TRUE(llm.contains(kind)) << info(kind).id;
  EXPECT_FALSE(llm.contains(Kind::MediaInput));
  const auto cluster = kinds_of(discovered(example_tree("kserve-triton")));
  for (const Kind kind : {Kind::Kubernetes, Kind::Serving, Kind::Compute, Kind::Orchestrator,
                          Kind::Infrastructure, Kind::MediaInput, Kind::Ci})
    EXPECT_TRUE(cluster.contains(kind)) << info(kind).id;
  EXPECT_FALSE(cluster.contains(Kind::Agent));
}

}  // namespace
}  // namespace bulwark::test
