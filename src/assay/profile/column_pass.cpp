#include "assay/profile/column_pass.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "assay/profile/decimal.h"
#include "tables/values.h"

namespace bulwark::assay::profile {
namespace {

constexpr std::size_t kChunk = 1'024;  // numbers gathered before they are taken in
constexpr std::size_t kBatch = 128;    // rows whose cells are read ahead
constexpr unsigned kDrawBits = 3;
constexpr std::uint64_t kMostUnsettled = std::uint64_t{1} << 30;  // rows; pending counts have 32 bits
constexpr std::uint64_t kLookedBefore = 1'024;  // values, before it is decided whether to draw
constexpr double kMostlyNew = 0.9;
constexpr std::size_t kKeptText = 64;       // bytes of a text that may be shown
constexpr std::size_t kComparedText = 256;  // of a text whose order is followed

std::uint32_t bit_of(CellKind kind) {
  return 1U << static_cast<unsigned>(kind);
}

// What compares with what: numbers, points in time, texts.
int order_group(CellKind kind) {
  if (is_number(kind)) return 0;
  return kind == CellKind::Date || kind == CellKind::Instant ? 1 : 2;
}

}  // namespace

// Numbers of one call, taken in by the thousand: sums of powers then run over an array.
class ColumnPass::Numbers {
 public:
  // `moments` may be null.
  Numbers(stats::QuantileSketch& quantiles, stats::Moments* moments)
      : quantiles_(quantiles), moments_(moments) {}
  ~Numbers() { flush(); }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;

  void add(double value) {
    values_.data()[used_++] = value;
    if (used_ == kChunk) flush();
  }

 private:
  void flush() {
    const std::span<const double> all(values_.data(), used_);
    if (moments_ != nullptr) moments_->add(all);
    quantiles_.add(all);
    used_ = 0;
  }

  stats::QuantileSketch& quantiles_;
  stats::Moments* moments_;
  std::size_t used_ = 0;
  std::array<double, kChunk> values_;
};

// The hashes of some rows. Cells lie far apart, and what is done with one hangs on branches that nobody can
// predict: reading several at once lets their cache misses overlap.
struct ColumnPass::Batch {
  std::array<stats::Leading, kBatch> words;
  std::array<std::uint64_t, kBatch> hashes;
  std::array<bool, kBatch> filled;  // neither absent nor empty

  void read(const tables::Cells& cells, std::size_t begin, std::size_t rows) {
    const std::string_view* const texts = cells.texts.data() + begin;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string_view text = texts[i];
      filled.data()[i] = !text.empty() && cells.present(begin + i);
      if (!filled.data()[i]) continue;
      const stats::Leading leading = stats::leading_of_page(text);
      words.data()[i] = leading;
      hashes.data()[i] = text.size() <= 16 ? stats::hash_of(leading, text.size()) : stats::hash_of_long(text);
    }
  }
};

// What is accounted for plain decimals follows from their shape alone: they are counted by it, a few shapes
// at a time, and taken in when another one needs the place. Their hashes are gathered likewise.
class ColumnPass::Decimals {
 public:
  explicit Decimals(ColumnPass& into) : into_(into) {}
  ~Decimals() {
    for (Slot& slot : slots_) leave(slot);
    into_.result_.distinct.add({hashes_.data(), used_});
  }
  Decimals(const Decimals&) = delete;
  Decimals& operator=(const Decimals&) = delete;

  void add(const Cell& cell, std::string_view text, std::uint64_t hash) {
    Slot& slot = slots_.data()[place(cell.shape)];
    if (slot.shape != cell.shape) {
      leave(slot);
      slot = {.shape = cell.shape, .count = 0, .kind = cell.kind, .text = text};
    }
    ++slot.count;
    hashes_.data()[used_++] = hash;
    if (used_ < hashes_.size()) return;
    into_.result_.distinct.add({hashes_.data(), used_});
    used_ = 0;
  }

 private:
  struct Slot {
    std::uint32_t shape = 0;  // 0: free
    std::uint32_t count = 0;
    CellKind kind = CellKind::Integer;
    std::string_view text;  // one of that shape
  };
  static constexpr std::size_t kSlots = 32;

