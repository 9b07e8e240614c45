#pragma once
// The names that formats give to number types, and their sizes.

#include <array>
#include <cstdint>
#include <string_view>

namespace bulwark::scan {

// Bytes of one value of NumPy's and safetensors' type names ("float32", "bf16", "int8"); 0 if unknown.
[[nodiscard]] constexpr std::uint64_t number_size(std::string_view type) {
  struct Row {
    std::string_view name;
    std::uint64_t size;
  };
  constexpr auto kRows = std::to_array<Row>({
      {"bool", 1},   {"int8", 1},      {"uint8", 1},       {"float8_e4m3fn", 1}, {"float8_e5m2", 1},
      {"int16", 2},  {"uint16", 2},    {"float16", 2},     {"bfloat16", 2},      {"int32", 4},
      {"uint32", 4}, {"float32", 4},   {"int64", 8},       {"uint64", 8},        {"float64", 8},
      {"double", 8}, {"complex64", 8}, {"complex128", 16}, {"half", 2},          {"bf16", 2},
      {"f16", 2},    {"f32", 4},       {"f64", 8},         {"float", 4},
  });
  for (const Row& row : kRows)
    if (row.name == type) return row.size;
  return 0;
}

}  // namespace bulwark::scan
