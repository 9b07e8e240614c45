#include "scan/formats/pickle/store.h"

#include <algorithm>

namespace bulwark::pickle {
namespace {

constexpr std::uint64_t kSaturated = std::uint64_t{1} << 48;

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
  return std::min(kSaturated, a + b);
}

}  // namespace

void Memo::clear() {
  pages_.clear();
  wide_.clear();
  sparse_.clear();
  size_ = 0;
}

// One cell that is memoised a million times, an opcode of one byte each, is kept once.
std::uint64_t Memo::keep_wide(const Cell& cell) {
  if (wide_.empty() || wide_.back().meta != cell.meta || wide_.back().bits != cell.bits)
    wide_.push_back(cell);
  return wide_.size() - 1;
}

Cell Memo::get_sparse(std::uint64_t index) const {
  const auto found = sparse_.find(index);
  return found == sparse_.end() ? Cell{} : found->second;
}

void Memo::put_far(std::uint64_t index, const Cell& cell) {
  const std::uint64_t page = index / kPage;
  // A page is worth its 64 KiB only where the memo is dense; a hostile stream touches one slot in each.
  if (page == 0 || (page <= pages_.size() && size_ >= page * kPage / 2)) {
    while (pages_.size() <= page) pages_.push_back(nullptr);
    pages_[page] = std::make_unique<Page>();
    put_near((*pages_[page])[index % kPage], index, cell);
    return;
  }
  const auto [entry, added] = sparse_.insert_or_assign(index, cell);
  if (added) ++size_;
}

std::uint64_t Store::reserve(std::uint64_t count) {
  const std::uint64_t room = kRing - head_ % kRing;
  if (count > room) head_ += room;
  const std::uint64_t needed = std::min(kRing, head_ + count);
  if (ring_.size() < needed && ring_.size() < kRing)
    ring_.resize(std::min<std::uint64_t>(kRing, std::max<std::uint64_t>(needed, ring_.size() * 2 + 256)));
  const std::uint64_t position = head_;
  head_ += count;
  return position;
}

std::uint64_t Store::keep(const Cell* items, std::uint64_t count, std::uint64_t weight) {
  if (count > kMostItems) return 0;
  const std::uint64_t position = reserve(count + 1);
  Cell* slot = ring_.data() + position % kRing;
  *slot = Cell::of(Tag::Int, weight, count);
  std::copy_n(items, count, slot + 1);
  return position;
}

std::optional<std::span<const Cell>> Store::items(const Cell& container) const {
  if (container.length() == 0) return std::span<const Cell>{};
  if (!alive(container.bits)) return {};
  return std::span<const Cell>(&at(container.bits) + 1, container.length());
}

std::uint64_t Store::weight_of(const Cell& cell) const {
  if (!cell.is_sequence()) return 1;
  if (cell.is_mutable()) {
    const Mutable* found = find(cell.bits);
    return found == nullptr ? 1 : add(1, found->weight);
  }
  return alive(cell.bits) ? add(1, at(cell.bits).bits) : 1;
}

Mutable& Store::mutable_of(std::uint64_t id) {
  const std::uint64_t slot = id % kMutables;
  if (mutables_.size() <= slot)
    mutables_.resize(
        std::min<std::uint64_t>(kMutables, std::max<std::uint64_t>(slot + 1, mutables_.size() * 2 + 64)));
  Mutable& entry = mutables_[slot];
  if (entry.id != id) {
    // Ids that are less than the table's size apart never share a slot, so an older id may have lost its
    // contents.
    entry = {.id = id, .partial = next_id_ - id > kMutables};
  }
  return entry;
}

const Mutable* Store::find(std::uint64_t id) const {
  const std::uint64_t slot = id % kMutables;
  return slot < mutables_.size() && mutables_[slot].id == id ? &mutables_[slot] : nullptr;
}

void Store::append(std::uint64_t id, const Cell* items, std::uint64_t count) {
  Mutable& entry = mutable_of(id);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!items[i].is_sequence()) continue;
    if (items[i].is_mutable() && items[i].bits == id) ++entry.self;
    entry.weight = add(entry.weight, weight_of(items[i]));
  }
  entry.weight = add(entry.weight, count);
  entry.count += count;
  if (entry.count > kMostItems) {
    entry.partial = true;
    return;
  }
  if (entry.last != 0 && alive(entry.last)) {
    const Cell& header = ring_[entry.last % kRing];
    const bool newest = entry.last + 1 + header.length() == head_;
    if (newest && kRing - head_ % kRing >= count && head_ % kRing != 0) {
      const std::uint64_t position = reserve(count);
      std::copy_n(items, count, ring_.data() + position % kRing);
      // reserve() may have moved the ring.
      Cell& grown = ring_[entry.last % kRing];
      grown = Cell::of(Tag::Int, grown.bits, grown.length() + count);
      return;
    }
  }
  const std::uint64_t position = reserve(count + 1);
  Cell* slot = ring_.data() + position % kRing;
  *slot = Cell::of(Tag::Int, entry.last, count);
  std::copy_n(items, count, slot + 1);
  entry.last = position;
}

std::optional<std::vector<Cell>> Store::contents(const Cell& container, std::uint64_t limit) const {
  std::vector<Cell> all;
  if (!container.is_sequence()) return {};
  if (!container.is_mutable()) {
    const auto kept = items(container);
    if (!kept || kept->size() > limit) return {};
    all.assign(kept->begin(), kept->end());
    return all;
  }
  const Mutable* entry = find(container.bits);
  if (entry == nullptr) {
    if (next_id_ - container.bits > kMutables) return {};
    return all;
  }
  if (entry->partial || entry->count > limit) return {};
  std::vector<std::span<const Cell>> chunks;
  for (std::uint64_t position = entry->last; position != 0;) {
    if (!alive(position)) return {};
    const Cell& header = at(position);
    chunks.emplace_back(&header + 1, header.length());
    position = header.bits;
  }
  for (auto chunk = chunks.rbegin(); chunk != chunks.rend(); ++chunk)
    all.insert(all.end(), chunk->begin(), chunk->end());
  return all;
}

const std::string* Store::own(std::string text, std::uint64_t limit) {
  if (text.size() > limit || text_bytes_ > limit - text.size()) return nullptr;
  text_bytes_ += text.size();
  texts_.push_back(std::move(text));
  return &texts_.back();
}

}  // namespace bulwark::pickle
