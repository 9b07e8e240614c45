// Package inspectors over directories: what only several files together show.

#include <gtest/gtest.h>

#include "support/support.h"

namespace bulwark::test {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

class Folder : public scan::Package {
 public:
  explicit Folder(Files files) : files_(std::move(files)) {
    for (const auto& [name, text] : files_) members_.push_back({.name = name, .size = text.size()});
  }
  [[nodiscard]] std::string_view kind() const override { return "directory"; }
  [[nodiscard]] Result<scan::Content> read(std::size_t index, scan::Inspection&) const override {
    return scan::Content{bytes_of(files_.at(index).second), nullptr};
  }

 private:
  Files files_;
};

Report scan_folder(const Folder& folder) {
  const StoppedClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), Limits{}, {}, clock);
  return engine.scan_directory("model", folder);
}

TEST(ModelDirectory, CodeThatAConfigurationNamesIsRead) {
  const Report report =
      scan_folder(Folder(Files{{"config.json", R"({"auto_map": {"AutoModel": "modeling_made.Made"}})"},
                               {"modeling_made.py", "import os\nos.system('id')\n"},
                               {"unrelated.py", "import os\nos.system('id')\n"}}));
  ASSERT_EQ(rules_of(report), (std::vector<std::string>{"BW-PY-001@10"}));
  EXPECT_EQ(report.findings[0].origin, (std::vector<std::string>{"modeling_made.py"}));
}

TEST(ModelDirectory, MissingShardsAreNamed) {
  const Report report = scan_folder(
      Folder(Files{{"model.safetensors.index.json", R"({"weight_map": {"a": "one.safetensors"}})"}}));
  EXPECT_TRUE(has_rule(report, "BW-HF-007"));
}

TEST(ModelDirectory, MlflowCodeAndRequirementsAreJudged) {
  const Report report = scan_folder(
      Folder(Files{{"MLmodel", "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"},
                   {"code/helper.py", "import subprocess\nsubprocess.run(['id'])\n"},
                   {"requirements.txt", "numpy==1.26\ngit+https://192.0.2.1/x.git\n"}}));
  EXPECT_TRUE(has_rule(report, "BW-PY-001"));
  EXPECT_TRUE(has_rule(report, "BW-REQ-001"));
}

TEST(ModelDirectory, PlainModelIsQuiet) {
  const Report report = scan_folder(
      Folder(Files{{"config.json", R"({"model_type": "bert", "architectures": ["BertModel"]})"},
                   {"model.safetensors.index.json", R"({"weight_map": {"a": "one.safetensors"}})"},
                   {"one.safetensors", ""},
                   {"train.py", "import os\nos.system('nvidia-smi')\n"}}));
  EXPECT_TRUE(report.findings.empty());
  EXPECT_TRUE(report.gaps.empty());
}

}  // namespace
}  // namespace bulwark::test
