// Elements of arrays whatever their type.

#include <bit>
#include <cstring>

#include "tables/dataset.h"

namespace bulwark::tables {
namespace {

template <class T>
std::span<const T> view_of(Bytes bytes) {
  return {static_cast<const T*>(static_cast<const void*>(bytes.data())), bytes.size() / sizeof(T)};
}

template <class T>
double value_at(Bytes bytes, std::uint64_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof value);
  return static_cast<double>(value);
}

// IEEE 754 binary16.
double half_of(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1fU;
  const std::uint32_t fraction = bits & 0x3ffU;
  if (exponent == 0) {
    const float small = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -small : small;
  }
  const std::uint32_t wide = exponent == 31 ? 0xffU : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

}  // namespace

std::size_t size_of(Element element) {
  switch (element) {
    case Element::UInt8:
    case Element::Int8:
    case Element::Boolean: return 1;
    case Element::UInt16:
    case Element::Int16:
    case Element::Float16: return 2;
    case Element::UInt32:
    case Element::Int32:
    case Element::Float32: return 4;
    case Element::UInt64:
    case Element::Int64:
    case Element::Float64: return 8;
  }
  return 8;
}

std::uint64_t Array::count() const {
  return bytes.size() / size_of(about.element);
}

std::span<const float> Array::floats() const {
  return about.element == Element::Float32 ? view_of<float>(bytes) : std::span<const float>();
}

std::span<const double> Array::doubles() const {
  return about.element == Element::Float64 ? view_of<double>(bytes) : std::span<const double>();
}

double Array::at(std::uint64_t i) const {
  switch (about.element) {
    case Element::UInt8: return value_at<std::uint8_t>(bytes, i);
    case Element::Int8: return value_at<std::int8_t>(bytes, i);
    case Element::UInt16: return value_at<std::uint16_t>(bytes, i);
    case Element::Int16: return value_at<std::int16_t>(bytes, i);
    case Element::UInt32: return value_at<std::uint32_t>(bytes, i);
    case Element::Int32: return value_at<std::int32_t>(bytes, i);
    case Element::UInt64: return value_at<std::uint64_t>(bytes, i);
    case Element::Int64: return value_at<std::int64_t>(bytes, i);
    case Element::Float16: {
      std::uint16_t bits = 0;
      std::memcpy(&bits, bytes.data() + i * 2, sizeof bits);
      return half_of(bits);
    }
    case Element::Float32: return value_at<float>(bytes, i);
    case Element::Float64: return value_at<double>(bytes, i);
    case Element::Boolean: return bytes[i] != 0 ? 1 : 0;
  }
  return 0;
}

}  // namespace bulwark::tables
