// ONNX models: what they answer, and that whatever they do to the child that runs them is an error here.

#include "models/onnx.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <vector>

#include "native/library.h"
#include "os/sanitized.h"
#include "support/onnx_models.h"

namespace bulwark::models {
namespace {

using namespace std::chrono_literals;
using test::OnnxBuilder;

OnnxOptions options() {
  OnnxOptions chosen;
  chosen.program = BULWARK_PROGRAM;
  return chosen;
}

Result<std::unique_ptr<Predictor>> opened(const std::string& model, const OnnxOptions& chosen = options()) {
  return open_onnx("model.onnx", bytes_of(model), chosen);
}

class Onnx : public testing::Test {
 protected:
  void SetUp() override {
    const auto library =
        std::filesystem::path(BULWARK_PROGRAM).parent_path() / "lib" / native::kOnnxRuntime.file;
    if (!std::filesystem::exists(library))
      GTEST_SKIP() << "not there: " << library << ", see script/bootstrap";
  }
};

void expect_refused(const Result<std::unique_ptr<Predictor>>& model, Code code, std::string_view part) {
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, code) << model.error().message;
  EXPECT_NE(model.error().message.find(part), std::string::npos) << model.error().message;
}

TEST_F(Onnx, AnswersWithScores) {
  const auto model = opened(test::two_layers());
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const Signature& signature = (*model)->signature();
  EXPECT_EQ(signature.input_name, "x");
  EXPECT_EQ(signature.input, (std::vector<std::int64_t>{-1, 2}));
  EXPECT_EQ(signature.scores_name, "scores");
  EXPECT_EQ(signature.classes, 2U);
  EXPECT_EQ(signature.width, 0U);
  const std::vector<float> x = {3, 1, 1, 3};
  const auto answers = (*model)->ask(x, 2);
  ASSERT_TRUE(answers.has_value()) << answers.error().message;
  EXPECT_EQ(answers->scores, (std::vector<float>{3, 1, 5, -1}));
  EXPECT_TRUE(answers->activations.empty());
}

TEST_F(Onnx, ActivationsAreTheInputOfTheLastLayer) {
  OnnxOptions chosen = options();
  chosen.activations = true;
  const auto model = opened(test::two_layers(), chosen);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_EQ((*model)->signature().width, 3U);
  const std::vector<float> x = {3, 1, 1, 3};
  const auto answers = (*model)->ask(x, 2);
  ASSERT_TRUE(answers.has_value()) << answers.error().message;
  EXPECT_EQ(answers->activations, (std::vector<float>{3, 1, 0, 1, 3, 2}));
  EXPECT_EQ(answers->scores, (std::vector<float>{3, 1, 5, -1}));
}

TEST_F(Onnx, ModelsWithoutSuchALayerStillAnswer) {
  OnnxOptions chosen = options();
  chosen.activations = true;
  const std::string only_relu =
      OnnxBuilder().input("x", {-1, 2}).node("Relu", {"x"}, {"y"}).output("y", {-1, 2}).model();
  const std::string linear = OnnxBuilder()
                                 .input("x", {-1, 2})
                                 .floats("w", {2, 2}, {1, 0, 0, 1})
                                 .node("MatMul", {"x", "w"}, {"y"})
                                 .output("y", {-1, 2})
                                 .model();
  // What stands before the last layer is no float: the runtime refuses it as an output.
  const std::string wide = OnnxBuilder()
                               .input("x", {-1, 2}, 11)
                               .node("Abs", {"x"}, {"h"})
                               .node("MatMul", {"h", "w"}, {"y"})
                               .node("Transpose", {"h"}, {"w"})
                               .output("y", {-1, -1}, 11)
                               .model();
  for (const std::string& bytes : {only_relu, linear}) {
    const auto model = opened(bytes, chosen);
    ASSERT_TRUE(model.has_value()) << model.error().message;
    EXPECT_EQ((*model)->signature().width, 0U);
    EXPECT_TRUE((*model)->ask(std::vector<float>{1, 2}, 1).has_value());
  }
  // Its answers are not rows × classes, but rows × rows.
  const auto model = opened(wide, chosen);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_EQ((*model)->signature().width, 0U);
  const auto answers = (*model)->ask(std::vector<float>(6), 3);
  ASSERT_FALSE(answers.has_value());
  EXPECT_NE(answers.error().message.find("[3 x 3] to 3 rows"), std::string::npos) << answers.error().message;
}

TEST_F(Onnx, BatchesChangeNothing) {
  std::vector<float> x(2 * 23);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7) - 3;
  std::vector<float> expected;
  for (const std::int64_t fixed : {-1, 4}) {
    for (const std::size_t batch : {64U, 5U}) {
      OnnxOptions chosen = options();
      chosen.batch = batch;
      chosen.activations = true;
      const auto model = opened(test::two_layers(fixed), chosen);
      ASSERT_TRUE(model.has_value()) << model.error().message;
      const auto answers = (*model)->ask(x, 23);
      ASSERT_TRUE(answers.has_value()) << answers.error().message;
      EXPECT_EQ(answers->scores.size(), 46U);
      EXPECT_EQ(answers->activations.size(), 69U);
      if (expected.empty()) expected = answers->scores;
      EXPECT_EQ(answers->scores, expected);
    }
  }
}

