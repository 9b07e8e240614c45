// The header messages that matter: types, spaces, attributes, links, and where a dataset's bytes are.

#include <algorithm>

#include "scan/formats/hdf5/reader.h"

namespace bulwark::scan::hdf5 {
namespace {

constexpr std::uint64_t kMaxRank = 32;  // H5S_MAX_RANK
constexpr std::uint8_t kExternalLink = 64;

std::uint64_t padded(std::uint64_t size) {
  return (size + 7) / 8 * 8;
}

// Up to the first NUL; fixed strings are padded with it.
std::string_view until_nul(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

}  // namespace

std::string Datatype::name() const {
  const std::string bits = std::to_string(std::uint64_t{size} * 8);
  if (kind == TypeClass::Fixed) return (is_signed ? "int" : "uint") + bits;
  if (kind == TypeClass::Float) return "float" + bits;
  if (kind == TypeClass::String || variable_string) return "string";
  return {};
}

std::optional<std::uint64_t> Dataspace::elements() const {
  if (null) return 0;
  std::uint64_t product = 1;
  for (const std::uint64_t dimension : shape) {
    if (__builtin_mul_overflow(product, dimension, &product)) return std::nullopt;
  }
  return product;
}

// A shared message names the object header that holds the real one (a committed datatype).
Result<Datatype> Reader::datatype(const Message& message) {
  if (!message.shared) return datatype(message.data);
  ByteReader in(message.data);
  const auto version = TRY(in.little_endian<std::uint8_t>("shared message version"));
  const auto kind = TRY(in.little_endian<std::uint8_t>("shared message type"));
  if (version == 3 && kind == 1)
    return fail(Code::Unsupported, "datatype in the shared message heap", message.offset);
  if (version == 1) TRY(in.skip(6, "shared message"));
  const std::uint64_t header = TRY(address(in, "shared message address"));
  const std::vector<Message> inner = TRY(messages(header));
  for (const Message& candidate : inner) {
    if (candidate.type == kDatatype && !candidate.shared) return datatype(candidate.data);
  }
  return fail(Code::InvalidInput, "shared datatype is not there", message.offset);
}

Result<Datatype> Reader::datatype(Bytes data) const {
  ByteReader in(data);
  const auto kind = TRY(in.little_endian<std::uint8_t>("datatype class"));
  const auto bits = TRY(in.little_endian<std::uint8_t>("datatype flags"));
  TRY(in.skip(2, "datatype flags"));
  Datatype type;
  type.size = TRY(in.little_endian<std::uint32_t>("datatype size"));
  if ((kind & 0x0FU) > static_cast<std::uint8_t>(TypeClass::Array))
    return fail(Code::Unsupported, "datatype class " + std::to_string(kind & 0x0FU));
  type.kind = static_cast<TypeClass>(kind & 0x0FU);
  type.variable_string = type.kind == TypeClass::Variable && (bits & 0x0FU) == 1;
  type.is_signed = (bits & 0x08U) != 0;
  return type;
}

Result<Dataspace> Reader::dataspace(Bytes data) const {
  ByteReader in(data);
  const auto version = TRY(in.little_endian<std::uint8_t>("dataspace version"));
  const auto rank = TRY(in.little_endian<std::uint8_t>("rank"));
  TRY(in.skip(1, "dataspace flags"));
  if (version < 1 || version > 2)
    return fail(Code::Unsupported, "dataspace version " + std::to_string(version));
  if (rank > kMaxRank)
    return fail(Code::InvalidInput, "dataspace has " + std::to_string(rank) + " dimensions");
  Dataspace space;
  const auto kind = TRY(in.little_endian<std::uint8_t>("dataspace type"));
  space.null = version == 2 && kind == 2;
  if (version == 1) TRY(in.skip(4, "dataspace padding"));
  for (std::uint8_t i = 0; i < rank; ++i) {
    const std::uint64_t dimension = TRY(length(in, "dimension"));
    space.shape.push_back(dimension);
  }
  return space;
}

Result<Attribute> Reader::attribute(Bytes data, std::uint64_t offset) {
  TRY(charge(data.size()));
  ByteReader in(data);
  const auto version = TRY(in.little_endian<std::uint8_t>("attribute version"));
  const auto flags = TRY(in.little_endian<std::uint8_t>("attribute flags"));
  const auto name_size = TRY(in.little_endian<std::uint16_t>("attribute name size"));
  const auto type_size = TRY(in.little_endian<std::uint16_t>("attribute type size"));
  const auto space_size = TRY(in.little_endian<std::uint16_t>("attribute space size"));
  if (version < 1 || version > 3)
    return fail(Code::Unsupported, "attribute version " + std::to_string(version), offset);
  if (version == 3) TRY(in.skip(1, "attribute name encoding"));
  const auto part = [&](std::uint64_t size) { return version == 1 ? padded(size) : size; };
  const Bytes name = TRY(in.take(part(name_size), "attribute name"));
  const Bytes type_bytes = TRY(in.take(part(type_size), "attribute type"));
  const Bytes space_bytes = TRY(in.take(part(space_size), "attribute space"));
  Attribute out{.name = std::string(until_nul(name)), .offset = offset, .texts = {}, .content = in.rest()};
  const bool shared_type = version > 1 && (flags & 1U) != 0;
  const Datatype type = TRY(datatype(Message{kDatatype, shared_type, offset, type_bytes}));
  const Dataspace space = TRY(dataspace(space_bytes));
  out.textual = type.kind == TypeClass::String || type.variable_string;
  const auto count = space.elements();
  if (out.textual) {
    if (!count) return fail(Code::InvalidInput, "attribute " + out.name + ": its size overflows", offset);
    TRY(texts(type, *count, in.rest(), offset_of(data) + in.offset(), out));
  }
  return out;
}

Result<void> Reader::texts(const Datatype& type, std::uint64_t count, Bytes data, std::uint64_t offset,
                           Attribute& out) {
  const std::uint64_t element = type.variable_string ? 4 + offset_size_ + 4 : type.size;
  if (element == 0) return {};
  if (count > data.size() / element) {
    return fail(Code::InvalidInput,
                "attribute " + out.name + " claims " + std::to_string(count) + " texts, " +
                    std::to_string(data.size()) + " bytes remain",
                offset);
  }
  ByteReader in(data);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!type.variable_string) {
      const Bytes raw = TRY(in.take(element, "text"));
      TRY(charge(raw.size()));
      out.texts.push_back({std::string(until_nul(raw)), offset_of(raw)});
      continue;
    }
    const auto size = TRY(in.little_endian<std::uint32_t>("text length"));
    const std::uint64_t collection = TRY(address(in, "global heap"));
    const auto index = TRY(in.little_endian<std::uint32_t>("global heap index"));
    if (size == 0 || collection == 0 || collection == undefined()) {
      out.texts.push_back({});
      continue;
    }
    const Bytes object = TRY(global_object(collection, index));
    const Bytes text = object.first(std::min<std::uint64_t>(size, object.size()));
    TRY(charge(text.size()));
    out.texts.push_back({std::string(until_nul(text)), offset_of(text)});
  }
  return {};
}