  // Neighbouring numbers of digits lie in different places.
  static std::size_t place(std::uint32_t shape) {
    return ((shape >> 8 & 31) * 5 + (shape & 31) + (shape >> 16 & 1) * 16) % kSlots;
  }
  void leave(Slot& slot) {
    if (slot.count == 0) return;
    const Cell cell{.kind = slot.kind, .marks = 0, .length = 0, .number = 0, .shape = slot.shape};
    into_.account(slot.kind, 0, static_cast<std::uint32_t>(slot.text.size()),
                  into_.pattern_id(cell, slot.text), slot.count);
    slot.count = 0;
  }

  ColumnPass& into_;
  std::size_t used_ = 0;
  std::array<Slot, kSlots> slots_{};
  std::array<std::uint64_t, 256> hashes_;
};

ColumnPass::ColumnPass(const tables::Column& column, const SketchSizes& sizes, std::uint64_t seed,
                       std::size_t exact)
    : sizes_(sizes), counted_(sizes.counters), exact_(exact) {
  result_.name = column.name;
  result_.kind = column.kind;
  result_.declared = column.declared;
  result_.quantiles = stats::QuantileSketch(sizes.k, seed);
  result_.instants = stats::QuantileSketch(sizes.k, ~seed);
  result_.distinct = stats::DistinctSketch(sizes.precision);
  result_.frequent = stats::FrequentItems<std::string>(sizes.counters);
  patterns_.emplace_back();  // those that have no place of their own
}

void ColumnPass::take(const tables::Cells& cells, std::uint64_t first_row, std::size_t begin,
                      std::size_t end) {
  result_.rows += end - begin;
  if (cells.kind == tables::Kind::Text) {
    take_texts(cells, first_row, begin, end);
  } else {
    take_others(cells, first_row, begin, end);
  }
  unsettled_ += end - begin;
  if (unsettled_ >= kMostUnsettled) flush_pending();
  choose_sampling();
}

// While nearly all values are new, counting every one finds no frequent ones: one of 2^kDrawBits is enough.
inline bool ColumnPass::drawn(std::uint64_t row) const {
  return !sampled_ || row * 0x9E3779B97F4A7C15 >> (64 - kDrawBits) == 0;
}

inline ColumnPass::Counted::Item* ColumnPass::count(std::uint64_t hash, bool& fresh) {
  Counted::Item* item =
      counted_.add(hash, sampled_ ? 1U << kDrawBits : 1, fresh, [this](Counted::Item& leaving) {
        if (leaving.note.pending != 0) settle(leaving.note);
        if (leaving.note.text != 0) free_texts_.push_back(leaving.note.text);
      });
  ++looked_;
  fresh_ += fresh ? 1 : 0;
  return item;
}

// A value that is being counted.
inline void ColumnPass::again(Note& note, std::string_view text, std::uint64_t row) {
  ++note.pending;
  has_pending_ = true;
  if ((open_rows_ & bit_of(note.kind)) != 0) note_row(note.kind, row);
  if (note.text == 0) keep_text(note, text);
  if (order_open_ && !is_null(note.kind)) follow(note.kind, note.number, text);
}

inline std::uint16_t ColumnPass::pattern_id(const Cell& cell, std::string_view text) {
  if (text.size() > kPatternBytes) return 0;
  const std::uint64_t key =
      1 | (cell.shape != 0 ? cell.shape * std::uint64_t{0x9E3779B97F4A7C15} : pattern_hash(text));
  if (pattern_keys_.empty()) grow_patterns();
  const std::size_t mask = pattern_keys_.size() - 1;
  std::size_t at = key >> 32 & mask;
  for (; pattern_keys_[at] != 0; at = (at + 1) & mask)
    if (pattern_keys_[at] == key) return pattern_ids_[at];
  if (patterns_.size() > sizes_.patterns) return 0;
  return new_pattern(key, text);
}

// All but the numbers.
inline void ColumnPass::account(CellKind kind, std::uint8_t marks, std::uint32_t length,
                                std::uint16_t pattern, std::uint64_t times) {
  result_.cells[static_cast<std::size_t>(kind)] += times;
  if (marks != 0) marked(marks, times);
  if (result_.kind != tables::Kind::Text) return;
  if (length < short_lengths_.size()) {
    short_lengths_[length] += times;
  } else {
    result_.lengths.add(length, times);
  }
  patterns_[pattern].count += times;
}

