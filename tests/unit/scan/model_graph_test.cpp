// The architectures that graph formats give to a comparison.

#include <gtest/gtest.h>

#include "support/recipe.h"
#include "support/support.h"

namespace bulwark::scan {
namespace {

Result<ModelGraph> graph_of(const std::string& recipe_name, std::size_t cut = 0) {
  auto recipe = test::load_recipe("tests/fixtures/" + recipe_name + ".recipe");
  if (!recipe) return std::unexpected(recipe.error());
  Bytes bytes(recipe->bytes);
  if (cut != 0) bytes = bytes.first(bytes.size() - cut);
  const test::StoppedClock clock;
  const Engine engine(builtin_inspectors(), Limits{}, Options{}, clock);
  return engine.graph({.path = "sample", .origin = {}, .bytes = bytes, .keeps = nullptr});
}

TEST(ModelGraph, OfOnnxHasTensorsAndNodes) {
  const auto graph = graph_of("onnx/relu");
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->format, "onnx");
  ASSERT_EQ(graph->tensors.size(), 1U);
  EXPECT_EQ(graph->tensors[0].type, "float32");
  EXPECT_EQ(graph->tensors[0].shape, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(graph->tensors[0].content.size(), 8U);
  ASSERT_EQ(graph->nodes.size(), 1U);
  EXPECT_EQ(graph->nodes[0].op, "Relu");
}

TEST(ModelGraph, OfOnnxHasTheNodesOfBranches) {
  const auto graph = graph_of("onnx/branch");
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->nodes.size(), 3U);
}

TEST(ModelGraph, OfTensorFlowHasTheNodesOfFunctions) {
  const auto graph = graph_of("tensorflow/pyfunc_in_function");
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->format, "tensorflow");
  EXPECT_EQ(graph->nodes.size(), 2U);
}

TEST(ModelGraph, OfTfliteHasOperatorsAndConstants) {
  const auto graph = graph_of("tflite/add");
  ASSERT_TRUE(graph) << graph.error().message;
  ASSERT_EQ(graph->nodes.size(), 1U);
  EXPECT_EQ(graph->nodes[0].op, "builtin_0");
  EXPECT_EQ(graph->nodes[0].outputs, (std::vector<std::string>{"y"}));
  ASSERT_EQ(graph->tensors.size(), 1U);
  EXPECT_EQ(graph->tensors[0].content.size(), 8U);
}

TEST(ModelGraph, OfADamagedFileIsAnErrorNotLess) {
  EXPECT_FALSE(graph_of("onnx/relu", 12));
  EXPECT_FALSE(graph_of("tensorflow/pyfunc", 12));
}

}  // namespace
}  // namespace bulwark::scan
