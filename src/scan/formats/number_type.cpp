#include "scan/formats/number_type.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/text.h"

namespace bulwark::scan {
namespace {

struct Name {
  std::string_view name;
  NumberType type;
};
constexpr auto kNames = std::to_array<Name>({
    {"bool", NumberType::Bool},
    {"int8", NumberType::Int8},
    {"i8", NumberType::Int8},
    {"uint8", NumberType::UInt8},
    {"u8", NumberType::UInt8},
    {"int16", NumberType::Int16},
    {"i16", NumberType::Int16},
    {"uint16", NumberType::UInt16},
    {"u16", NumberType::UInt16},
    {"int32", NumberType::Int32},
    {"i32", NumberType::Int32},
    {"uint32", NumberType::UInt32},
    {"u32", NumberType::UInt32},
    {"int64", NumberType::Int64},
    {"i64", NumberType::Int64},
    {"uint64", NumberType::UInt64},
    {"u64", NumberType::UInt64},
    {"float8_e4m3fn", NumberType::Float8},
    {"float8_e5m2", NumberType::Float8},
    {"f8_e4m3", NumberType::Float8},
    {"f8_e5m2", NumberType::Float8},
    {"float16", NumberType::Float16},
    {"f16", NumberType::Float16},
    {"half", NumberType::Float16},
    {"bfloat16", NumberType::BFloat16},
    {"bf16", NumberType::BFloat16},
    {"float32", NumberType::Float32},
    {"f32", NumberType::Float32},
    {"float", NumberType::Float32},
    {"float64", NumberType::Float64},
    {"f64", NumberType::Float64},
    {"double", NumberType::Float64},
    {"complex64", NumberType::Complex64},
    {"complex128", NumberType::Complex128},
    {"<f2", NumberType::Float16},
    {"<f4", NumberType::Float32},
    {"<f8", NumberType::Float64},
    {"|i1", NumberType::Int8},
    {"|u1", NumberType::UInt8},
    {"<i2", NumberType::Int16},
    {"<i4", NumberType::Int32},
    {"<i8", NumberType::Int64},
    {"|b1", NumberType::Bool},
});

double half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F;
  const double fraction = bits & 0x3FF;
  const double magnitude = exponent == 0    ? std::ldexp(fraction, -24)
                           : exponent == 31 ? (fraction == 0 ? HUGE_VAL : std::nan(""))
                                            : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

double single(std::uint32_t bits) {
  return static_cast<double>(std::bit_cast<float>(bits));
}

}  // namespace

NumberType number_type(std::string_view name) {
  const std::string wanted = lower(name.substr(0, 16));
  const auto row = std::ranges::find(kNames, std::string_view(wanted), &Name::name);
  return row == kNames.end() ? NumberType::Unknown : row->type;
}

std::uint64_t number_size(NumberType type) {
  switch (type) {
    case NumberType::Bool:
    case NumberType::Int8:
    case NumberType::UInt8:
    case NumberType::Float8: return 1;
    case NumberType::Int16:
    case NumberType::UInt16:
    case NumberType::Float16:
    case NumberType::BFloat16: return 2;
    case NumberType::Int32:
    case NumberType::UInt32:
    case NumberType::Float32: return 4;
    case NumberType::Int64:
    case NumberType::UInt64:
    case NumberType::Float64:
    case NumberType::Complex64: return 8;
    case NumberType::Complex128: return 16;
    case NumberType::Unknown: break;
  }
  return 0;
}

unsigned significand_bits(NumberType type) {
  switch (type) {
    case NumberType::Float16: return 10;
    case NumberType::BFloat16: return 7;
    case NumberType::Float32: return 23;
    case NumberType::Float64: return 52;
    case NumberType::Int8:
    case NumberType::UInt8: return 8;
    default: return 0;
  }
}

bool Values::readable() const {
  return size_ != 0 && type_ != NumberType::Float8 && type_ != NumberType::Complex64 &&
         type_ != NumberType::Complex128;
}

double Values::operator[](std::uint64_t index) const {
  const std::uint8_t* at = content_.data() + index * size_;
  switch (type_) {
    case NumberType::Bool:
    case NumberType::UInt8: return *at;
    case NumberType::Int8: return load_little_endian<std::int8_t>(at);
    case NumberType::Int16: return load_little_endian<std::int16_t>(at);
    case NumberType::UInt16: return load_little_endian<std::uint16_t>(at);
    case NumberType::Int32: return load_little_endian<std::int32_t>(at);
    case NumberType::UInt32: return load_little_endian<std::uint32_t>(at);
    case NumberType::Int64: return static_cast<double>(load_little_endian<std::int64_t>(at));
    case NumberType::UInt64: return static_cast<double>(load_little_endian<std::uint64_t>(at));
    case NumberType::Float16: return half(load_little_endian<std::uint16_t>(at));
    case NumberType::BFloat16: return single(std::uint32_t{load_little_endian<std::uint16_t>(at)} << 16);
    case NumberType::Float32: return single(load_little_endian<std::uint32_t>(at));
    case NumberType::Float64: return std::bit_cast<double>(load_little_endian<std::uint64_t>(at));
    default: return 0;
  }
}

}  // namespace bulwark::scan