// A value that is not, or not any more: everything but the count. Gives the pattern.
[[gnu::always_inline]] inline std::uint16_t ColumnPass::value(std::uint64_t hash, const Cell& cell,
                                                              std::string_view text, std::uint64_t row,
                                                              Numbers& numbers, Numbers& instants) {
  if ((open_rows_ & bit_of(cell.kind)) != 0) note_row(cell.kind, row);
  if (is_null(cell.kind)) {
    ++result_.cells[static_cast<std::size_t>(cell.kind)];
    return 0;
  }
  result_.distinct.add(hash);
  const std::uint16_t pattern = result_.kind == tables::Kind::Text ? pattern_id(cell, text) : 0;
  account(cell.kind, cell.marks, cell.length, pattern, 1);
  if (is_number(cell.kind)) {
    if ((cell.marks & kInfinite) == 0) numbers.add(cell.number);
  } else if (cell.kind == CellKind::Date || cell.kind == CellKind::Instant) {
    instants.add(cell.number);
  }
  if (order_open_) follow(cell.kind, cell.number, text);
  if (exact_ != 0) check_unique(hash);
  return pattern;
}

ColumnPass::Note ColumnPass::note_of(const Cell& cell, std::uint16_t pattern) {
  return {.number = cell.number,
          .pending = 0,
          .length = cell.length,
          .text = 0,
          .pattern = pattern,
          .kind = cell.kind,
          .marks = cell.marks};
}

void ColumnPass::take_texts(const tables::Cells& cells, std::uint64_t first_row, std::size_t begin,
                            std::size_t end) {
  Numbers numbers(result_.quantiles, &result_.moments);
  Numbers instants(result_.instants, nullptr);
  Decimals decimals(*this);
  Batch batch;
  for (std::size_t at = begin; at < end; at += kBatch) {
    const std::size_t rows = std::min(kBatch, end - at);
    batch.read(cells, at, rows);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::uint64_t row = first_row + at + i;
      if (!batch.filled.data()[i]) {
        account_null(cells.present(at + i) ? CellKind::Empty : CellKind::Absent, row);
        continue;
      }
      const std::string_view text = cells.texts.data()[at + i];
      const std::uint64_t hash = batch.hashes.data()[i];
      Counted::Item* item = nullptr;
      if (drawn(row)) {
        bool fresh = false;
        item = count(hash, fresh);
        if (item != nullptr && !fresh) {
          again(item->note, text, row);
          continue;
        }
      }
      Cell cell;
      const stats::Leading& words = batch.words.data()[i];
      if (text.size() <= 16 ? read_decimal(text.size(), words, masks_of(words), cell)
                            : read_long_decimal(text, cell)) {
        decimals.add(cell, text, hash);
        if (cell.marks != 0) marked(cell.marks, 1);
        if ((open_rows_ & bit_of(cell.kind)) != 0) note_row(cell.kind, row);
        numbers.add(cell.number);
        if (order_open_) follow(cell.kind, cell.number, text);
        if (exact_ != 0) check_unique(hash);
        if (item != nullptr) item->note = note_of(cell, pattern_id(cell, text));
        continue;
      }
      cell = examine_other(text);
      const std::uint16_t pattern = value(hash, cell, text, row, numbers, instants);
      if (item != nullptr) item->note = note_of(cell, pattern);
    }
  }
}

void ColumnPass::choose_sampling() {
  if (looked_ < kLookedBefore) return;
  sampled_ = !counted_.exact() && static_cast<double>(fresh_) > kMostlyNew * static_cast<double>(looked_);
  result_.sampled = result_.sampled || sampled_;
  looked_ = fresh_ = 0;
}

