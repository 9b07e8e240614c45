#pragma once
// GGUF, versions 1 to 3, little and big endian: key-value metadata, tensor table, aligned tensor data.
//
// Reads as far as the bytes make sense and notes every defect; the first one that hides where the next field
// is ends the reading. Format: ggml's docs/gguf.md; limits: GGUF_MAX_STRING_LENGTH and
// GGUF_MAX_ARRAY_ELEMENTS in gguf.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

// What is wrong with a file; the inspector has a rule for each.
enum class GgufDefect : std::uint8_t {
  Version,
  Count,   // more keys or tensors than the file could hold
  Length,  // string or array longer than allowed or than the file
  Dimensions,
  Alignment,
  Duplicate,
  Overflow,  // product, offset or padding beyond 64 bits or beyond the file; overlap
  Type,      // value type
  TensorType,
  Hole,  // bytes that no tensor covers
};

struct GgufProblem {
  GgufDefect defect;
  std::uint64_t offset;
  std::string message;
};

struct GgufString {
  std::string_view key;
  std::string_view value;
  std::uint64_t offset = 0;  // of the value's first byte
};

struct GgufNumber {
  std::string_view key;
  std::uint64_t value = 0;
};

struct GgufTensor {
  std::string_view name;
  std::vector<std::uint64_t> shape;  // as stored: innermost first
  std::uint32_t type = 0;
  std::uint64_t begin = 0;  // relative to the tensor data
  std::optional<std::uint64_t> size;
  std::uint64_t offset = 0;  // of the entry in the file
};

struct GgufFile {
  std::uint32_t version = 0;
  bool big_endian = false;
  std::vector<GgufString> strings;  // values of type string, in order
  std::vector<GgufNumber>
      numbers;  // unsigned values and lengths of arrays ("tokenizer.ggml.tokens"), in order
  std::vector<GgufTensor> tensors;
  std::uint64_t keys = 0;  // read
  std::uint64_t data = 0;  // where the tensor data begins
  std::uint64_t end = 0;   // behind the last tensor; equals `data` without tensors
  std::vector<GgufProblem> problems;
  std::vector<Error> stopped;  // at most one: why reading ended before the tensor data
};

[[nodiscard]] std::string_view gguf_type_name(std::uint32_t type);  // "q4_k"; empty if unknown

// Never fails once the magic number is there. `content` must outlive the result.
[[nodiscard]] GgufFile read_gguf(Bytes content);

// The formats before GGUF ("ggml", "ggmf", "ggjt", "ggla"), by magic number.
[[nodiscard]] std::optional<std::string_view> old_ggml(Bytes content);
// Walks the vocabulary of a "ggmf" or "ggjt" LLaMA file. Errors: InvalidInput where it runs out of the file.
[[nodiscard]] Result<void> walk_old_ggml(Bytes content);

}  // namespace bulwark::scan
