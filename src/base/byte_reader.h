#pragma once
// Bytes that somebody hostile may have written, and the one way to read numbers out of them.
//
// Every read is checked against what is left; an error names the field, the offset, what was needed and what
// remains.

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark {

using Bytes = std::span<const std::uint8_t>;

// The same memory seen as characters and back. Neither copies; both views live as long as the original.
[[nodiscard]] inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// True if `bytes` holds `magic` at `offset`. Never reads past the end.
[[nodiscard]] inline bool has_magic(Bytes bytes, std::string_view magic, std::uint64_t offset = 0) {
  return offset <= bytes.size() && bytes.size() - offset >= magic.size() &&
         text_of(bytes.subspan(offset, magic.size())) == magic;
}

// Unchecked loads. The caller has proved that sizeof(T) bytes are there.
template <std::integral T>
[[nodiscard]] inline T load_little_endian(const std::uint8_t* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}
template <std::integral T>
[[nodiscard]] inline T load_big_endian(const std::uint8_t* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}

// A cursor over bytes it does not own. Offsets are bytes from the start of the span given at construction.
// Cheap to copy. A failed read moves nothing.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes, std::uint64_t offset = 0) : bytes_(bytes), offset_(offset) {}

  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }
  [[nodiscard]] std::uint64_t remaining() const {
    return offset_ < bytes_.size() ? bytes_.size() - offset_ : 0;
  }
  [[nodiscard]] bool at_end() const { return remaining() == 0; }
  [[nodiscard]] Bytes rest() const { return at_end() ? Bytes{} : bytes_.subspan(offset_); }

  template <std::integral T>
  [[nodiscard]] Result<T> little_endian(std::string_view what) {
    if (remaining() < sizeof(T)) return too_short(what, sizeof(T));
    const T value = load_little_endian<T>(bytes_.data() + offset_);
    offset_ += sizeof(T);
    return value;
  }
  template <std::integral T>
  [[nodiscard]] Result<T> big_endian(std::string_view what) {
    if (remaining() < sizeof(T)) return too_short(what, sizeof(T));
    const T value = load_big_endian<T>(bytes_.data() + offset_);
    offset_ += sizeof(T);
    return value;
  }
  [[nodiscard]] Result<Bytes> take(std::uint64_t count, std::string_view what) {
    if (remaining() < count) return too_short(what, count);
    const Bytes taken = bytes_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }
  [[nodiscard]] Result<void> skip(std::uint64_t count, std::string_view what) {
    if (remaining() < count) return too_short(what, count);
    offset_ += count;
    return {};
  }
  // Moves to `offset` from the start; the end itself is allowed.
  [[nodiscard]] Result<void> seek(std::uint64_t offset, std::string_view what) {
    if (offset > bytes_.size()) {
      return fail(Code::InvalidInput,
                  std::string(what) + ": offset " + std::to_string(offset) + " is past the end (" +
                      std::to_string(bytes_.size()) + " bytes)",
                  offset_);
    }
    offset_ = offset;
    return {};
  }
  // Base-128 varint of Protocol Buffers, at most 10 bytes.
  [[nodiscard]] Result<std::uint64_t> varint(std::string_view what) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 10; ++i) {
      if (offset_ + i >= bytes_.size()) return too_short(what, i + 1);
      const std::uint8_t byte = bytes_[offset_ + i];
      value |= std::uint64_t{byte & 0x7FU} << (7 * i);
      if (byte < 0x80) {
        offset_ += i + 1;
        return value;
      }
    }
    return fail(
        Code::InvalidInput,
        std::string(what) + " at offset " + std::to_string(offset_) + ": varint is longer than 10 bytes",
        offset_);
  }

 private:
  [[nodiscard]] std::unexpected<Error> too_short(std::string_view what, std::uint64_t needed) const {
    return fail(Code::InvalidInput,
                std::string(what) + " at offset " + std::to_string(offset_) + ": needs " +
                    std::to_string(needed) + " bytes, " + std::to_string(remaining()) + " remain",
                offset_);
  }

  Bytes bytes_;
  std::uint64_t offset_;
};

}  // namespace bulwark
