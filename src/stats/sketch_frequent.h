#pragma once
// The frequent values of a stream in bounded memory, by their hashes. Every value that makes up more than
// 1 / counters of the stream is found, and its count is short by at most error(): the guarantee of
// Space-Saving (Metwally, Agrawal and El Abbadi 2005). Kept as Misra-Gries counters that are lowered in
// batches, which is the same summary (Agarwal et al., "Mergeable Summaries", PODS 2012) at a constant cost
// for a new value.
//
// While error() is 0 every value is there and every count is exact.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace bulwark::stats {

// `Note`: what the owner wants to remember of a value; default-constructed for a new one.
template <class Note>
class FrequentItems {
 public:
  struct Item {
    std::uint64_t count = 0;  // at least so many; at most so many and error()
    Note note{};
  };

  explicit FrequentItems(std::uint32_t counters = 256)
      : counters_(counters < 4 ? 4 : counters), most_slots_(kFirstSlots) {
    while (most_slots_ < 2 * std::size_t{counters_}) most_slots_ *= 2;
  }

  // The item of that hash, its count raised by `weight`; `fresh` is set if it was not there (its note is
  // new). Null if the table is attacked by colliding hashes: the weight then goes into error().
  // `leaves(item)` is called for every item that has to make room.
  template <class Leaves>
  Item* add(std::uint64_t hash, std::uint64_t weight, bool& fresh, Leaves&& leaves) {
    hash += hash == 0 ? 1 : 0;
    if (keys_.empty()) resize(kFirstSlots);
    std::size_t at = place(hash);
    if (keys_.data()[at] == hash) {
      Item& item = items_.data()[at];
      item.count += weight;
      fresh = false;
      return &item;
    }
    return add_elsewhere(hash, at, weight, fresh, leaves);
  }

  // The summary of both streams. `join(mine, theirs, fresh)` puts the notes together.
  template <class Join>
  void merge(const FrequentItems& other, Join&& join) {
    error_ += other.error_;
    for (std::size_t i = 0; i < other.keys_.size(); ++i) {
      if (other.keys_[i] == 0) continue;
      bool fresh = false;
      Item* item = add(other.keys_[i], other.items_[i].count, fresh, [](Item&) {});
      if (item != nullptr) join(item->note, other.items_[i].note, fresh);
    }
  }

  template <class Visit>
  void each(Visit&& visit) {
    for (std::size_t i = 0; i < keys_.size(); ++i)
      if (keys_[i] != 0) visit(keys_[i], items_[i]);
  }
  // Hash and item, most frequent first, ties by hash.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, const Item*>> ordered() const {
    std::vector<std::pair<std::uint64_t, const Item*>> all;
    for (std::size_t i = 0; i < keys_.size(); ++i)
      if (keys_[i] != 0) all.emplace_back(keys_[i], &items_[i]);
    std::ranges::sort(all, [](const auto& a, const auto& b) {
      return a.second->count != b.second->count ? a.second->count > b.second->count : a.first < b.first;
    });
    return all;
  }

  [[nodiscard]] std::uint64_t error() const { return error_; }
  [[nodiscard]] bool exact() const { return error_ == 0; }
  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] std::uint32_t counters() const { return counters_; }
  void set_error(std::uint64_t error) { error_ = error; }  // when a summary is read back

 private:
  static constexpr std::size_t kFirstSlots = 8;
  // Random hashes never come near it at this load; made ones would, and cost time without end.
  static constexpr std::size_t kMostProbes = 64;

  [[nodiscard]] std::size_t mask() const { return keys_.size() - 1; }
  [[nodiscard]] std::size_t place(std::uint64_t hash) const {
    return static_cast<std::size_t>(hash >> 8) & mask();
  }
  // A table that may still grow stays nearly empty: few values then are all found at their first place.
  [[nodiscard]] std::size_t room() const {
    return keys_.size() < most_slots_ ? keys_.size() / 4 : keys_.size() * 5 / 8;
  }

  // `hash` is not 0 and not at `at`, its first place.
  template <class Leaves>
  [[gnu::noinline]] Item* add_elsewhere(std::uint64_t hash, std::size_t at, std::uint64_t weight, bool& fresh,
                                        Leaves& leaves) {
    for (std::size_t probes = 0; keys_[at] != 0; at = (at + 1) & mask()) {
      if (keys_[at] == hash) {
        items_[at].count += weight;
        fresh = false;
        return &items_[at];
      }
      if (++probes > kMostProbes) {
        error_ += weight;
        return nullptr;
      }
    }
    fresh = true;
    if (used_ + 1 > room()) {
      make_room(leaves);
      for (at = place(hash); keys_[at] != 0;) at = (at + 1) & mask();
    }
    ++used_;
    keys_[at] = hash;
    items_[at] = {.count = weight, .note = {}};
    return &items_[at];
  }

  void resize(std::size_t slots) {
    std::vector<std::uint64_t> keys(slots, 0);
    std::vector<Item> items(slots);
    keys.swap(keys_);
    items.swap(items_);
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i] != 0) put(keys[i], std::move(items[i]));
  }

  template <class Leaves>
  void make_room(Leaves&& leaves) {
    if (keys_.size() < most_slots_) {
      resize(keys_.size() * 2);
      return;
    }
    // Lowering all by a count that `counters` of them reach takes at least `counters` times as much off the
    // stream: that is the guarantee.
    const std::uint64_t cut = least_of_most_frequent();
    error_ += cut;
    std::vector<std::pair<std::uint64_t, Item>> stay;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (keys_.data()[i] == 0) continue;
      Item& item = items_.data()[i];
      if (item.count <= cut) {
        leaves(item);
        item.count = 0;
        continue;
      }
      item.count -= cut;
      stay.emplace_back(keys_.data()[i], std::move(item));
      item.count = 0;
    }
    std::ranges::fill(keys_, 0);
    used_ = stay.size();
    for (auto& [key, item] : stay) put(key, std::move(item));
  }

  // The count that the `counters` most frequent reach.
  [[nodiscard]] std::uint64_t least_of_most_frequent() const {
    // Mostly nearly all counts are the least one, and there is nothing to sort.
    std::uint64_t least = ~std::uint64_t{0};
    std::size_t at_least = 0;
    const Item* const items = items_.data();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const std::uint64_t less = items[i].count - 1;  // of a free place: the most there is
      at_least = less < least ? 1 : at_least + (less == least ? 1 : 0);
      least = std::min(least, less);
    }
    if (used_ - at_least < counters_) return least + 1;
    std::vector<std::uint64_t> counts;
    counts.reserve(used_);
    for (std::size_t i = 0; i < keys_.size(); ++i)
      if (keys_[i] != 0) counts.push_back(items_[i].count);
    const auto last = counts.begin() + counters_ - 1;
    std::ranges::nth_element(counts, last, std::greater<>{});
    return *last;
  }

  void put(std::uint64_t key, Item&& item) {
    std::size_t at = place(key);
    while (keys_[at] != 0) at = (at + 1) & mask();
    keys_[at] = key;
    items_[at] = std::move(item);
  }

  std::uint32_t counters_;
  std::size_t most_slots_;
  std::size_t used_ = 0;
  std::uint64_t error_ = 0;
  std::vector<std::uint64_t> keys_;  // 0: free
  std::vector<Item> items_;          // of a free place: count 0
};

}  // namespace bulwark::stats