TEST_F(Onnx, DoublesAreRead) {
  const auto model = opened(
      OnnxBuilder().input("x", {-1, 2}, 11).node("Abs", {"x"}, {"y"}).output("y", {-1, 2}, 11).model());
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const auto answers = (*model)->ask(std::vector<float>{-1.5F, 2}, 1);
  ASSERT_TRUE(answers.has_value());
  EXPECT_EQ(answers->scores, (std::vector<float>{1.5F, 2}));
}

TEST_F(Onnx, FreeDimensionsAreFixedByTheData) {
  const std::string model = OnnxBuilder()
                                .input("x", {-1, 1, -1, -1})
                                .node("GlobalAveragePool", {"x"}, {"y"})
                                .output("y", {-1, 1, 1, 1})
                                .model();
  expect_refused(opened(model), Code::Unsupported, "dimension 2 of the input [? x 1 x ? x ?] is free");
  OnnxOptions chosen = options();
  chosen.row_shape = {1, 2, 2};
  const auto fixed = opened(model, chosen);
  ASSERT_TRUE(fixed.has_value()) << fixed.error().message;
  EXPECT_EQ((*fixed)->signature().classes, 1U);
  const auto answers = (*fixed)->ask(std::vector<float>{1, 2, 3, 6}, 1);
  ASSERT_TRUE(answers.has_value());
  EXPECT_EQ(answers->scores, std::vector<float>{3});
}

TEST_F(Onnx, OfSeveralOutputsTheScoresAreFound) {
  const auto model = opened(OnnxBuilder()
                                .input("x", {-1, 2})
                                .node("ArgMax", {"x"}, {"label"})
                                .node("Softmax", {"x"}, {"probabilities"})
                                .output("label", {-1, 1}, 7)
                                .output("probabilities", {-1, 2})
                                .model());
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_EQ((*model)->signature().scores_name, "probabilities");
}

TEST_F(Onnx, WhatCannotBeAskedIsSaid) {
  expect_refused(opened("garbage that is no model at all"), Code::Corrupt, "no ONNX model");
  expect_refused(opened(test::two_layers().substr(0, 120)), Code::Corrupt, "model.onnx");
  expect_refused(opened(OnnxBuilder()
                            .input("x", {-1, 2})
                            .input("z", {-1, 2})
                            .node("Add", {"x", "z"}, {"y"})
                            .output("y", {-1, 2})
                            .model()),
                 Code::Unsupported, "2 inputs");
  expect_refused(
      opened(OnnxBuilder().input("x", {-1, 2}, 7).node("Cast", {"x"}, {"y"}).output("y", {-1, 2}, 7).model()),
      Code::Unsupported, "floating-point");
  expect_refused(
      opened(OnnxBuilder().input("x", {-1, 2}).node("Nonsense", {"x"}, {"y"}).output("y", {-1, 2}).model()),
      Code::Corrupt, "Nonsense");
  expect_refused(
      opened(OnnxBuilder().input("x", {-1, 3, 4}).node("Relu", {"x"}, {"y"}).output("y", {-1, 3, 4}).model()),
      Code::Unsupported, "rows x classes is needed");
  expect_refused(open_onnx("/nonexistent/model.onnx", options()), Code::NotFound, "/nonexistent/model.onnx");
}

