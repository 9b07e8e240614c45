#include "scan/formats/onnx.h"

#include <algorithm>
#include <array>

namespace bulwark::scan {
namespace {

// Real tensors have at most 8 dimensions, real nodes a few hundred inputs; more is kept only up to here.
constexpr std::size_t kMaxDims = 256;

constexpr FieldShape kModel[] = {
    {1, WireType::Varint},  // ir_version
    {2, WireType::Bytes},   // producer_name
    {3, WireType::Bytes},   // producer_version
    {4, WireType::Bytes},   // domain
    {5, WireType::Varint},  // model_version
    {6, WireType::Bytes},   // doc_string
    {7, WireType::Bytes},   // graph
    {8, WireType::Bytes},   // opset_import
    {14, WireType::Bytes},  // metadata_props
    {20, WireType::Bytes},  // training_info
    {25, WireType::Bytes},  // functions
};
constexpr FieldShape kGraph[] = {
    {1, WireType::Bytes},  {2, WireType::Bytes},  {5, WireType::Bytes},  {10, WireType::Bytes},
    {11, WireType::Bytes}, {12, WireType::Bytes}, {13, WireType::Bytes}, {14, WireType::Bytes},
    {15, WireType::Bytes}, {16, WireType::Bytes},
};
constexpr FieldShape kNode[] = {
    {1, WireType::Bytes}, {2, WireType::Bytes}, {3, WireType::Bytes}, {4, WireType::Bytes},
    {5, WireType::Bytes}, {6, WireType::Bytes}, {7, WireType::Bytes},
};

struct Type {
  std::string_view name;
  unsigned bits;
};
constexpr std::array<Type, 27> kTypes = {{
    {"unknown", 0},        {"float32", 32},  {"uint8", 8},        {"int8", 8},           {"uint16", 16},
    {"int16", 16},         {"int32", 32},    {"int64", 64},       {"string", 0},         {"bool", 8},
    {"float16", 16},       {"float64", 64},  {"uint32", 32},      {"uint64", 64},        {"complex64", 64},
    {"complex128", 128},   {"bfloat16", 16}, {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
    {"float8e5m2fnuz", 8}, {"uint4", 4},     {"int4", 4},         {"float4e2m1", 4},     {"float8e8m0", 8},
    {"uint2", 2},          {"int2", 2},
}};

void keep_error(const ProtoReader& reader, std::string_view what, std::vector<Error>& defects) {
  if (auto error = reader.error(what)) defects.push_back(std::move(*error));
}

OnnxTensor::Entry read_entry(const ProtoField& field) {
  OnnxTensor::Entry entry;
  ProtoReader reader(field);
  ProtoField part;
  while (reader.next(part)) {
    if (part.is_bytes(1)) entry.key = part.text();
    if (part.is_bytes(2)) entry.value = part;
  }
  return entry;
}

// Whether the start of a graph is one: right wire types and, if it has a node, an operator that reads as a
// name.
bool looks_like_graph(Bytes graph) {
  const ShapeMatch match = match_shape(graph, kGraph, 16);
  if (match.contradicts || match.known == 0) return false;
  ProtoReader reader(graph);
  ProtoField field;
  while (reader.next(field)) {
    if (!field.is_bytes(1)) continue;
    const ShapeMatch node = match_shape(field.bytes, kNode, 32);
    return !node.contradicts && node.known > 0;
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> OnnxTensor::elements() const {
  std::uint64_t count = 1;
  for (const std::int64_t dim : dims) {
    if (dim < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(dim), &count))
      return std::nullopt;
  }
  return count;
}

std::optional<std::uint64_t> OnnxTensor::bytes_needed() const {
  const unsigned bits = onnx_element_bits(type);
  const auto count = elements();
  std::uint64_t total = 0;
  if (bits == 0 || !count || __builtin_mul_overflow(*count, std::uint64_t{bits}, &total)) return std::nullopt;
  return total / 8 + (total % 8 != 0 ? 1 : 0);
}

unsigned onnx_element_bits(std::int64_t type) {
  return type >= 0 && static_cast<std::size_t>(type) < kTypes.size()
             ? kTypes[static_cast<std::size_t>(type)].bits
             : 0;
}

std::string_view onnx_type_name(std::int64_t type) {
  return type >= 0 && static_cast<std::size_t>(type) < kTypes.size()
             ? kTypes[static_cast<std::size_t>(type)].name
             : "unknown";
}

OnnxTensor read_onnx_tensor(const ProtoField& field, std::vector<Error>& defects) {
  OnnxTensor tensor;
  tensor.offset = field.offset;
  ProtoReader reader(field);
  ProtoField part;
  std::vector<std::uint64_t> dims;
  while (reader.next(part)) {
    switch (part.number) {
      case 1: append_varints(part, dims, kMaxDims); break;
      case 2: tensor.type = part.type == WireType::Varint ? static_cast<std::int64_t>(part.value) : 0; break;
      case 4:
      case 5:
      case 7:
      case 10:
      case 11: tensor.has_typed_values = true; break;
      case 6:
        if (part.is_bytes()) tensor.strings.push_back(part);
        break;
      case 8: tensor.name = part.text(); break;
      case 9: tensor.raw = part; break;
      case 13:
        tensor.external = true;
        if (part.is_bytes()) tensor.external_entries.push_back(read_entry(part));
        break;
      case 14: tensor.external = tensor.external || part.value == 1; break;
      default: break;
    }
  }
  for (const std::uint64_t dim : dims) tensor.dims.push_back(static_cast<std::int64_t>(dim));
  keep_error(reader, "tensor", defects);
  return tensor;
}

OnnxAttribute read_onnx_attribute(const ProtoField& field, std::vector<Error>& defects) {
  OnnxAttribute attribute;
  ProtoReader reader(field);
  ProtoField part;
  while (reader.next(part)) {
    if (!part.is_bytes()) continue;
    switch (part.number) {
      case 1: attribute.name = part.text(); break;
      case 4:
      case 9: attribute.strings.push_back(part); break;
      case 5:
      case 10: attribute.tensors.push_back(part); break;
      case 6:
      case 11: attribute.graphs.push_back(part); break;
      case 22:
      case 23: {
        ProtoReader sparse(part);
        ProtoField inner;
        while (sparse.next(inner))
          if (inner.is_bytes(1) || inner.is_bytes(2)) attribute.tensors.push_back(inner);
        break;
      }
      default: break;
    }
  }
  keep_error(reader, "attribute", defects);
  return attribute;
}

OnnxNode read_onnx_node(const ProtoField& field, std::vector<Error>& defects) {
  OnnxNode node;
  node.offset = field.offset;
  ProtoReader reader(field);
  ProtoField part;
  while (reader.next(part)) {
    if (!part.is_bytes()) continue;
    switch (part.number) {
      case 1: node.inputs.push_back(part.text()); break;
      case 2: node.outputs.push_back(part.text()); break;
      case 3: node.name = part.text(); break;
      case 4:
        node.op_type = part.text();
        node.op_offset = part.offset;
        break;
      case 5: node.attributes.push_back(part); break;
      case 7: node.domain = part.text(); break;
      default: break;
    }
  }
  keep_error(reader, "node", defects);
  return node;
}

namespace {

// ir_version and the name of a converter in use: an ONNX file whatever is wrong behind it. Else a defect
// would make the file something that nobody knows.
bool begins_like_onnx(Bytes content) {
  constexpr std::uint8_t kHighestVersion = 32;
  if (content.size() < 8 || content[0] != 0x08 || content[1] > kHighestVersion || content[2] != 0x12)
    return false;
  constexpr std::string_view kProducers[] = {"pytorch",     "tf2onnx", "onnx",   "keras2onnx", "skl2onnx",
                                             "OnnxMLTools", "CNTK",    "MATLAB", "paddle"};
  const std::string_view name = text_of(content.subspan(4, std::min<std::size_t>(content.size() - 4, 32)));
  return std::ranges::any_of(kProducers,
                             [&](std::string_view producer) { return name.starts_with(producer); });
}

}  // namespace

bool is_onnx_model(Bytes content) {
  if (begins_like_onnx(content)) return true;
  const ShapeMatch match = match_shape(content, kModel, 64);
  if (match.contradicts || match.known < 1) return false;
  ProtoReader reader(content);
  ProtoField field;
  bool versioned = false;
  bool graph = false;
  const auto look = [&](const ProtoField& found) {
    versioned = versioned || (found.is_varint(1) && found.value <= 1000) || found.is_bytes(8);
    if (found.is_bytes(7) || found.is_bytes(20) || found.is_bytes(25)) {
      if (found.number == 7 && !looks_like_graph(found.bytes)) return false;
      graph = true;
    }
    return true;
  };
  // Top-level fields are few, whatever the size of the model.
  while (reader.next(field))
    if (!look(field)) return false;
  if (reader.stop() == ProtoReader::Stop::Malformed) return false;
  if (reader.cut() && !look(*reader.cut())) return false;
  return versioned && graph;
}

bool is_known_onnx_domain(std::string_view domain) {
  constexpr std::string_view kExact[] = {"",
                                         "ai.onnx",
                                         "ai.onnx.ml",
                                         "ai.onnx.training",
                                         "ai.onnx.preview",
                                         "ai.onnx.preview.training",
                                         "com.microsoft",
                                         "com.microsoft.nchwc",
                                         "com.microsoft.dml",
                                         "com.microsoft.experimental",
                                         "com.microsoft.mlfeaturizers",
                                         "com.ms.internal.nhwc",
                                         "org.pytorch.aten",
                                         "org.pytorch._caffe2",
                                         "org.pytorch.prim",
                                         "ai.onnx.contrib",
                                         "ai.onnx.extensions",
                                         "com.microsoft.extensions",
                                         "onnx.brevitas",
                                         "qonnx.custom_op.general",
                                         "ai.graphcore"};
  return std::ranges::find(kExact, domain) != std::end(kExact);
}

}  // namespace bulwark::scan
