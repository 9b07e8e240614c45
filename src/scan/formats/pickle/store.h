#pragma once
// Where the machine keeps what does not fit into a cell: the memo, the latest container contents, computed
// texts.
//
// Container contents live in a ring, because only what was built lately is ever called, built or evaluated;
// of older containers nothing but their identity remains. A payload that reaches back further is not lost:
// its callable is known by name, and what could not be read is reported as not resolved.

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "scan/formats/pickle/cell.h"

namespace bulwark::pickle {

// PUT and GET by index, as sparse as the stream likes: LONG_BINPUT 0xFFFFFFFF costs one entry.
//
// A model of a gigabyte has a memo of 50 million entries, so that a dense one is 8 bytes: what a cell says,
// with views as offsets into the pickle. The few that do not fit are kept as they are.
class Memo {
 public:
  Memo() = default;
  explicit Memo(Bytes content) : content_(content) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }  // distinct indexes; what MEMOIZE uses next

  // An Absent cell if nothing was put there.
  [[nodiscard]] Cell get(std::uint64_t index) const {
    const std::uint64_t page = index / kPage;
    if (page < pages_.size() && pages_[page] != nullptr) {
      const Slot slot = (*pages_[page])[index % kPage];
      if (slot != 0) return unpacked(slot);
    }
    return sparse_.empty() ? Cell{} : get_sparse(index);
  }
  void put(std::uint64_t index, Cell cell) {
    const std::uint64_t page = index / kPage;
    if (page < pages_.size() && pages_[page] != nullptr) [[likely]] {
      put_near((*pages_[page])[index % kPage], index, cell);
      return;
    }
    put_far(index, cell);
  }
  void clear();

 private:
  static constexpr std::uint64_t kPage = 8192;
  // From the lowest bit: tag 6, flags 2, length 20, value 36. The tag kElsewhere: the value is an index of
  // wide_.
  using Slot = std::uint64_t;
  using Page = std::array<Slot, kPage>;
  static constexpr std::uint64_t kElsewhere = 0x3F;
  static constexpr std::uint64_t kValues = std::uint64_t{1} << 36;
  static constexpr std::uint64_t kLengths = std::uint64_t{1} << 20;

  [[nodiscard]] bool is_inside(const Cell& cell) const {
    return cell.data >= content_.data() && cell.data < content_.data() + content_.size();
  }
  // 0 if the cell does not fit.
  [[nodiscard]] Slot packed(const Cell& cell) const {
    std::uint64_t value = cell.bits;
    if (cell.is_view()) {
      if (!is_inside(cell)) return 0;
      value = static_cast<std::uint64_t>(cell.data - content_.data());
    }
    if (value >= kValues || cell.length() >= kLengths) return 0;
    const std::uint64_t flags = (cell.meta >> 8 & 3) << 6;
    return static_cast<std::uint64_t>(cell.tag()) | flags | cell.length() << 8 | value << 28;
  }
  [[nodiscard]] Cell unpacked(Slot slot) const {
    const std::uint64_t value = slot >> 28;
    if ((slot & 0x3F) == kElsewhere) return wide_[value];
    Cell cell = Cell::of(static_cast<Tag>(slot & 0x3F), value, slot >> 8 & (kLengths - 1));
    cell.meta |= (slot >> 6 & 3) << 8;
    if (cell.is_view()) cell.data = content_.data() + value;
    return cell;
  }
  void put_near(Slot& slot, std::uint64_t index, const Cell& cell) {
    if (slot == 0 && (sparse_.empty() || sparse_.erase(index) == 0)) ++size_;
    slot = packed(cell);
    if (slot == 0) [[unlikely]]
      slot = kElsewhere | keep_wide(cell) << 28;
  }

  std::uint64_t keep_wide(const Cell& cell);
  [[nodiscard]] Cell get_sparse(std::uint64_t index) const;
  void put_far(std::uint64_t index, const Cell& cell);

  Bytes content_;
  std::vector<std::unique_ptr<Page>> pages_;
  std::deque<Cell> wide_;
  std::unordered_map<std::uint64_t, Cell> sparse_;
  std::uint64_t size_ = 0;
};

// Contents of a mutable container or a dtype.
struct Mutable {
  std::uint64_t id = 0;
  std::uint64_t last = 0;    // position of the newest chunk, 0: none
  std::uint64_t count = 0;   // items ever added
  std::uint64_t weight = 0;  // nodes when expanded, saturating
  std::uint32_t self = 0;    // times it was put into itself
  bool partial = false;      // older contents are gone
  bool objects = false;      // of a dtype: items are Python objects
};

class Store {
 public:
  // Copies items into the ring. 0: too many to keep.
  std::uint64_t keep(const Cell* items, std::uint64_t count, std::uint64_t weight);
  // The items of an immutable container; empty optional if they are gone.
  [[nodiscard]] std::optional<std::span<const Cell>> items(const Cell& container) const;
  [[nodiscard]] std::uint64_t weight_of(const Cell& cell) const;

  [[nodiscard]] std::uint64_t new_id() { return next_id_++; }
  // The entry of that id, made if it is new; an entry that had to be given up comes back as partial.
  Mutable& mutable_of(std::uint64_t id);
  [[nodiscard]] const Mutable* find(std::uint64_t id) const;
  void append(std::uint64_t id, const Cell* items, std::uint64_t count);
  // All items of any container in order, at most `limit`; none if they are not all there any more.
  [[nodiscard]] std::optional<std::vector<Cell>> contents(const Cell& container,
                                                          std::uint64_t limit = kMostItems) const;

  // Keeps a computed text alive; null beyond `limit` bytes in all.
  [[nodiscard]] const std::string* own(std::string text, std::uint64_t limit);

  static constexpr std::uint64_t kMostItems = 16'384;

 private:
  // 1 MiB of cells stays in the second-level cache.
  static constexpr std::uint64_t kRing = 65'536;
  static constexpr std::uint64_t kMutables = 8'192;

  std::uint64_t reserve(std::uint64_t count);
  [[nodiscard]] bool alive(std::uint64_t position) const { return position != 0 && head_ - position < kRing; }
  [[nodiscard]] const Cell& at(std::uint64_t position) const { return ring_[position % kRing]; }

  std::vector<Cell> ring_;
  std::uint64_t head_ = 1;  // next free position, never reused as a number
  std::vector<Mutable> mutables_;
  std::uint64_t next_id_ = 1;
  std::deque<std::string> texts_;
  std::uint64_t text_bytes_ = 0;
};

}  // namespace bulwark::pickle
