#include "scan/formats/flatbuffer.h"

#include <string>

namespace bulwark::scan {
namespace {

// Default of the reference verifier.
constexpr std::uint32_t kMostTables = 1'000'000;

template <class T>
T load(Bytes bytes, std::uint64_t at) {
  return load_little_endian<T>(bytes.data() + at);
}

}  // namespace

void FlatBuffer::bad(std::uint64_t at, std::string_view why) {
  if (!defect_)
    defect_ =
        Error{Code::InvalidInput, "flatbuffer at offset " + std::to_string(at) + ": " + std::string(why), at};
}

std::optional<std::uint64_t> FlatBuffer::follow(std::uint64_t at, std::string_view what) {
  const std::uint64_t target = at + load<std::uint32_t>(bytes_, at);
  // Offsets go forward; the reference refuses those that would be negative as 32-bit numbers.
  if (target == at || target - at > 0x7FFFFFFF || target + 4 > bytes_.size()) {
    bad(at, std::string(what) + " leads outside of the file");
    return std::nullopt;
  }
  return target;
}

std::optional<FlatTable> FlatBuffer::root() {
  if (bytes_.size() < 8) {
    bad(0, "is shorter than its header");
    return std::nullopt;
  }
  const auto at = follow(0, "root table");
  return at ? table(*at) : std::nullopt;
}

std::optional<FlatTable> FlatBuffer::table(std::uint64_t at) {
  if (++tables_ > kMostTables) {
    bad(at, "more tables are referenced than any model has");
    return std::nullopt;
  }
  if (at + 4 > bytes_.size()) {
    bad(at, "table lies outside of the file");
    return std::nullopt;
  }
  const auto back = load<std::int32_t>(bytes_, at);
  const std::int64_t vtable = static_cast<std::int64_t>(at) - back;
  if (vtable < 0 || static_cast<std::uint64_t>(vtable) + 4 > bytes_.size()) {
    bad(at, "table description lies outside of the file");
    return std::nullopt;
  }
  FlatTable table;
  table.buffer_ = this;
  table.at_ = at;
  table.vtable_ = static_cast<std::uint64_t>(vtable);
  table.vtable_size_ = load<std::uint16_t>(bytes_, table.vtable_);
  table.object_size_ = load<std::uint16_t>(bytes_, table.vtable_ + 2);
  if (table.vtable_size_ < 4 || table.vtable_size_ % 2 != 0 ||
      table.vtable_ + table.vtable_size_ > bytes_.size() || table.object_size_ < 4 ||
      at + table.object_size_ > bytes_.size()) {
    bad(at, "table is larger than the file");
    return std::nullopt;
  }
  return table;
}

std::optional<std::uint64_t> FlatTable::field_at(unsigned field, std::uint32_t size) const {
  const std::uint32_t slot = 4 + 2 * field;
  if (slot + 2 > vtable_size_) return std::nullopt;
  const auto inner = load<std::uint16_t>(buffer_->bytes_, vtable_ + slot);
  if (inner == 0) return std::nullopt;
  if (std::uint32_t{inner} + size > object_size_) {
    buffer_->bad(at_, "field " + std::to_string(field) + " lies outside of its table");
    return std::nullopt;
  }
  return at_ + inner;
}

std::uint8_t FlatTable::uint8(unsigned field) const {
  const auto at = field_at(field, 1);
  return at ? buffer_->bytes_[*at] : std::uint8_t{0};
}

std::int32_t FlatTable::int32(unsigned field) const {
  const auto at = field_at(field, 4);
  return at ? load<std::int32_t>(buffer_->bytes_, *at) : 0;
}

std::uint64_t FlatTable::uint64(unsigned field) const {
  const auto at = field_at(field, 8);
  return at ? load<std::uint64_t>(buffer_->bytes_, *at) : 0;
}

std::string_view FlatTable::text(unsigned field) const {
  return text_of(vector(field, 1).raw());
}

std::optional<FlatTable> FlatTable::table(unsigned field) const {
  const auto at = field_at(field, 4);
  if (!at) return std::nullopt;
  const auto target = buffer_->follow(*at, "table");
  return target ? buffer_->table(*target) : std::nullopt;
}

FlatVector FlatTable::vector(unsigned field, std::uint32_t element) const {
  const auto at = field_at(field, 4);
  const auto target = at ? buffer_->follow(*at, "vector") : std::nullopt;
  if (!target) return {};
  FlatVector vector;
  vector.buffer_ = buffer_;
  vector.at_ = *target + 4;
  vector.size_ = load<std::uint32_t>(buffer_->bytes_, *target);
  vector.element_ = element;
  if (std::uint64_t{vector.size_} * element > buffer_->bytes_.size() - vector.at_) {
    buffer_->bad(*target, "vector of " + std::to_string(vector.size_) + " elements is longer than the file");
    return {};
  }
  return vector;
}

std::optional<FlatTable> FlatVector::table(std::uint32_t index) const {
  if (index >= size_) return std::nullopt;
  const auto target = buffer_->follow(at_ + std::uint64_t{index} * 4, "table");
  return target ? buffer_->table(*target) : std::nullopt;
}

std::int32_t FlatVector::int32(std::uint32_t index) const {
  return index < size_ ? load<std::int32_t>(buffer_->bytes_, at_ + std::uint64_t{index} * 4) : 0;
}

Bytes FlatVector::raw() const {
  return buffer_ == nullptr ? Bytes{} : buffer_->bytes_.subspan(at_, std::uint64_t{size_} * element_);
}

}  // namespace bulwark::scan