Result<Link> Reader::link(Bytes data, std::uint64_t offset) {
  TRY(charge(data.size()));
  ByteReader in(data);
  const auto version = TRY(in.little_endian<std::uint8_t>("link version"));
  if (version != 1) return fail(Code::Unsupported, "link version " + std::to_string(version), offset);
  const auto flags = TRY(in.little_endian<std::uint8_t>("link flags"));
  std::uint8_t kind = 0;
  if ((flags & 0x08U) != 0) kind = TRY(in.little_endian<std::uint8_t>("link type"));
  if ((flags & 0x04U) != 0) TRY(in.skip(8, "creation order"));
  if ((flags & 0x10U) != 0) TRY(in.skip(1, "character set"));
  const std::uint64_t name_size = TRY(sized(in, 1U << (flags & 3U), "link name length"));
  const Bytes name = TRY(in.take(name_size, "link name"));
  Link out{.name = std::string(text_of(name)), .offset = offset};
  if (kind == 0) {
    out.target = TRY(address(in, "link target"));
    return out;
  }
  const auto size = TRY(in.little_endian<std::uint16_t>("link value length"));
  const Bytes value = TRY(in.take(size, "link value"));
  out.kind = kind == 1 ? LinkKind::Soft : kind == kExternalLink ? LinkKind::External : LinkKind::UserDefined;
  if (kind == kExternalLink) {
    ByteReader target(value);
    TRY(target.skip(1, "external link flags"));
    out.target_file = TRY(terminated(target, "external link file"));
    out.target_path = TRY(terminated(target, "external link path"));
  } else {
    out.target_path = std::string(text_of(value));
  }
  return out;
}

