#include "scan/formats/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace bulwark::scan {
namespace {

struct TypeBits {
  std::string_view name;
  std::uint64_t bits;
};
constexpr std::array kTypes = {
    TypeBits{"BOOL", 8},    TypeBits{"U8", 8},      TypeBits{"I8", 8},          TypeBits{"F8_E5M2", 8},
    TypeBits{"F8_E4M3", 8}, TypeBits{"F8_E8M0", 8}, TypeBits{"F8_E4M3FNUZ", 8}, TypeBits{"F8_E5M2FNUZ", 8},
    TypeBits{"I16", 16},    TypeBits{"U16", 16},    TypeBits{"F16", 16},        TypeBits{"BF16", 16},
    TypeBits{"I32", 32},    TypeBits{"U32", 32},    TypeBits{"F32", 32},        TypeBits{"I64", 64},
    TypeBits{"U64", 64},    TypeBits{"F64", 64},    TypeBits{"C64", 64},        TypeBits{"F4", 4},
    TypeBits{"F6_E2M3", 6}, TypeBits{"F6_E3M2", 6},
};
constexpr std::string_view kMetadataKey = "__metadata__";

// A non-negative whole number.
std::optional<std::uint64_t> count_of(const Document& value) {
  if (value.kind != Document::Kind::Integer || value.integer < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value.integer);
}

std::optional<std::uint64_t> size_of(std::string_view type, const std::vector<std::uint64_t>& shape) {
  const auto bits = safetensors_type_bits(type);
  if (!bits) return std::nullopt;
  std::uint64_t total = *bits;
  for (const std::uint64_t dimension : shape) {
    if (__builtin_mul_overflow(total, dimension, &total)) return std::nullopt;
  }
  if (total % 8 != 0) return std::nullopt;
  return total / 8;
}

void read_entry(const Document& entry, SafetensorsTensor& tensor) {
  if (!entry.is_map()) {
    tensor.defect = "is not an object";
    return;
  }
  const Document* type = entry.find("dtype");
  const Document* shape = entry.find("shape");
  const Document* offsets = entry.find("data_offsets");
  if (type == nullptr || !type->is_string())
    tensor.defect = "has no dtype";
  else if (shape == nullptr || !shape->is_list())
    tensor.defect = "has no shape";
  else if (offsets == nullptr || !offsets->is_list() || offsets->list.size() != 2)
    tensor.defect = "has no data_offsets";
  if (!tensor.defect.empty()) return;
  tensor.type = type->string;
  for (const Document& dimension : shape->list) {
    const auto value = count_of(dimension);
    if (!value) tensor.defect = "has a dimension that is not a whole number";
    tensor.shape.push_back(value.value_or(0));
  }
  const auto begin = count_of(offsets->list[0]);
  const auto end = count_of(offsets->list[1]);
  if (!begin || !end)
    tensor.defect = "has an offset that is not a whole number";
  else if (*begin > *end)
    tensor.defect = "ends before it begins";
  tensor.begin = begin.value_or(0);
  tensor.end = end.value_or(0);
  tensor.size = size_of(tensor.type, tensor.shape);
}

}  // namespace

std::optional<std::uint64_t> safetensors_type_bits(std::string_view type) {
  const auto* found = std::ranges::find(kTypes, type, &TypeBits::name);
  if (found == kTypes.end()) return std::nullopt;
  return found->bits;
}

bool looks_like_safetensors(Bytes content) {
  if (content.size() < kSafetensorsLengthField + 2) return false;
  // Eight printable characters are the start of a text, and no length that a file could have.
  if (std::ranges::all_of(content.first(kSafetensorsLengthField),
                          [](std::uint8_t c) { return c >= 0x09 && c < 0x7F; }))
    return false;
  const auto length = load_little_endian<std::uint64_t>(content.data());
  const std::string_view text = text_of(content.subspan(kSafetensorsLengthField));
  const std::string_view head = text.substr(0, 4096);
  const bool fits = length >= 2 && length <= text.size();
  const bool names = head.find("\"data_offsets\"") != std::string_view::npos ||
                     head.find("\"__metadata__\"") != std::string_view::npos;
  if (names && (fits || head.front() == '{')) return true;
  if (head.front() != '{') return false;
  // Cut within its header: five zero bytes and the start of a JSON object are still no chance.
  if (!fits) return length <= kSafetensorsMaxHeader && length >= 2 && head[1] == '"';
  const std::size_t second = head.find_first_not_of(" \t\r\n", 1);
  const std::size_t last = text.substr(0, length).find_last_not_of(" \t\r\n");
  return second != std::string_view::npos && (head[second] == '"' || head[second] == '}') &&
         text[last] == '}';
}

bool claims_absurd_header(Bytes content) {
  if (content.size() < kSafetensorsLengthField + 2) return false;
  const auto length = load_little_endian<std::uint64_t>(content.data());
  const std::string_view text = text_of(content.subspan(kSafetensorsLengthField));
  if (length <= text.size() || text.front() != '{') return false;
  const std::string_view head = text.substr(0, 64);
  const auto field = content.first(kSafetensorsLengthField);
  const auto is = [](std::uint8_t byte) { return [byte](std::uint8_t other) { return byte == other; }; };
  // Eight letters and a brace are a text, unless they are all the same one.
  const bool one_byte = field[0] > 0x20 && std::ranges::all_of(field, is(field[0]));
  if (!one_byte && std::ranges::all_of(field, [](std::uint8_t c) { return c >= 0x09 && c < 0x7F; }))
    return false;
  if (text.substr(1).starts_with('}')) {
    // An empty object is little evidence: nothing may follow it, or the length is a power of two or all ones.
    const bool alone = text.substr(2).find_first_not_of(" \t\r\n") == std::string_view::npos;
    return alone || std::has_single_bit(length) || std::has_single_bit(length + 1) || length + 1 == 0;
  }
  // {"name": as text
  if (!text.substr(1).starts_with('"')) return false;
  const std::size_t quote = head.find('"', 2);
  const std::size_t colon = quote == std::string_view::npos ? quote : head.find(':', quote);
  return colon != std::string_view::npos && std::ranges::all_of(head.substr(0, colon), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20;
         });
}

Result<SafetensorsHeader> read_safetensors(Bytes content, const Limits& limits) {
  ByteReader in(content);
  SafetensorsHeader header;
  header.length = TRY(in.little_endian<std::uint64_t>("header length"));
  const Bytes json = TRY(in.take(header.length, "header"));
  auto parsed = parse_json(text_of(json), limits, TrailingBytes::Allow);
  if (!parsed) {
    Error error = std::move(parsed).error();
    if (error.offset != kNoOffset) error.offset += kSafetensorsLengthField;
    return std::unexpected(std::move(error).within("header"));
  }
  header.json = std::move(*parsed);
  if (!header.json.root.is_map())
    return fail(Code::InvalidInput, "header is not a JSON object", kSafetensorsLengthField);
  for (const auto& [key, value] : header.json.root.map) {
    if (key == kMetadataKey) continue;
    SafetensorsTensor tensor{.name = key, .offset = kSafetensorsLengthField + value.offset};
    read_entry(value, tensor);
    header.tensors.push_back(std::move(tensor));
  }
  return header;
}

}  // namespace bulwark::scan
