#pragma once
// The names that formats give to number types, and how to read values of those types.

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"

namespace bulwark::scan {

enum class NumberType : std::uint8_t {
  Unknown,
  Bool,
  Int8,
  UInt8,
  Int16,
  UInt16,
  Int32,
  UInt32,
  Int64,
  UInt64,
  Float8,
  Float16,
  BFloat16,
  Float32,
  Float64,
  Complex64,
  Complex128,
};

// Of NumPy's, ONNX's and safetensors' names in any case: "float32", "F32", "bfloat16", "<f4".
[[nodiscard]] NumberType number_type(std::string_view name);
// Bytes of one value; 0 if unknown.
[[nodiscard]] std::uint64_t number_size(NumberType type);
[[nodiscard]] inline std::uint64_t number_size(std::string_view name) {
  return number_size(number_type(name));
}
// Bits of the significand that lie in the lowest bits of a value: 23 for Float32; all bits of an integer; 0
// if unknown.
[[nodiscard]] unsigned significand_bits(NumberType type);

// Little-endian values; of complex and 8-bit floating types only the size is known.
class Values {
 public:
  Values(Bytes content, NumberType type) : content_(content), type_(type), size_(number_size(type)) {}

  [[nodiscard]] std::uint64_t size() const { return size_ == 0 ? 0 : content_.size() / size_; }
  [[nodiscard]] bool readable() const;
  // `index` < size(), readable().
  [[nodiscard]] double operator[](std::uint64_t index) const;

 private:
  Bytes content_;
  NumberType type_;
  std::uint64_t size_;
};

}  // namespace bulwark::scan
