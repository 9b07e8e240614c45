#pragma once
// Little-endian fields, one after the other.

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark::store {

class ByteWriter {
 public:
  template <std::unsigned_integral T>
  ByteWriter& number(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }
  ByteWriter& raw(Bytes bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  // Its size as two bytes, then the text. At most 65,535 bytes.
  ByteWriter& text(std::string_view text) {
    return number(static_cast<std::uint16_t>(text.size())).raw(bytes_of(text));
  }
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Copies a field of fixed size out of a reader.
template <std::size_t kSize>
[[nodiscard]] Result<void> read_array(ByteReader& in, std::array<std::uint8_t, kSize>& out,
                                      std::string_view what) {
  const Bytes bytes = TRY(in.take(kSize, what));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return {};
}

}  // namespace bulwark::store
