#include "support/onnx_models.h"

#include <bit>

namespace bulwark::test {
namespace {

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += static_cast<char>(value | 0x80);
  return text += static_cast<char>(value);
}
std::string number(std::uint32_t field, std::uint64_t value) {
  return varint(std::uint64_t{field} << 3) + varint(value);
}
std::string bytes(std::uint32_t field, std::string_view content) {
  return varint(std::uint64_t{field} << 3 | 2) + varint(content.size()) + std::string(content);
}

std::string value_of(std::string_view name, const std::vector<std::int64_t>& dimensions, int element) {
  std::string shape;
  for (const std::int64_t dimension : dimensions)
    shape += bytes(1, dimension < 0 ? bytes(2, "n") : number(1, static_cast<std::uint64_t>(dimension)));
  const std::string tensor = number(1, static_cast<std::uint64_t>(element)) + bytes(2, shape);
  return bytes(1, name) + bytes(2, bytes(1, tensor));
}

std::string little_endian(std::uint64_t value, unsigned size) {
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string tensor(std::string_view name, const std::vector<std::int64_t>& dimensions, int element) {
  std::string text;
  for (const std::int64_t dimension : dimensions) text += number(1, static_cast<std::uint64_t>(dimension));
  return text + number(2, static_cast<std::uint64_t>(element)) + bytes(8, name);
}

}  // namespace

OnnxBuilder& OnnxBuilder::input(std::string_view name, const std::vector<std::int64_t>& dimensions,
                                int element) {
  graph_ += bytes(11, value_of(name, dimensions, element));
  return *this;
}

OnnxBuilder& OnnxBuilder::output(std::string_view name, const std::vector<std::int64_t>& dimensions,
                                 int element) {
  graph_ += bytes(12, value_of(name, dimensions, element));
  return *this;
}

OnnxBuilder& OnnxBuilder::floats(std::string_view name, const std::vector<std::int64_t>& dimensions,
                                 const std::vector<float>& values) {
  std::string raw;
  for (const float value : values) raw += little_endian(std::bit_cast<std::uint32_t>(value), 4);
  graph_ += bytes(5, tensor(name, dimensions, 1) + bytes(9, raw));
  return *this;
}

OnnxBuilder& OnnxBuilder::integers(std::string_view name, const std::vector<std::int64_t>& dimensions,
                                   const std::vector<std::int64_t>& values) {
  std::string raw;
  for (const std::int64_t value : values) raw += little_endian(static_cast<std::uint64_t>(value), 8);
  graph_ += bytes(5, tensor(name, dimensions, 7) + bytes(9, raw));
  return *this;
}

OnnxBuilder& OnnxBuilder::external(std::string_view name, std::string_view location) {
  graph_ +=
      bytes(5, tensor(name, {1}, 1) + bytes(13, bytes(1, "location") + bytes(2, location)) + number(14, 1));
  return *this;
}

OnnxBuilder& OnnxBuilder::node(std::string_view op, const std::vector<std::string>& inputs,
                               const std::vector<std::string>& outputs, std::string_view attributes) {
  std::string text;
  for (const std::string& name : inputs) text += bytes(1, name);
  for (const std::string& name : outputs) text += bytes(2, name);
  graph_ += bytes(1, text + bytes(4, op) + std::string(attributes));
  return *this;
}

std::string OnnxBuilder::model() const {
  return number(1, 8) + bytes(2, "bulwark-test") + bytes(7, graph_ + bytes(2, "g")) + bytes(8, number(2, 17));
}

std::string graph_attribute(std::string_view name, const OnnxBuilder& graph) {
  return bytes(5, bytes(1, name) + bytes(6, graph.graph() + bytes(2, "body")) + number(20, 5));
}

std::string two_layers(std::int64_t rows) {
  return OnnxBuilder()
      .input("x", {rows, 2})
      .floats("w1", {2, 3}, {1, 0, -1, 0, 1, 1})
      .floats("w2", {3, 2}, {1, 0, 0, 1, 2, -2})
      .node("MatMul", {"x", "w1"}, {"sums"})
      .node("Relu", {"sums"}, {"hidden"})
      .node("MatMul", {"hidden", "w2"}, {"scores"})
      .output("scores", {rows, 2})
      .model();
}

std::string endless() {
  OnnxBuilder body;
  body.input("i", {}, 7)
      .input("go", {}, 9)
      .input("v", {-1, 2})
      .node("Identity", {"go"}, {"go_on"})
      .node("Identity", {"v"}, {"v_next"})
      .output("go_on", {}, 9)
      .output("v_next", {-1, 2});
  return OnnxBuilder()
      .input("x", {-1, 2})
      .integers("times", {}, {1'000'000'000'000})
      .node("Loop", {"times", "", "x"}, {"y"}, graph_attribute("body", body))
      .output("y", {-1, 2})
      .model();
}

std::string bomb(std::int64_t zeros) {
  return OnnxBuilder()
      .input("x", {-1, 2})
      .integers("many", {1}, {zeros})
      .node("ConstantOfShape", {"many"}, {"zeros"})
      .node("ReduceMax", {"zeros"}, {"zero"})
      .node("Add", {"x", "zero"}, {"y"})
      .output("y", {-1, 2})
      .model();
}

}  // namespace bulwark::test