void ColumnPass::take_others(const tables::Cells& cells, std::uint64_t first_row, std::size_t begin,
                             std::size_t end) {
  Numbers numbers(result_.quantiles, &result_.moments);
  Numbers instants(result_.instants, nullptr);
  std::string scratch;
  for (std::size_t row = begin; row < end; ++row) {
    if (!cells.present(row)) {
      account_null(CellKind::Absent, first_row + row);
      continue;
    }
    Cell cell;
    std::uint64_t bits = 0;
    if (cells.kind == tables::Kind::Integer) {
      bits = static_cast<std::uint64_t>(cells.integers[row]);
      cell.kind = CellKind::Integer;
      cell.number = static_cast<double>(cells.integers[row]);
    } else if (cells.kind == tables::Kind::Real) {
      cell.number = cells.reals[row] + 0.0;  // minus zero is zero
      if (std::isnan(cell.number)) {
        account_null(CellKind::NaN, first_row + row);
        continue;
      }
      bits = std::bit_cast<std::uint64_t>(cell.number);
      cell.kind = CellKind::Real;
      if (std::isinf(cell.number)) cell.marks = kInfinite;
    } else {
      bits = cells.booleans[row] != 0 ? 1 : 0;
      cell.kind = CellKind::Boolean;
      cell.number = static_cast<double>(bits);
    }
    const std::uint64_t hash = stats::hash_of(bits);
    Counted::Item* item = nullptr;
    if (drawn(first_row + row)) {
      bool fresh = false;
      item = count(hash, fresh);
      if (item != nullptr && !fresh) {
        const std::string_view text =
            item->note.text == 0 ? tables::text_of(cells, row, scratch) : std::string_view();
        again(item->note, text, first_row + row);
        continue;
      }
    }
    const std::uint16_t pattern = value(hash, cell, {}, first_row + row, numbers, instants);
    if (item != nullptr) item->note = note_of(cell, pattern);
  }
}

void ColumnPass::marked(std::uint8_t marks, std::uint64_t times) {
  const auto add = [&](CellMark mark, std::uint64_t& count) { count += (marks & mark) != 0 ? times : 0; };
  add(kPadded, result_.padded);
  add(kNotUtf8, result_.not_utf8);
  add(kBeyondAscii, result_.beyond_ascii);
  add(kLeadingZero, result_.leading_zero);
  add(kInfinite, result_.infinite);
  add(kControl, result_.control);
}

void ColumnPass::account_null(CellKind kind, std::uint64_t row) {
  ++result_.cells[static_cast<std::size_t>(kind)];
  if ((open_rows_ & bit_of(kind)) != 0) note_row(kind, row);
}

// Accounts for the times a value was met again.
void ColumnPass::settle(Note& note) {
  if (note.pending == 0) return;
  const std::uint64_t times = note.pending;
  note.pending = 0;
  if (is_null(note.kind)) {
    result_.cells[static_cast<std::size_t>(note.kind)] += times;
    return;
  }
  result_.unique = Unique::No;
  account(note.kind, note.marks, note.length, note.pattern, times);
  if (is_number(note.kind) && (note.marks & kInfinite) == 0) {
    result_.moments.add(note.number, times);
    result_.quantiles.add(note.number, times);
  }
  if (note.kind == CellKind::Date || note.kind == CellKind::Instant) result_.instants.add(note.number, times);
}

void ColumnPass::flush_pending() {
  counted_.each([this](std::uint64_t, Counted::Item& item) { settle(item.note); });
  has_pending_ = false;
  unsettled_ = 0;
}

void ColumnPass::keep_text(Note& note, std::string_view text) {
  const std::string kept(text.substr(0, text.size() <= kKeptText ? text.size() : 0));
  if (!free_texts_.empty()) {
    note.text = free_texts_.back();
    free_texts_.pop_back();
    texts_[note.text - 1] = kept;
    return;
  }
  texts_.push_back(kept);
  note.text = static_cast<std::uint32_t>(texts_.size());
}

void ColumnPass::note_row(CellKind kind, std::uint64_t row) {
  auto& rows = result_.first_rows[static_cast<std::size_t>(kind)];
  rows.push_back(row);
  if (rows.size() == ColumnProfile::kFirstRows) open_rows_ &= ~bit_of(kind);
}

void ColumnPass::follow(CellKind kind, double number, std::string_view text) {
  Order& order = result_.order;
  const int group = order_group(kind);
  if (group == 2 && (text.empty() || text.size() > kComparedText)) order.known = false;
  if (order_any_ && group != order_group_) order.known = false;
  if (!order.known) {
    order = {.known = false, .rises = false, .falls = false, .repeats = false};
    order_open_ = false;
    return;
  }
  if (order_any_) {
    const int way = group == 2 ? text.compare(last_text_) : (number > last_number_) - (number < last_number_);
    order.rises = order.rises && way >= 0;
    order.falls = order.falls && way <= 0;
    order.repeats = order.repeats || way == 0;
    order_open_ = order.rises || order.falls;
  }
  order_any_ = true;
  order_group_ = group;
  last_number_ = number;
  if (group == 2 && order_open_) last_text_ = text;
}

