#include "scan/formats/tensorflow.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bulwark::scan {
namespace {

constexpr std::size_t kMaxDims = 254;  // TensorShape::MaxDimensions

constexpr FieldShape kGraph[] = {{1, WireType::Bytes},
                                 {2, WireType::Bytes},
                                 {3, WireType::Varint},
                                 {4, WireType::Bytes},
                                 {5, WireType::Bytes}};
constexpr FieldShape kNode[] = {{1, WireType::Bytes}, {2, WireType::Bytes}, {3, WireType::Bytes},
                                {4, WireType::Bytes}, {5, WireType::Bytes}, {6, WireType::Bytes},
                                {7, WireType::Bytes}};
constexpr FieldShape kMeta[] = {{1, WireType::Bytes}, {2, WireType::Bytes}, {3, WireType::Bytes},
                                {4, WireType::Bytes}, {5, WireType::Bytes}, {6, WireType::Bytes},
                                {7, WireType::Bytes}};
constexpr FieldShape kSaved[] = {{1, WireType::Varint}, {2, WireType::Bytes}};

struct Type {
  std::string_view name;
  unsigned bytes;
};
// types.proto; 0 bytes: no fixed size.
constexpr std::array<Type, 31> kTypes = {{
    {"unknown", 0},        {"float32", 4},      {"float64", 8},        {"int32", 4},
    {"uint8", 1},          {"int16", 2},        {"int8", 1},           {"string", 0},
    {"complex64", 8},      {"int64", 8},        {"bool", 1},           {"qint8", 1},
    {"quint8", 1},         {"qint32", 4},       {"bfloat16", 2},       {"qint16", 2},
    {"quint16", 2},        {"uint16", 2},       {"complex128", 16},    {"float16", 2},
    {"resource", 0},       {"variant", 0},      {"uint32", 4},         {"uint64", 8},
    {"float8e5m2", 1},     {"float8e4m3fn", 1}, {"float8e4m3fnuz", 1}, {"float8e4m3b11fnuz", 1},
    {"float8e5m2fnuz", 1}, {"int4", 1},         {"uint4", 1},
}};

void keep_error(const ProtoReader& reader, std::string_view what, std::vector<Error>& defects) {
  if (auto error = reader.error(what)) defects.push_back(std::move(*error));
}

// Registered operators are CamelCase, with "Namespace>Name" for libraries and "_" in front of internal ones.
bool is_operator(std::string_view op) {
  return !op.empty() && op.size() <= 200 && std::ranges::all_of(op, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '>' || c == '.' || c == '-' || c == '/';
  });
}

bool looks_like_node(Bytes node) {
  const ShapeMatch match = match_shape(node, kNode, 64);
  if (match.contradicts) return false;
  ProtoReader reader(node);
  ProtoField field;
  bool named = false;
  bool op = false;
  const auto look = [&](const ProtoField& part) {
    if (part.is_bytes(1)) named = is_name(part.text(), 4096);
    if (part.is_bytes(2)) op = is_operator(part.text());
  };
  while (reader.next(field)) look(field);
  if (reader.cut()) look(*reader.cut());
  return named && op;
}

bool looks_like_library(Bytes library) {
  ProtoReader functions(library);
  ProtoField function;
  if (!functions.next(function) && !functions.cut()) return false;
  if (functions.cut()) function = *functions.cut();
  if (!function.is_bytes(1)) return false;
  ProtoReader reader(function);
  ProtoField field;
  while (reader.next(field))
    if (field.is_bytes(3)) return looks_like_node(field.bytes);
  return reader.cut() && reader.cut()->is_bytes(3) && looks_like_node(reader.cut()->bytes);
}

bool looks_like_graph(Bytes graph) {
  const ShapeMatch match = match_shape(graph, kGraph, 32);
  if (match.contradicts || match.known == 0) return false;
  ProtoReader reader(graph);
  ProtoField field;
  // One odd node in front is no disguise: any of the first few may speak for the graph.
  constexpr int kTried = 64;
  for (int tried = 0; tried < kTried;) {
    const bool read = reader.next(field);
    if (!read && !reader.cut()) return false;
    const ProtoField& part = read ? field : *reader.cut();
    if (part.is_bytes(1) && looks_like_node(part.bytes)) return true;
    if (part.is_bytes(2) && looks_like_library(part.bytes)) return true;
    if (!read) return false;
    tried += part.number <= 5 ? 1 : 0;
  }
  return false;
}

// True if `accept` holds for the first field of that number in the message.
template <class Accept>
bool first_field(Bytes message, std::uint32_t number, Accept accept) {
  ProtoReader reader(message);
  ProtoField field;
  while (reader.next(field))
    if (field.is_bytes(number)) return accept(field.bytes);
  return reader.cut() && reader.cut()->is_bytes(number) && accept(reader.cut()->bytes);
}

bool looks_like_meta_graph(Bytes meta) {
  const ShapeMatch match = match_shape(meta, kMeta, 64);
  return !match.contradicts && match.known > 0 && first_field(meta, 2, looks_like_graph);
}

