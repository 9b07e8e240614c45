#pragma once
// ONNX models as bytes, from a few lines.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::test {

class OnnxBuilder {
 public:
  // Dimensions of -1 are free. `element`: 1 float, 7 int64, 11 double.
  OnnxBuilder& input(std::string_view name, const std::vector<std::int64_t>& dimensions, int element = 1);
  OnnxBuilder& output(std::string_view name, const std::vector<std::int64_t>& dimensions, int element = 1);
  OnnxBuilder& floats(std::string_view name, const std::vector<std::int64_t>& dimensions,
                      const std::vector<float>& values);
  OnnxBuilder& integers(std::string_view name, const std::vector<std::int64_t>& dimensions,
                        const std::vector<std::int64_t>& values);
  // A tensor of floats that lies in another file.
  OnnxBuilder& external(std::string_view name, std::string_view location);
  OnnxBuilder& node(std::string_view op, const std::vector<std::string>& inputs,
                    const std::vector<std::string>& outputs, std::string_view attributes = {});

  [[nodiscard]] std::string graph() const { return graph_; }  // to be the body of a loop
  [[nodiscard]] std::string model() const;

 private:
  std::string graph_;
};

[[nodiscard]] std::string graph_attribute(std::string_view name, const OnnxBuilder& graph);

// x [rows, 2] -> hidden = relu(x · [[1,0,-1],[0,1,1]]) -> scores = hidden · [[1,0],[0,1],[2,-2]].
[[nodiscard]] std::string two_layers(std::int64_t rows = -1);
// Copies its input 10^12 times.
[[nodiscard]] std::string endless();
// Makes that many zeros and adds the first of them to its input; 150 bytes.
[[nodiscard]] std::string bomb(std::int64_t zeros);

}  // namespace bulwark::test