TEST_F(Onnx, TensorsInOtherFilesAreNotLoaded) {
  const std::string main = OnnxBuilder()
                               .input("x", {-1, 2})
                               .external("w", "../../../etc/passwd")
                               .node("Add", {"x", "w"}, {"y"})
                               .output("y", {-1, 2})
                               .model();
  expect_refused(opened(main), Code::Unsupported, "another file");
  OnnxBuilder body;
  body.external("w", "weights.bin");
  const std::string nested = OnnxBuilder()
                                 .input("x", {-1, 2})
                                 .node("If", {"x"}, {"y"}, test::graph_attribute("then_branch", body))
                                 .output("y", {-1, 2})
                                 .model();
  expect_refused(opened(nested), Code::Unsupported, "another file");
}

TEST_F(Onnx, WrongShapesAreRefusedBeforeTheyAreSent) {
  const auto model = opened(test::two_layers());
  ASSERT_TRUE(model.has_value());
  const std::vector<float> x(6);
  EXPECT_EQ((*model)->ask(x, 2).error().code, Code::InvalidInput);
  EXPECT_EQ((*model)->ask(x, ~std::size_t{0} / 2 + 3).error().code, Code::InvalidInput);
  EXPECT_TRUE((*model)->ask(x, 3).has_value());
  EXPECT_TRUE((*model)->ask({}, 0).has_value());
}

TEST_F(Onnx, AnswersThatAreNoNumbersNameTheirRow) {
  const auto model =
      opened(OnnxBuilder().input("x", {-1, 2}).node("Log", {"x"}, {"y"}).output("y", {-1, 2}).model());
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const auto answers = (*model)->ask(std::vector<float>{1, 1, 1, 1, 1, -1}, 3);
  ASSERT_FALSE(answers.has_value());
  EXPECT_EQ(answers.error().code, Code::Corrupt);
  EXPECT_NE(answers.error().message.find("row 2"), std::string::npos) << answers.error().message;
}

TEST_F(Onnx, AnEndlessModelIsKilled) {
  OnnxOptions chosen = options();
  chosen.limits.load = 500ms;
  expect_refused(opened(test::endless(), chosen), Code::LimitReached, "in time");
}

TEST_F(Onnx, AFewBytesCannotFillTheMemory) {
  if (os::kSanitized) GTEST_SKIP() << "a sanitizer needs all addresses";
  const std::string bytes = test::bomb(std::int64_t{1} << 28);  // one GiB of zeros
  EXPECT_LT(bytes.size(), 200U);
  OnnxOptions chosen = options();
  chosen.limits.memory = std::uint64_t{1} << 30;
  const auto model = opened(bytes, chosen);
  ASSERT_FALSE(model.has_value());
  EXPECT_FALSE(opened(test::bomb(std::int64_t{1} << 40)).has_value());
  EXPECT_TRUE(opened(test::bomb(16)).has_value());
}

TEST_F(Onnx, ADeadChildStaysDead) {
  OnnxOptions chosen = options();
  chosen.limits.batch = 0ms;
  const auto model = opened(test::two_layers(), chosen);
  ASSERT_TRUE(model.has_value());
  const std::vector<float> x(2);
  EXPECT_EQ((*model)->ask(x, 1).error().code, Code::LimitReached);
  EXPECT_EQ((*model)->ask(x, 1).error().code, Code::Unavailable);
}

TEST_F(Onnx, BrokenModelsNeverReachUs) {
  std::mt19937 random(11);
  const std::string good = test::two_layers();
  for (int i = 0; i < 4; ++i) {
    std::string broken = good;
    for (int flips = 0; flips < 4; ++flips)
      broken[random() % broken.size()] ^= static_cast<char>(1 << random() % 8);
    OnnxOptions chosen = options();
    chosen.activations = true;
    chosen.limits.load = 5s;
    const auto model = opened(broken, chosen);
    if (model) (void)(*model)->ask(std::vector<float>{1, 2}, 1);
  }
}

// Whoever answers in the child's place is not believed.
TEST(OnnxWorker, AProgramThatIsNoWorkerIsAnError) {
  OnnxOptions chosen;
  chosen.program = "/bin/false";
  expect_refused(opened(test::two_layers(), chosen), Code::Unavailable, "the child ended with exit code 1");
  chosen.program = "/bin/echo";
  EXPECT_FALSE(opened(test::two_layers(), chosen).has_value());
  chosen.program = "/no/such/program";
  expect_refused(opened(test::two_layers(), chosen), Code::NotFound, "/no/such/program");
}

}  // namespace
}  // namespace bulwark::models
