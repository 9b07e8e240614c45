#pragma once
// The header of a safetensors file: an 8-byte length, a JSON object, then the tensors back to back.
//
// Reads every tensor entry it can and notes what is wrong with it; the tensors' bytes are not touched.
// Format: the safetensors README; limit of the header: MAX_HEADER_SIZE = 100,000,000 in tensor.rs.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/document.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

inline constexpr std::uint64_t kSafetensorsMaxHeader = 100'000'000;
inline constexpr std::uint64_t kSafetensorsLengthField = 8;

struct SafetensorsTensor {
  std::string name;
  std::string type;  // as written: "F32"
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;  // relative to the first byte behind the header
  std::uint64_t end = 0;
  std::uint64_t offset = 0;  // of the entry in the file
  std::optional<std::uint64_t>
      size;  // bytes that type and shape ask for; empty if the type is unknown or it overflows
  std::string_view defect = {};  // why the entry cannot be used; empty if it can
};

struct SafetensorsHeader {
  std::uint64_t length = 0;  // of the JSON
  ParsedDocument json;
  std::vector<SafetensorsTensor> tensors;
};

// Whether the bytes start like safetensors: looks at the first 4 KiB and at the end of the header.
[[nodiscard]] bool looks_like_safetensors(Bytes content);
// Whether a JSON object follows a length that no file has: what a loader allocates by. Chance could write it.
[[nodiscard]] bool claims_absurd_header(Bytes content);
// Bits of one element, or nothing for an unknown type.
[[nodiscard]] std::optional<std::uint64_t> safetensors_type_bits(std::string_view type);

// Errors: InvalidInput when length or JSON are wrong (offset of the JSON error); LimitReached.
[[nodiscard]] Result<SafetensorsHeader> read_safetensors(Bytes content, const Limits& limits);

}  // namespace bulwark::scan
