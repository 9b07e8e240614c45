// A declared inventory: reading, writing, and what differs from the tree.

#include "assess/inventory.h"

#include <gtest/gtest.h>

#include "unit/assess/example.h"

namespace bulwark::test {
namespace {

using assess::Inventory;
using assess::read_inventory;

std::string error_of(std::string_view text) {
  const auto read = read_inventory(text);
  return read ? "" : read.error().message;
}

TEST(Inventory, ReadsWhatIsDeclared) {
  const auto read = read_inventory(
      "bulwark-inventory: 1\nname: churn\ncontrols: [SC-MODEL]\ncomponents:\n"
      "  - kind: serving\n    name: Triton\n    exposure: public\n    seen: deploy/triton.yaml:3\n    note: "
      "two pods\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "churn");
  EXPECT_EQ(read->controls, std::vector<std::string>{"SC-MODEL"});
  ASSERT_EQ(read->components.size(), 1U);
  const assess::Component& component = read->components.front();
  EXPECT_EQ(component.kind, assess::Kind::Serving);
  EXPECT_EQ(component.exposure, assess::Exposure::Public);
  EXPECT_EQ(component.seen.front().path, "deploy/triton.yaml");
  EXPECT_EQ(component.seen.front().line, 3U);
  EXPECT_TRUE(component.declared);
  EXPECT_FALSE(component.discovered);
}

TEST(Inventory, MistakesAreNamedWithLineAndNearestWord) {
  EXPECT_EQ(
      error_of("bulwark-inventory: 1\ncomponents:\n  - kind: serving\n    name: x\n    exposre: public\n"),
      "line 5: unknown key 'exposre', did you mean 'exposure'?");
  EXPECT_EQ(error_of("bulwark-inventory: 1\ncomponents:\n  - kind: servin\n    name: x\n"),
            "line 3: unknown kind 'servin', did you mean 'serving'?");
  EXPECT_EQ(error_of("bulwark-inventory: 1\ncontrols:\n  - SC-MODLE\n"),
            "line 3: unknown control 'SC-MODLE', did you mean 'SC-MODEL'?");
  EXPECT_EQ(error_of("bulwark-inventory: 1\ncomponents:\n  - name: x\n"),
            "line 3: this component has no 'kind'");
  EXPECT_NE(error_of("bulwark-inventory: 1\nname: a\nname: b\n").find("comes twice"), std::string::npos);
  EXPECT_NE(error_of("bulwark-inventory: 2\n").find("must be 1"), std::string::npos);
  EXPECT_NE(error_of("- a\n").find("expected one map"), std::string::npos);
  EXPECT_NE(error_of("").find("expected one map"), std::string::npos);
  EXPECT_NE(error_of("bulwark-inventory: 1\nrepository: /etc\n").find("relative"), std::string::npos);
}

TEST(Inventory, WhatIsWrittenReadsBack) {
  for (const char* name : {"tabular-mlflow-airflow", "llm-rag-agents", "kserve-triton", "benign-llm"}) {
    const Inventory written{.name = name,
                            .repository = ".",
                            .controls = {"SC-MODEL", "GW-QUOTA"},
                            .components = discovered(example_tree(name))};
    const auto read = read_inventory(write_inventory(written));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->name, written.name);
    EXPECT_EQ(read->repository, ".");
    EXPECT_EQ(read->controls, written.controls);
    ASSERT_EQ(read->components.size(), written.components.size());
    for (std::size_t i = 0; i < read->components.size(); ++i) {
      EXPECT_EQ(read->components[i].kind, written.components[i].kind);
      EXPECT_EQ(read->components[i].name, written.components[i].name);
      EXPECT_EQ(read->components[i].exposure, written.components[i].exposure);
      EXPECT_EQ(read->components[i].seen.front().path, written.components[i].seen.front().path);
    }
    EXPECT_EQ(write_inventory(*read), write_inventory(written));
  }
}

TEST(Inventory, HostileNamesReadBack) {
  const Inventory written{.name = "a\"b\\c: # {[",
                          .components = {{.kind = assess::Kind::Llm, .name = "- &x *y !tag 'q' \"d\" \\n"}}};
  const auto read = read_inventory(write_inventory(written));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, written.name);
  EXPECT_EQ(read->components.front().name, written.components.front().name);
}

TEST(Inventory, DifferencesAreTold) {
  auto declared = read_inventory(
      "bulwark-inventory: 1\ncomponents:\n  - kind: tracking\n    name: mlflow TRACKING\n    exposure: "
      "internal\n"
      "  - kind: llm\n    name: Hosted\n");
  ASSERT_TRUE(declared);
  const auto merged = merge(std::move(declared->components),
                            discovered({{"a.py", "import mlflow\nfrom fastapi import FastAPI\n"}}));
  ASSERT_EQ(merged.components.size(), 3U);
  ASSERT_EQ(merged.not_found.size(), 1U);
  EXPECT_EQ(merged.components[merged.not_found.front()].name, "Hosted");
  ASSERT_EQ(merged.not_declared.size(), 1U);
  EXPECT_EQ(merged.components[merged.not_declared.front()].name, "FastAPI");
  EXPECT_EQ(find(merged.components, assess::Kind::Tracking, "MLflow tracking")->exposure,
            assess::Exposure::Internal);
}

}  // namespace
}  // namespace bulwark::test
