#pragma once
// The messages of an ONNX model (onnx/onnx.proto) that matter to us, read from the wire without copying.

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "scan/formats/protobuf.h"

namespace bulwark::scan {

// TensorProto. Views point into the artifact.
struct OnnxTensor {
  std::string_view name;
  std::uint64_t offset = 0;  // of the message
  std::int64_t type = 0;     // TensorProto.DataType
  std::vector<std::int64_t> dims;
  ProtoField raw;                 // raw_data; number 0 if absent
  bool has_typed_values = false;  // float_data, int32_data …
  bool external = false;          // data_location is EXTERNAL, or external_data is there
  struct Entry {
    std::string_view key;
    ProtoField value;
  };
  std::vector<Entry> external_entries;
  std::vector<ProtoField> strings;  // string_data

  // Number of elements; nothing if a dimension is negative or the product overflows.
  [[nodiscard]] std::optional<std::uint64_t> elements() const;
  // Bytes that raw_data must have; nothing if unknown or if it overflows.
  [[nodiscard]] std::optional<std::uint64_t> bytes_needed() const;
};

struct OnnxAttribute {
  std::string_view name;
  std::vector<ProtoField> tensors;  // t and tensors, and those in sparse tensors
  std::vector<ProtoField> graphs;   // g and graphs
  std::vector<ProtoField> strings;  // s and strings
};

// NodeProto without its attributes.
struct OnnxNode {
  std::string_view name;
  std::string_view op_type;
  std::string_view domain;
  std::uint64_t offset = 0;     // of the message
  std::uint64_t op_offset = 0;  // of op_type
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<ProtoField> attributes;
};

// Bits of one element of that TensorProto.DataType; 0 if it is none or has no fixed size.
[[nodiscard]] unsigned onnx_element_bits(std::int64_t type);
[[nodiscard]] std::string_view onnx_type_name(std::int64_t type);  // "float32" …; "unknown"

// Defects inside a message are appended to `defects`; what was readable before them is kept.
[[nodiscard]] OnnxTensor read_onnx_tensor(const ProtoField& field, std::vector<Error>& defects);
[[nodiscard]] OnnxAttribute read_onnx_attribute(const ProtoField& field, std::vector<Error>& defects);
[[nodiscard]] OnnxNode read_onnx_node(const ProtoField& field, std::vector<Error>& defects);

// True if the bytes have the shape of a ModelProto, even one that is cut off inside its graph.
[[nodiscard]] bool is_onnx_model(Bytes content);

// True if the operators of that domain are part of ONNX or of a published runtime that implements them
// itself.
[[nodiscard]] bool is_known_onnx_domain(std::string_view domain);

}  // namespace bulwark::scan