Result<SymbolTable> Reader::symbol_table(Bytes data) const {
  ByteReader in(data);
  SymbolTable table;
  table.tree = TRY(address(in, "group tree"));
  table.heap = TRY(address(in, "group heap"));
  return table;
}

Result<DenseStorage> Reader::link_info(Bytes data) const {
  ByteReader in(data);
  TRY(in.skip(1, "link info version"));
  const auto flags = TRY(in.little_endian<std::uint8_t>("link info flags"));
  if ((flags & 1U) != 0) TRY(in.skip(8, "creation index"));
  DenseStorage storage;
  storage.heap = TRY(address(in, "link heap"));
  storage.index = TRY(address(in, "link index"));
  return storage;
}

Result<DenseStorage> Reader::attribute_info(Bytes data) const {
  ByteReader in(data);
  TRY(in.skip(1, "attribute info version"));
  const auto flags = TRY(in.little_endian<std::uint8_t>("attribute info flags"));
  if ((flags & 1U) != 0) TRY(in.skip(2, "creation index"));
  DenseStorage storage;
  storage.heap = TRY(address(in, "attribute heap"));
  storage.index = TRY(address(in, "attribute index"));
  return storage;
}

Result<void> Reader::layout(const Message& message, Object& object) {
  ByteReader in(message.data);
  const auto version = TRY(in.little_endian<std::uint8_t>("layout version"));
  if (version < 1 || version > 5)
    return fail(Code::Unsupported, "layout version " + std::to_string(version), message.offset);
  if (version < 3) TRY(in.skip(1, "layout rank"));
  const auto kind = TRY(in.little_endian<std::uint8_t>("layout class"));
  if (kind == 1 && version >= 3) {
    const std::uint64_t where = TRY(address(in, "data address"));
    const std::uint64_t size = TRY(length(in, "data size"));
    if (where == undefined() || size == 0) return {};
    if (where > file().size() || size > file().size() - where) {
      return fail(Code::InvalidInput, "data of " + object.path + " ends behind the file", message.offset);
    }
    object.content = file().subspan(where, size);
    return {};
  }
  if (kind != 3) return {};
  const std::uint64_t collection = TRY(address(in, "virtual mapping"));
  const auto index = TRY(in.little_endian<std::uint32_t>("virtual mapping index"));
  if (collection == undefined()) return {};
  const Bytes mapping = TRY(global_object(collection, index));
  ByteReader entries(mapping);
  TRY(entries.skip(1, "virtual mapping version"));
  const std::uint64_t count = TRY(length(entries, "virtual mapping entries"));
  if (count == 0) return {};
  // The selections that follow are of many kinds; the first source already tells what the dataset does.
  std::string first = TRY(terminated(entries, "virtual source file"));
  object.virtual_sources.push_back({std::move(first), message.offset});
  return {};
}

Result<void> Reader::external_files(const Message& message, Object& object) {
  ByteReader in(message.data);
  TRY(in.skip(4, "external files version"));
  TRY(in.skip(2, "external files slots"));
  const auto used = TRY(in.little_endian<std::uint16_t>("external files used"));
  const std::uint64_t heap = TRY(address(in, "external files heap"));
  for (std::uint16_t i = 0; i < used; ++i) {
    const std::uint64_t name = TRY(length(in, "external file name"));
    TRY(in.skip(std::uint64_t{2} * length_size_, "external file span"));
    auto text = heap_text(heap, name);
    // The slot itself is what matters, even if its name is damaged.
    object.external.push_back({text ? text->value : std::string(), message.offset});
    if (!text) return std::unexpected(std::move(text).error());
  }
  return {};
}

}  // namespace bulwark::scan::hdf5
