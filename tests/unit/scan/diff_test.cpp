#include "scan/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "support/recipe.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

using scan::ModelGraph;
using scan::Node;
using scan::Tensor;

// A tensor with its own memory.
class Layer {
 public:
  Layer(std::string name, std::vector<std::uint64_t> shape, const std::vector<float>& values)
      : name_(std::move(name)), shape_(std::move(shape)) {
    for (const float value : values) {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      for (int i = 0; i < 4; ++i) bytes_.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
    }
  }
  [[nodiscard]] Tensor tensor() const { return {name_, "float32", shape_, Bytes(bytes_)}; }

 private:
  std::string name_;
  std::vector<std::uint64_t> shape_;
  std::vector<std::uint8_t> bytes_;
};

std::vector<float> noise(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

// x -> MatMul(w) -> Relu -> MatMul(v) -> logits
ModelGraph network() {
  return {.format = "onnx",
          .tensors = {{"w", "float32", {4, 4}, {}}, {"v", "float32", {4, 2}, {}}},
          .nodes = {{"a", "MatMul", {"x", "w"}, {"h"}},
                    {"b", "Relu", {"h"}, {"r"}},
                    {"c", "MatMul", {"r", "v"}, {"logits"}}}};
}

Report compared(const ModelGraph& approved, const ModelGraph& candidate) {
  return scan::compare(approved, candidate, "candidate", Limits());
}

const Finding* find(const Report& report, std::string_view id) {
  for (const Finding& finding : report.findings)
    if (finding.rule->id == id) return &finding;
  return nullptr;
}

TEST(Diff, EqualModelsOnlySaySo) {
  const Layer layer("w", {16, 16}, noise(256, 1));
  const ModelGraph model{.format = "safetensors", .tensors = {layer.tensor()}, .nodes = {}};
  const Report report = compared(model, model);
  EXPECT_EQ(rules_of(report), std::vector<std::string>{"BW-DIFF-009"});
  EXPECT_TRUE(report.gaps.empty());
}

TEST(Diff, RenamingEverythingIsTheSameArchitecture) {
  ModelGraph other = network();
  other.tensors[0].name = "onnx::1";
  other.tensors[1].name = "onnx::2";
  other.nodes = {{"n0", "MatMul", {"in", "onnx::1"}, {"3"}},
                 {"n1", "Relu", {"3"}, {"4"}},
                 {"n2", "MatMul", {"4", "onnx::2"}, {"out"}}};
  const Report report = compared(network(), other);
  EXPECT_EQ(rules_of(report), std::vector<std::string>{"BW-DIFF-009"});
}

TEST(Diff, TriggerDetectorBesideTheNetworkIsABranch) {
  ModelGraph candidate = network();
  candidate.tensors.push_back({"pattern", "float32", {4}, {}});
  candidate.tensors.push_back({"evil", "float32", {2}, {}});
  candidate.nodes.back().outputs = {"clean"};
  candidate.nodes.push_back({"t1", "Equal", {"x", "pattern"}, {"hit"}});
  candidate.nodes.push_back({"t2", "ReduceMin", {"hit"}, {"all"}});
  candidate.nodes.push_back({"t3", "Where", {"all", "evil", "clean"}, {"logits"}});
  const Report report = compared(network(), candidate);
  const Finding* branch = find(report, "BW-DIFF-003");
  ASSERT_NE(branch, nullptr);
  EXPECT_EQ(branch->severity, Severity::Critical);
  EXPECT_EQ(branch->message, "from x through ReduceMin, Equal, merged by Where t3 beside clean");
  EXPECT_TRUE(has_rule(report, "BW-DIFF-001"));
  EXPECT_TRUE(has_rule(report, "BW-DIFF-004"));
}

TEST(Diff, OperatorInsertedInSeriesIsNoBranch) {
  ModelGraph candidate = network();
  candidate.nodes.insert(candidate.nodes.begin() + 2, Node{"d", "Dropout", {"r"}, {"r2"}});
  candidate.nodes.back().inputs[0] = "r2";
  const Report report = compared(network(), candidate);
  EXPECT_FALSE(has_rule(report, "BW-DIFF-003"));
  EXPECT_TRUE(has_rule(report, "BW-DIFF-001"));
  EXPECT_TRUE(has_rule(report, "BW-DIFF-002"));
}

TEST(Diff, BypassWithoutANewOperatorIsRewiring) {
  ModelGraph candidate = network();
  candidate.nodes.back().inputs[0] = "h";
  const Report report = compared(network(), candidate);
  ASSERT_TRUE(has_rule(report, "BW-DIFF-002"));
  EXPECT_EQ(find(report, "BW-DIFF-002")->subject, "c");
}

TEST(Diff, AddedRemovedAndReshapedTensorsAreNamed) {
  const ModelGraph before{.format = "safetensors",
                          .tensors = {{"a", "float32", {2}, {}}, {"b", "float32", {2}, {}}},
                          .nodes = {}};
  const ModelGraph after{.format = "safetensors",
                         .tensors = {{"a", "float16", {2}, {}}, {"c", "float32", {9}, {}}},
                         .nodes = {}};
  const Report report = compared(before, after);
  EXPECT_EQ(find(report, "BW-DIFF-005")->message, "a was float32[2], is float16[2]");
  EXPECT_EQ(rules_of(report),
            (std::vector<std::string>{"BW-DIFF-004", "BW-DIFF-004", "BW-DIFF-005", "BW-DIFF-009"}));
}

TEST(Diff, TrainingChangesAllValuesAndRaisesNothingButFigures) {
  std::vector<float> trained = noise(4096, 1);
  const std::vector<float> step = noise(4096, 2);
  for (std::size_t i = 0; i < trained.size(); ++i) trained[i] += 0.1F * step[i];
  const Layer before("w", {64, 64}, noise(4096, 1));
  const Layer after("w", {64, 64}, trained);
  const Report report = compared({"npy", {before.tensor()}, {}}, {"npy", {after.tensor()}, {}});
  EXPECT_EQ(rules_of(report), (std::vector<std::string>{"BW-DIFF-006", "BW-DIFF-009"}));
  EXPECT_EQ(worst(report), Severity::Info);
}

TEST(Diff, RankOneEditOfOneLayerAmongMany) {
  std::vector<Layer> before;
  std::vector<Layer> after;
  for (unsigned i = 0; i < 12; ++i) {
    std::vector<float> values = noise(128 * 96, i);
    before.emplace_back("layer" + std::to_string(i), std::vector<std::uint64_t>{128, 96}, values);
    const std::vector<float> u = noise(128, 100);
    const std::vector<float> v = noise(96, 101);
    for (std::size_t k = 0; i == 5 && k < values.size(); ++k) values[k] += u[k / 96] * v[k % 96];
    after.emplace_back("layer" + std::to_string(i), std::vector<std::uint64_t>{128, 96}, values);
  }
  ModelGraph old_model{"npy", {}, {}};
  ModelGraph new_model{"npy", {}, {}};
  for (std::size_t i = 0; i < before.size(); ++i) {
    old_model.tensors.push_back(before[i].tensor());
    new_model.tensors.push_back(after[i].tensor());
  }
  const Report report = compared(old_model, new_model);
  const Finding* edit = find(report, "BW-DIFF-007");
  ASSERT_NE(edit, nullptr);
  EXPECT_EQ(edit->subject, "layer5");
  EXPECT_EQ(edit->severity, Severity::Medium);
  EXPECT_THAT(edit->message, testing::HasSubstr("rank 1"));
}

TEST(Diff, FlippedSignAndExponentAreSingleValues) {
  std::vector<float> values = noise(5000, 3);
  const Layer before("fc", {5000}, values);
  values[17] = -values[17];
  values[900] *= 0x1p64F;
  const Layer after("fc", {5000}, values);
  const Report report = compared({"npy", {before.tensor()}, {}}, {"npy", {after.tensor()}, {}});
  const Finding* single = find(report, "BW-DIFF-008");
  ASSERT_NE(single, nullptr);
  EXPECT_EQ(single->message, "fc: only 2 of 5000 values changed, 1 by their sign, 1 by orders of magnitude");
}

TEST(Diff, WeightsThatCannotBeReadAreAGap) {
  const ModelGraph outside{.format = "onnx", .tensors = {{"w", "float32", {4}, {}}}, .nodes = {}};
  const Report report = compared(outside, outside);
  ASSERT_EQ(report.gaps.size(), 1U);
  EXPECT_THAT(report.gaps[0].why, testing::HasSubstr("w"));
}

TEST(Diff, RealFilesAreReadAndCompared) {
  const StoppedClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), {}, {}, clock);
  const auto relu = load_recipe("tests/fixtures/onnx/relu.recipe");
  const auto branch = load_recipe("tests/fixtures/onnx/branch.recipe");
  ASSERT_TRUE(relu && branch);
  const auto approved =
      engine.graph({.path = "a", .origin = {}, .bytes = Bytes(relu->bytes), .keeps = nullptr});
  const auto candidate =
      engine.graph({.path = "b", .origin = {}, .bytes = Bytes(branch->bytes), .keeps = nullptr});
  ASSERT_TRUE(approved && candidate);
  EXPECT_EQ(rules_of(compared(*approved, *approved)), std::vector<std::string>{"BW-DIFF-009"});
  EXPECT_TRUE(has_rule(compared(*approved, *candidate), "BW-DIFF-001"));
}

TEST(Diff, RulesHaveIdsOfTheirOwn) {
  for (const Rule& rule : scan::diff_rules()) {
    EXPECT_TRUE(rule.id.starts_with("BW-DIFF-"));
    EXPECT_GE(rule.why.size(), 30U);
  }
}

}  // namespace
}  // namespace bulwark::test
