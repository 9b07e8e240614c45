#include "models/onnx_graph.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/text.h"
#include "models/messages.h"
#include "scan/formats/onnx.h"

namespace bulwark::models {
namespace {

using scan::OnnxNode;
using scan::ProtoField;
using scan::ProtoReader;

// Field numbers of onnx.proto.
constexpr std::uint32_t kModelGraph = 7;
constexpr std::uint32_t kModelTraining = 20;
constexpr std::uint32_t kModelFunction = 25;
constexpr std::uint32_t kGraphNode = 1;
constexpr std::uint32_t kGraphInitializer = 5;
constexpr std::uint32_t kGraphInput = 11;
constexpr std::uint32_t kGraphOutput = 12;
constexpr std::uint32_t kGraphSparse = 15;
constexpr std::uint32_t kFunctionNode = 7;

constexpr std::uint64_t kFloat = 1;
constexpr std::uint64_t kDouble = 11;

// ---- tensors in other files

struct Part {
  ProtoField message;
  std::uint32_t depth;
  bool function;
};

class ExternalData {
 public:
  Result<void> look_for(Bytes model) {
    ProtoReader reader(model);
    ProtoField field;
    while (reader.next(field)) {
      if (field.is_bytes(kModelGraph)) work_.push_back({field, 1, false});
      if (field.is_bytes(kModelFunction)) work_.push_back({field, 1, true});
      if (field.is_bytes(kModelTraining)) add_training(field);
    }
    if (reader.error("model")) return fail(Code::Corrupt, reader.error("model")->message);
    while (!work_.empty()) {
      const Part part = work_.back();
      work_.pop_back();
      TRY(look_into(part));
    }
    return {};
  }

 private:
  void add_training(const ProtoField& field) {
    ProtoReader reader(field);
    ProtoField step;
    while (reader.next(step))
      if (step.is_bytes(1) || step.is_bytes(2)) work_.push_back({step, 2, false});
  }

  Result<void> look_into(const Part& part) {
    ProtoReader reader(part.message);
    ProtoField field;
    while (reader.next(field)) {
      if (field.is_bytes(part.function ? kFunctionNode : kGraphNode)) TRY(look_at_node(field, part.depth));
      if (part.function) continue;
      if (field.is_bytes(kGraphInitializer)) TRY(look_at_tensor(field));
      if (field.is_bytes(kGraphSparse)) TRY(look_at_sparse(field));
    }
    if (reader.error("graph")) return fail(Code::Corrupt, reader.error("graph")->message);
    return {};
  }

  Result<void> look_at_node(const ProtoField& field, std::uint32_t depth) {
    for (const ProtoField& message : scan::read_onnx_node(field, defects_).attributes) {
      const scan::OnnxAttribute attribute = scan::read_onnx_attribute(message, defects_);
      for (const ProtoField& tensor : attribute.tensors) TRY(look_at_tensor(tensor));
      if (!attribute.graphs.empty() && depth + 3 > Limits{}.message_depth)
        return fail(Code::LimitReached, "graphs are nested too deeply");
      for (const ProtoField& body : attribute.graphs) work_.push_back({body, depth + 3, false});
    }
    defects_.clear();
    return {};
  }

  Result<void> look_at_sparse(const ProtoField& field) {
    ProtoReader reader(field);
    ProtoField part;
    while (reader.next(part))
      if (part.is_bytes(1) || part.is_bytes(2)) TRY(look_at_tensor(part));
    return {};
  }

  Result<void> look_at_tensor(const ProtoField& field) {
    const scan::OnnxTensor tensor = scan::read_onnx_tensor(field, defects_);
    defects_.clear();  // the runtime, in its child, refuses what is broken
    if (!tensor.external) return {};
    return fail(Code::Unsupported,
                "tensor \"" + printable(tensor.name, 80) +
                    "\" is kept in another file, and no file but the model is opened; save "
                    "it with its tensors inside");
  }

  std::vector<Part> work_;
  std::vector<Error> defects_;
};

// ---- the main graph

struct Output {
  std::string_view name;
  bool is_tensor = false;
  std::uint64_t element = 0;  // 0: not said
  std::optional<std::size_t> rank;