void ColumnPass::check_unique(std::uint64_t hash) {
  if (result_.unique == Unique::No || exact_kept_ >= exact_) {
    exact_ = 0;  // a repetition, or too many to keep: not known by this way
    exact_keys_ = {};
    return;
  }
  hash += hash == 0 ? 1 : 0;
  if ((exact_kept_ + 1) * 2 > exact_keys_.size()) {
    const std::vector<std::uint64_t> before = std::move(exact_keys_);
    exact_keys_.assign(std::max<std::size_t>(64, before.size() * 2), 0);
    for (const std::uint64_t key : before) {
      if (key == 0) continue;
      std::size_t at = key & (exact_keys_.size() - 1);
      while (exact_keys_[at] != 0) at = (at + 1) & (exact_keys_.size() - 1);
      exact_keys_[at] = key;
    }
  }
  std::size_t at = hash & (exact_keys_.size() - 1);
  for (; exact_keys_[at] != 0; at = (at + 1) & (exact_keys_.size() - 1)) {
    if (exact_keys_[at] != hash) continue;
    result_.unique = Unique::No;
    return;
  }
  exact_keys_[at] = hash;
  ++exact_kept_;
}

std::uint16_t ColumnPass::new_pattern(std::uint64_t key, std::string_view text) {
  if (pattern_keys_.size() < 4 * (patterns_.size() + 1)) grow_patterns();
  std::size_t at = key >> 32 & (pattern_keys_.size() - 1);
  while (pattern_keys_[at] != 0) at = (at + 1) & (pattern_keys_.size() - 1);
  const auto id = static_cast<std::uint16_t>(patterns_.size());
  patterns_.push_back({.classes = pattern_of(text), .count = 0});
  pattern_keys_[at] = key;
  pattern_ids_[at] = id;
  return id;
}

void ColumnPass::grow_patterns() {
  const std::vector<std::uint64_t> keys = std::move(pattern_keys_);
  const std::vector<std::uint16_t> ids = std::move(pattern_ids_);
  pattern_keys_.assign(std::max<std::size_t>(8, keys.size() * 2), 0);
  pattern_ids_.assign(pattern_keys_.size(), 0);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == 0) continue;
    std::size_t at = keys[i] >> 32 & (pattern_keys_.size() - 1);
    while (pattern_keys_[at] != 0) at = (at + 1) & (pattern_keys_.size() - 1);
    pattern_keys_[at] = keys[i];
    pattern_ids_[at] = ids[i];
  }
}

ColumnProfile ColumnPass::finish() {
  if (has_pending_) flush_pending();
  counted_.each([this](std::uint64_t hash, Counted::Item& item) {
    if (is_null(item.note.kind)) return;
    bool fresh = false;
    auto* kept = result_.frequent.add(hash, item.count, fresh, [](auto&) {});
    if (kept != nullptr && item.note.text != 0) kept->note = texts_[item.note.text - 1];
  });
  result_.frequent.set_error(counted_.error());
  const bool none_twice = counted_.exact() && result_.unique != Unique::No;
  const Order& order = result_.order;
  const bool strict = order.known && (order.rises || order.falls) && !order.repeats;
  const bool kept_all = exact_ != 0;
  if (result_.values() != 0 && result_.unique != Unique::No && (none_twice || strict || kept_all))
    result_.unique = Unique::Yes;
  for (std::size_t length = 0; length < short_lengths_.size(); ++length)
    if (short_lengths_[length] != 0)
      result_.lengths.add(static_cast<std::uint32_t>(length), short_lengths_[length]);
  result_.other_patterns = patterns_.front().count;
  for (std::size_t i = 1; i < patterns_.size(); ++i) {
    const auto at = std::ranges::find(result_.patterns, patterns_[i].classes, &Pattern::classes);
    if (at == result_.patterns.end()) {
      result_.patterns.push_back(std::move(patterns_[i]));
    } else {
      at->count += patterns_[i].count;  // a pattern met as a number and as a text
    }
  }
  order_patterns(result_.patterns);
  return std::move(result_);
}

}  // namespace bulwark::assay::profile
