#pragma once
// TensorFlow's SavedModel, MetaGraphDef and GraphDef, read from the wire without copying.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "scan/formats/protobuf.h"

namespace bulwark::scan {

enum class TfKind : std::uint8_t { None, SavedModel, MetaGraph, Graph };

// What the content is, by the shape of its fields and its first node; also for files that are cut off.
[[nodiscard]] TfKind tensorflow_kind(Bytes content);

// TensorProto. `shape_known` is false for an unknown rank.
struct TfTensor {
  std::uint64_t offset = 0;
  std::uint64_t type = 0;  // DataType
  std::vector<std::int64_t> shape;
  bool shape_known = true;
  ProtoField content;               // tensor_content; number 0 if absent
  std::vector<ProtoField> strings;  // string_val

  // Bytes of all elements; nothing if unknown, negative or too many for 64 bits.
  [[nodiscard]] std::optional<std::uint64_t> bytes_needed() const;
  [[nodiscard]] bool overflows() const;
};

// One attribute of a node, values flattened.
struct TfAttribute {
  std::string_view name;
  std::vector<ProtoField> strings;    // s, list.s
  std::vector<ProtoField> tensors;    // tensor, list.tensor
  std::vector<ProtoField> functions;  // names of func, list.func, at any depth
};

struct TfNode {
  std::string_view name;
  std::string_view op;
  std::uint64_t offset = 0;     // of the message
  std::uint64_t op_offset = 0;  // of the operator's name
  std::vector<std::string_view> inputs;
  std::vector<ProtoField> attributes;  // entries of the map
};

[[nodiscard]] std::string_view tf_type_name(std::uint64_t type);
[[nodiscard]] TfTensor read_tf_tensor(const ProtoField& field, std::vector<Error>& defects);
[[nodiscard]] TfNode read_tf_node(const ProtoField& field, std::vector<Error>& defects);
// `depth`: how many messages deep functions within functions are followed.
[[nodiscard]] TfAttribute read_tf_attribute(const ProtoField& entry, std::uint32_t depth,
                                            std::vector<Error>& defects);

}  // namespace bulwark::scan
