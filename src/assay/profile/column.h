#pragma once
// What is known of one column after a pass over it: counts, sketches, flags. A plain value; two of them
// merge.

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/profile/cell.h"
#include "base/result.h"
#include "stats/sketch_distinct.h"
#include "stats/sketch_frequent.h"
#include "stats/sketch_moments.h"
#include "stats/sketch_quantiles.h"
#include "tables/dataset.h"

namespace bulwark::assay::profile {

// How large the sketches of a column may grow. Wide tables get smaller ones, so that memory stays bounded.
struct SketchSizes {
  unsigned precision = 14;       // of the distinct count: 0.81 %
  std::uint32_t counters = 256;  // frequent values
  unsigned k = 200;              // quantiles: 1.65 % of rank
  std::size_t patterns = 64;
};
// Some 50 KiB a column up to 2,000 columns, 12 up to 20,000, 5 beyond.
[[nodiscard]] SketchSizes sketch_sizes(std::size_t columns);

// The type of a whole column: what all its values are.
enum class ColumnType : std::uint8_t { Empty, Boolean, Integer, Real, Date, Instant, Text, Mixed };
[[nodiscard]] std::string_view name_of(ColumnType type);  // "empty" … "mixed"
[[nodiscard]] std::optional<ColumnType> column_type_from(std::string_view name);

struct Pattern {
  std::string classes;  // pattern_of()
  std::uint64_t count = 0;
};

// Most frequent first, ties by text.
void order_patterns(std::vector<Pattern>& patterns);

struct Lengths {
  std::uint64_t count = 0;
  std::uint64_t total = 0;
  std::uint32_t least = 0;  // count > 0
  std::uint32_t most = 0;
  std::vector<std::uint64_t> histogram;  // by bucket_of()

  // 0 to 63 one by one, then four buckets for each power of two.
  static constexpr std::size_t kBuckets = 64 + 26 * 4;
  [[nodiscard]] static std::size_t bucket_of(std::uint32_t length) {
    if (length < 64) return length;
    const auto power = static_cast<std::size_t>(std::bit_width(length)) - 7;  // 64: 0
    return 64 + power * 4 + (length >> (power + 4) & 3);
  }
  [[nodiscard]] static std::uint32_t first_of(std::size_t bucket);
  void add(std::uint32_t length, std::uint64_t times) {
    if (count == 0) least = most = length;
    if (length < least) least = length;
    if (length > most) most = length;
    count += times;
    total += std::uint64_t{length} * times;
    const std::size_t bucket = bucket_of(length);
    if (bucket >= histogram.size()) histogram.resize(bucket + 1);
    histogram[bucket] += times;
  }
  void merge(const Lengths& other);
};

// In which order the values come; nulls are passed over. Merged columns have none.
struct Order {
  bool known = true;
  bool rises = true;  // never falls
  bool falls = true;
  bool repeats = false;  // two neighbours are equal
};

enum class Unique : std::uint8_t { Unknown, Yes, No };

struct ColumnProfile {
  std::string name;
  tables::Kind kind = tables::Kind::Text;
  std::string declared;

  std::uint64_t rows = 0;
  std::array<std::uint64_t, kCellKinds> cells{};                  // by CellKind
  std::array<std::vector<std::uint64_t>, kCellKinds> first_rows;  // up to kFirstRows; not written
  std::uint64_t padded = 0, not_utf8 = 0, beyond_ascii = 0, leading_zero = 0, infinite = 0, control = 0;

  stats::Moments moments;           // of numbers
  stats::QuantileSketch quantiles;  // of numbers
  stats::QuantileSketch instants;   // of dates and instants, in seconds
  stats::DistinctSketch distinct;
  stats::FrequentItems<std::string> frequent;  // the note is the text if it was kept
  bool sampled = false;           // the counts of `frequent` come from one of eight values, in part at least
  std::vector<Pattern> patterns;  // most frequent first
  std::uint64_t other_patterns = 0;
  Lengths lengths;
  Order order;
  Unique unique = Unique::Unknown;

  static constexpr std::size_t kFirstRows = 8;

  [[nodiscard]] std::uint64_t of(CellKind one) const { return cells[static_cast<std::size_t>(one)]; }
  [[nodiscard]] std::uint64_t nulls() const;
  [[nodiscard]] std::uint64_t values() const { return rows - nulls(); }
  // Mixed if there are values of several types, none of which contains the others (integer < real,
  // date < instant).
  [[nodiscard]] ColumnType type() const;
  // The kind that most values have, and how many.
  [[nodiscard]] std::pair<CellKind, std::uint64_t> main_kind() const;
  // Different values: exact while none was left out, else estimated and at most values().
  [[nodiscard]] double distinct_count() const;
  [[nodiscard]] double distinct_error() const;  // relative standard error; 0: exact
  [[nodiscard]] bool constant() const;          // one value only, in two rows at least, no nulls counted
  // Every value or nearly every value is another, and they look like keys: integers or short texts.
  [[nodiscard]] bool identifier() const;
  // Few different values, each of them seen often: its values may be shown.
  [[nodiscard]] bool category() const;
  // Its numbers look like those of people or cards (integers of eight and more digits): shown rounded only.
  [[nodiscard]] bool confidential() const;
};

// Errors: InvalidInput: columns of different kinds.
[[nodiscard]] Result<void> merge_column(ColumnProfile& into, const ColumnProfile& other);

}  // namespace bulwark::assay::profile
