#pragma once
// A value on the symbolic stack: 16 bytes, whatever it stands for.

#include <bit>
#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"

namespace bulwark::pickle {

enum class Tag : std::uint8_t {
  Absent,  // no value: an unused memo slot
  None,
  True,
  False,
  Int,        // bits: the value
  BigInt,     // view: its bytes, little endian (LONG1, LONG4) or its digits (INT, LONG)
  Float,      // bits: the double
  Str,        // view: UTF-8
  Legacy,     // view: a Python 2 string (STRING, BINSTRING): str or bytes, as the loader's encoding says
  Bytes,      // view
  ByteArray,  // view
  Global,     // bits: index of the reference
  Instance,   // bits: index of the reference that made it
  Result,     // bits: index of the expression: what a call returned that could not be evaluated
  Storage,    // bits: size in bytes of the torch storage; length: size of an element
  Dtype,      // bits: id of the mutable; length: item size
  Opaque,     // anything else
  // Immutable containers: bits = position of the items in the ring, length = how many.
  Tuple,
  FrozenSet,
  Partial,  // items: the reference of the factory (partial, attrgetter …), then its arguments
  // Mutable containers: bits = id of the mutable.
  List,
  Dict,
  Set,
};

struct Cell {
  std::uint64_t meta = 0;  // tag, flags, length
  union {
    std::uint64_t bits = 0;
    const std::uint8_t* data;
  };

  static constexpr std::uint64_t kComputed = 0x100;  // came out of an evaluated call
  static constexpr std::uint64_t kObjects = 0x200;   // of a Dtype: items are Python objects

  [[nodiscard]] Tag tag() const { return static_cast<Tag>(meta & 0xFF); }
  [[nodiscard]] std::uint64_t length() const { return meta >> 16; }
  [[nodiscard]] bool has(std::uint64_t flag) const { return (meta & flag) != 0; }
  [[nodiscard]] bool is(Tag wanted) const { return tag() == wanted; }

  [[nodiscard]] bool is_text() const { return is(Tag::Str) || is(Tag::Legacy); }
  [[nodiscard]] bool is_bytes() const { return is(Tag::Bytes) || is(Tag::ByteArray); }
  [[nodiscard]] bool is_view() const { return tag() >= Tag::Str && tag() <= Tag::ByteArray; }
  [[nodiscard]] bool is_sequence() const { return tag() >= Tag::Tuple; }
  [[nodiscard]] bool is_mutable() const { return tag() >= Tag::List; }
  [[nodiscard]] Bytes view() const { return {data, length()}; }
  [[nodiscard]] std::string_view text() const { return text_of(view()); }
  [[nodiscard]] std::int64_t integer() const { return static_cast<std::int64_t>(bits); }
  [[nodiscard]] double real() const { return std::bit_cast<double>(bits); }

  static Cell of(Tag tag, std::uint64_t bits = 0, std::uint64_t length = 0) {
    Cell cell;
    cell.meta = static_cast<std::uint64_t>(tag) | length << 16;
    cell.bits = bits;
    return cell;
  }
  static Cell of_int(std::int64_t value) { return of(Tag::Int, static_cast<std::uint64_t>(value)); }
  static Cell of_float(double value) { return of(Tag::Float, std::bit_cast<std::uint64_t>(value)); }
  static Cell of_view(Tag tag, const std::uint8_t* data, std::uint64_t size) {
    Cell cell;
    cell.meta = static_cast<std::uint64_t>(tag) | size << 16;
    cell.data = data;
    return cell;
  }
};
static_assert(sizeof(Cell) == 16);

}  // namespace bulwark::pickle
