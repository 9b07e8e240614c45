// What is read of a model before a runtime sees it.

#include "models/onnx_graph.h"

#include <gtest/gtest.h>

#include "support/onnx_models.h"

namespace bulwark::models {
namespace {

using test::OnnxBuilder;

OnnxPlan planned(const std::string& model) {
  const auto plan = plan_onnx(bytes_of(model), true);
  EXPECT_TRUE(plan.has_value()) << plan.error().message;
  return plan ? *plan : OnnxPlan{};
}

TEST(OnnxPlan, TheLastLayerBeforeTheScoresCounts) {
  // A second head behind the first, which the scores do not depend on.
  const std::string two_heads = OnnxBuilder()
                                    .input("x", {-1, 2})
                                    .floats("w", {2, 2}, {1, 0, 0, 1})
                                    .node("Relu", {"x"}, {"a"})
                                    .node("Gemm", {"a", "w"}, {"y"})
                                    .node("Relu", {"x"}, {"b"})
                                    .node("MatMul", {"b", "w"}, {"other"})
                                    .node("Softmax", {"y"}, {"scores"})
                                    .output("scores", {-1, 2})
                                    .output("other", {-1, 2})
                                    .model();
  EXPECT_EQ(planned(two_heads).scores, "scores");
  EXPECT_EQ(planned(two_heads).activations, "a");
  EXPECT_FALSE(planned(two_heads).addition.empty());
}

TEST(OnnxPlan, WeightsOnTheLeftAreNoActivations) {
  const std::string turned = OnnxBuilder()
                                 .input("x", {2, -1})
                                 .floats("w", {2, 2}, {1, 0, 0, 1})
                                 .node("Relu", {"x"}, {"h"})
                                 .node("MatMul", {"w", "h"}, {"y"})
                                 .output("y", {2, -1})
                                 .model();
  EXPECT_EQ(planned(turned).activations, "h");
}

TEST(OnnxPlan, WhatIsAnOutputAlreadyIsNotAddedAgain) {
  const std::string shown = OnnxBuilder()
                                .input("x", {-1, 2})
                                .floats("w", {2, 2}, {1, 0, 0, 1})
                                .node("Relu", {"x"}, {"h"})
                                .node("MatMul", {"h", "w"}, {"y"})
                                .output("y", {-1, 2})
                                .output("h", {-1, 2})
                                .model();
  EXPECT_EQ(planned(shown).activations, "h");
  EXPECT_TRUE(planned(shown).addition.empty());
}

TEST(OnnxPlan, OnlyWhatIsAskedForIsLookedFor) {
  const auto plan = plan_onnx(bytes_of(test::two_layers()), false);
  ASSERT_TRUE(plan.has_value());
  EXPECT_TRUE(plan->activations.empty());
  EXPECT_TRUE(plan->addition.empty());
}

TEST(OnnxPlan, CutAnywhereItIsNeverACrash) {
  const std::string model = test::two_layers();
  for (std::size_t cut = 0; cut < model.size(); ++cut) (void)plan_onnx(bytes_of(model.substr(0, cut)), true);
}

TEST(OnnxPlan, GraphsWithinGraphsHaveALimit) {
  OnnxBuilder inner;
  inner.node("Identity", {"v"}, {"w"});
  for (int depth = 0; depth < 60; ++depth) {
    OnnxBuilder outer;
    outer.node("If", {"c"}, {"v"}, test::graph_attribute("then_branch", inner));
    inner = outer;
  }
  const auto plan = plan_onnx(bytes_of(inner.input("x", {-1, 2}).output("v", {-1, 2}).model()), true);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().code, Code::LimitReached);
}

}  // namespace
}  // namespace bulwark::models
