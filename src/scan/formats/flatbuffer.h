#pragma once
// Reads FlatBuffers without generated code, verifying every offset on the way.
//
// A file may let many offsets point to one table, so the number of tables that are visited is bounded as in
// the reference verifier; everything else is bounded by the size of the file. Nothing is allocated.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

class FlatTable;

class FlatBuffer {
 public:
  explicit FlatBuffer(Bytes bytes) : bytes_(bytes) {}
  FlatBuffer(const FlatBuffer&) = delete;
  FlatBuffer& operator=(const FlatBuffer&) = delete;
  ~FlatBuffer() = default;

  // The root table; nothing if it cannot be read: then see `defect`.
  [[nodiscard]] std::optional<FlatTable> root();
  // The first defect that was met, whichever table it was in.
  [[nodiscard]] const std::optional<Error>& defect() const { return defect_; }
  [[nodiscard]] Bytes bytes() const { return bytes_; }

 private:
  friend class FlatTable;
  friend class FlatVector;
  std::optional<FlatTable> table(std::uint64_t at);
  // Follows the 32-bit offset that is stored at `at`; nothing if it leaves the buffer.
  std::optional<std::uint64_t> follow(std::uint64_t at, std::string_view what);
  void bad(std::uint64_t at, std::string_view why);

  Bytes bytes_;
  std::optional<Error> defect_;
  std::uint32_t tables_ = 0;
};

// Elements of a vector; all of them lie in the buffer.
class FlatVector {
 public:
  FlatVector() = default;
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] std::uint64_t offset() const { return at_; }  // of the first element
  // Of a vector of tables; nothing if the table is defective.
  [[nodiscard]] std::optional<FlatTable> table(std::uint32_t index) const;
  // Of a vector of numbers of that size.
  [[nodiscard]] std::int32_t int32(std::uint32_t index) const;
  [[nodiscard]] Bytes raw() const;

 private:
  friend class FlatTable;
  FlatBuffer* buffer_ = nullptr;
  std::uint64_t at_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t element_ = 0;
};

// Fields are named by their number in the schema, from 0. Absent fields give the default.
class FlatTable {
 public:
  [[nodiscard]] std::uint64_t offset() const { return at_; }
  [[nodiscard]] bool has(unsigned field) const { return field_at(field, 0).has_value(); }
  [[nodiscard]] std::uint8_t uint8(unsigned field) const;
  [[nodiscard]] std::int32_t int32(unsigned field) const;
  [[nodiscard]] std::uint32_t uint32(unsigned field) const {
    return static_cast<std::uint32_t>(int32(field));
  }
  [[nodiscard]] std::uint64_t uint64(unsigned field) const;
  [[nodiscard]] std::string_view text(unsigned field) const;
  [[nodiscard]] std::optional<FlatTable> table(unsigned field) const;
  // `element`: bytes of one element (4 for tables).
  [[nodiscard]] FlatVector vector(unsigned field, std::uint32_t element) const;

 private:
  friend class FlatBuffer;
  // Place of the field's inline content of `size` bytes; nothing if it is absent or defective.
  [[nodiscard]] std::optional<std::uint64_t> field_at(unsigned field, std::uint32_t size) const;

  FlatBuffer* buffer_ = nullptr;
  std::uint64_t at_ = 0;
  std::uint64_t vtable_ = 0;
  std::uint16_t vtable_size_ = 0;
  std::uint16_t object_size_ = 0;
};

}  // namespace bulwark::scan
