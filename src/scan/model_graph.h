#pragma once
// The architecture of a model, whatever its format: what `bulwark scan --against` compares.

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark::scan {

struct Tensor {
  std::string name;
  std::string type;                  // "float32", "int8" …: lower case, format-independent where one exists
  std::vector<std::uint64_t> shape;  // outermost first
  Bytes content;                     // raw little-endian values if they lie in the artifact, else empty
};

struct Node {
  std::string name;
  std::string op;  // operator type, with its domain if it has one: "ai.onnx.ml::LinearRegressor"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

struct ModelGraph {
  std::string format;  // "onnx", "safetensors" …
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
};

}  // namespace bulwark::scan