  [[nodiscard]] bool may_be_scores() const {
    return is_tensor && (element == 0 || element == kFloat || element == kDouble);
  }
};

struct Main {
  std::vector<OnnxNode> nodes;
  std::vector<Output> outputs;
  std::set<std::string_view> constants;  // initializers
  std::set<std::string_view> inputs;
};

// The field of that number in a message, the last one if it comes twice.
std::optional<ProtoField> field_of(const ProtoField& message, std::uint32_t number) {
  ProtoReader reader(message);
  ProtoField part;
  std::optional<ProtoField> found;
  while (reader.next(part))
    if (part.number == number) found = part;
  return found;
}

std::string_view name_in(const ProtoField& message, std::uint32_t number) {
  const auto name = field_of(message, number);
  return name && name->is_bytes() ? name->text() : std::string_view();
}

Output read_output(const ProtoField& value) {
  Output output{.name = name_in(value, 1), .rank = {}};
  const auto type = field_of(value, 2);
  const auto tensor = type && type->is_bytes() ? field_of(*type, 1) : std::nullopt;
  if (!tensor || !tensor->is_bytes()) return output;
  output.is_tensor = true;
  if (const auto element = field_of(*tensor, 1)) output.element = element->value;
  if (const auto shape = field_of(*tensor, 2); shape && shape->is_bytes()) {
    ProtoReader dims(*shape);
    ProtoField dim;
    output.rank = 0;
    while (dims.next(dim))
      if (dim.is_bytes(1)) ++*output.rank;
  }
  return output;
}

void read_graph(const ProtoField& graph, Main& main) {
  std::vector<Error> defects;
  ProtoReader reader(graph);
  ProtoField field;
  while (reader.next(field)) {
    if (field.is_bytes(kGraphNode)) main.nodes.push_back(scan::read_onnx_node(field, defects));
    if (field.is_bytes(kGraphInitializer)) main.constants.insert(name_in(field, 8));
    if (field.is_bytes(kGraphInput)) main.inputs.insert(name_in(field, 1));
    if (field.is_bytes(kGraphOutput)) main.outputs.push_back(read_output(field));
  }
}

const Output* choose_scores(const std::vector<Output>& outputs) {
  const auto with_rank = [](std::optional<std::size_t> rank) {
    return [rank](const Output& output) { return output.may_be_scores() && output.rank == rank; };
  };
  for (const std::optional<std::size_t> rank :
       {std::optional<std::size_t>(2), std::optional<std::size_t>()}) {
    const auto at = std::ranges::find_if(outputs, with_rank(rank));
    if (at != outputs.end()) return &*at;
  }
  const auto at = std::ranges::find_if(outputs, &Output::may_be_scores);
  return at != outputs.end() ? &*at : nullptr;
}

// The input of the last Gemm or MatMul that the scores depend on: the values from which a linear layer makes
// them. Empty if there is none, or if it is what the model is asked with.
std::string_view penultimate(const Main& main, std::string_view scores) {
  std::set<std::string_view> constants = main.constants;
  for (const OnnxNode& node : main.nodes)
    if (node.op_type == "Constant") constants.insert(node.outputs.begin(), node.outputs.end());
  std::set<std::string_view> needed = {scores};
  for (auto node = main.nodes.rbegin(); node != main.nodes.rend(); ++node) {
    const bool used =
        std::ranges::any_of(node->outputs, [&](std::string_view name) { return needed.contains(name); });
    if (!used) continue;
    needed.insert(node->inputs.begin(), node->inputs.end());
    if ((node->op_type != "Gemm" && node->op_type != "MatMul") || node->inputs.size() < 2) continue;
    for (const std::string_view input : {node->inputs[0], node->inputs[1]}) {
      if (constants.contains(input)) continue;
      return main.inputs.contains(input) || input.size() > kLongestName ? std::string_view() : input;
    }
    return {};
  }
  return {};
}

// ---- the addition

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += static_cast<char>(value | 0x80);
  return text += static_cast<char>(value);
}

std::string embedded(std::uint32_t number, std::string_view content) {
  return varint(std::uint64_t{number} << 3 | 2) + varint(content.size()) + std::string(content);
}

// ModelProto{graph{output{name, type{tensor_type{elem_type: float}}}}}: without a shape, which the runtime
// finds out.
std::string output_addition(std::string_view name) {
  const std::string tensor = varint(1 << 3) + varint(kFloat);
  const std::string value = embedded(1, name) + embedded(2, embedded(1, tensor));
  return embedded(kModelGraph, embedded(kGraphOutput, value));
}

}  // namespace

Result<OnnxPlan> plan_onnx(Bytes model, bool want_activations) {
  if (!scan::is_onnx_model(model)) return fail(Code::Corrupt, "no ONNX model");
  TRY(ExternalData().look_for(model));
  Main main;
  ProtoReader reader(model);
  ProtoField field;
  while (reader.next(field))
    if (field.is_bytes(kModelGraph)) read_graph(field, main);
  const Output* scores = choose_scores(main.outputs);
  if (scores == nullptr) return fail(Code::Unsupported, "the model has no output of floating-point numbers");
  OnnxPlan plan{.scores = std::string(scores->name), .activations = {}, .addition = {}};
  if (!want_activations) return plan;
  plan.activations = std::string(penultimate(main, scores->name));
  const bool is_output =
      std::ranges::find(main.outputs, plan.activations, &Output::name) != main.outputs.end();
  if (!plan.activations.empty() && !is_output) plan.addition = output_addition(plan.activations);
  return plan;
}

}  // namespace bulwark::models