void read_shape(const ProtoField& field, TfTensor& tensor) {
  ProtoReader reader(field);
  ProtoField part;
  while (reader.next(part)) {
    if (part.is_varint(3) && part.value != 0) tensor.shape_known = false;
    if (!part.is_bytes(2) || tensor.shape.size() >= kMaxDims) continue;
    ProtoReader dim(part);
    ProtoField size;
    std::int64_t value = 0;
    while (dim.next(size))
      if (size.is_varint(1)) value = static_cast<std::int64_t>(size.value);
    tensor.shape.push_back(value);
  }
}

unsigned bytes_of_type(std::uint64_t type) {
  return type < kTypes.size() ? kTypes[type].bytes : 0;
}

}  // namespace

TfKind tensorflow_kind(Bytes content) {
  if (looks_like_graph(content)) return TfKind::Graph;
  if (looks_like_meta_graph(content)) return TfKind::MetaGraph;
  const ShapeMatch match = match_shape(content, kSaved, 16);
  if (!match.contradicts && match.known > 0 && first_field(content, 2, looks_like_meta_graph))
    return TfKind::SavedModel;
  return TfKind::None;
}

bool TfTensor::overflows() const {
  std::uint64_t total = std::max(1U, bytes_of_type(type));
  for (const std::int64_t dim : shape)
    if (dim >= 0 && __builtin_mul_overflow(total, static_cast<std::uint64_t>(dim), &total)) return true;
  return false;
}

std::optional<std::uint64_t> TfTensor::bytes_needed() const {
  std::uint64_t total = bytes_of_type(type);
  if (total == 0 || !shape_known) return std::nullopt;
  for (const std::int64_t dim : shape)
    if (dim < 0 || __builtin_mul_overflow(total, static_cast<std::uint64_t>(dim), &total))
      return std::nullopt;
  return total;
}

std::string_view tf_type_name(std::uint64_t type) {
  return type < kTypes.size() ? kTypes[type].name : "unknown";
}

TfTensor read_tf_tensor(const ProtoField& field, std::vector<Error>& defects) {
  TfTensor tensor;
  tensor.offset = field.offset;
  ProtoReader reader(field);
  ProtoField part;
  while (reader.next(part)) {
    if (part.is_varint(1)) tensor.type = part.value;
    if (part.is_bytes(2)) read_shape(part, tensor);
    if (part.is_bytes(4)) tensor.content = part;
    if (part.is_bytes(8)) tensor.strings.push_back(part);
  }
  keep_error(reader, "tensor", defects);
  return tensor;
}

TfNode read_tf_node(const ProtoField& field, std::vector<Error>& defects) {
  TfNode node;
  node.offset = field.offset;
  ProtoReader reader(field);
  ProtoField part;
  const auto take = [&](const ProtoField& found) {
    if (!found.is_bytes()) return;
    if (found.number == 1) node.name = found.text();
    if (found.number == 3) node.inputs.push_back(found.text());
    if (found.number == 5) node.attributes.push_back(found);
    if (found.number != 2) return;
    node.op = found.text();
    node.op_offset = found.offset;
  };
  while (reader.next(part)) take(part);
  keep_error(reader, "node", defects);
  return node;
}

TfAttribute read_tf_attribute(const ProtoField& entry, std::uint32_t depth, std::vector<Error>& defects) {
  TfAttribute attribute;
  // Messages still to read: AttrValue, its ListValue, or the NameAttrList of a function.
  enum class Kind : std::uint8_t { Entry, Value, List, Function };
  struct Work {
    ProtoField message;
    Kind kind;
    std::uint32_t depth;
  };
  std::vector<Work> work = {{entry, Kind::Entry, 0}};
  while (!work.empty()) {
    const Work current = work.back();
    work.pop_back();
    if (current.depth > depth) {
      defects.push_back({Code::LimitReached,
                         "attribute is nested deeper than " + std::to_string(depth) + " messages",
                         current.message.offset});
      continue;
    }
    ProtoReader reader(current.message);
    ProtoField part;
    while (reader.next(part)) {
      if (!part.is_bytes()) continue;
      const bool value = current.kind == Kind::Value;
      if (current.kind == Kind::Entry) {
        if (part.number == 1 && current.depth == 0) attribute.name = part.text();
        if (part.number == 2) work.push_back({part, Kind::Value, current.depth + 1});
      } else if (current.kind == Kind::Function) {
        if (part.number == 1) attribute.functions.push_back(part);
        if (part.number == 2) work.push_back({part, Kind::Entry, current.depth + 1});
      } else if (part.number == 2) {
        attribute.strings.push_back(part);
      } else if (part.number == 8) {
        attribute.tensors.push_back(part);
      } else if (value && part.number == 1) {
        work.push_back({part, Kind::List, current.depth + 1});
      } else if (part.number == (value ? 10U : 9U)) {
        work.push_back({part, Kind::Function, current.depth + 1});
      }
    }
    keep_error(reader, "attribute", defects);
  }
  return attribute;
}

}  // namespace bulwark::scan
