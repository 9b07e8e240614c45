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
class Memo {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }  // distinct indexes; what MEMOIZE uses next

  // Null if nothing was put there.
  [[nodiscard]] const Cell* get(std::uint64_t index) const {
    const std::uint64_t page = index / kPage;
    if (page < pages_.size() && pages_[page] != nullptr) {
      const Cell& cell = (*pages_[page])[index % kPage];
      if (!cell.is(Tag::Absent)) return &cell;
    }
    return sparse_.empty() ? nullptr : get_sparse(index);
  }
  void put(std::uint64_t index, Cell cell) {
    const std::uint64_t page = index / kPage;
    if (page < pages_.size() && pages_[page] != nullptr) [[likely]] {
      Cell& slot = (*pages_[page])[index % kPage];
      if (slot.is(Tag::Absent) && (sparse_.empty() || sparse_.erase(index) == 0)) ++size_;
      slot = cell;
      return;
    }
    put_far(index, cell);
  }
  void clear();

 private:
  static constexpr std::uint64_t kPage = 4096;
  using Page = std::array<Cell, kPage>;

  const Cell* get_sparse(std::uint64_t index) const;
  void put_far(std::uint64_t index, Cell cell);

  std::vector<std::unique_ptr<Page>> pages_;
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
