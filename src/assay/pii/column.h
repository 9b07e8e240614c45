#pragma once
// What was seen in one column, and what that makes of it.
//
// A value that passes a check digit says little: of random sixteen-digit numbers 3.9 % are card numbers. A
// column in which far more pass than chance would let says a lot.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "assay/pii/column_name.h"
#include "assay/pii/digits.h"
#include "assay/pii/registry.h"
#include "assay/pii/scan.h"
#include "assay/pii/weigh.h"
#include "stats/interval.h"

namespace bulwark::assay::pii {

struct TallyLimits {
  std::size_t rows = 50;         // listed for a kind; more help nobody
  std::size_t examples = 3;      // masked
  std::size_t distinct = 4'096;  // values that the test is made with: repeated ones are no further evidence
};

struct KindTally {
  std::uint64_t whole = 0;   // cells that are a Match as a whole
  std::uint64_t shapes = 0;  // cells of that structure, with the right check digit or without
  std::uint64_t inside = 0;  // cells with a value that is likely by itself or by the words around it
  std::uint64_t bare = 0;    // cells that are one, and just likely enough: only free text makes them count
  std::uint64_t new_whole = 0, new_shapes = 0;  // the same among different values
  float score = 0;                              // the highest
  std::vector<std::uint64_t> rows;
  std::vector<std::string> examples;  // masked

  void merge(KindTally&& later, const TallyLimits& limits);
};

class ColumnTally {
 public:
  explicit ColumnTally(const ColumnName& name, TallyLimits limits = {});
  // One cell that is no null. `row` in the data set; rows ascend.
  void take(std::string_view cell, std::uint64_t row, Scanner& scanner);
  void merge(ColumnTally&& later);  // rows behind ours

  [[nodiscard]] std::uint64_t cells() const { return cells_; }
  [[nodiscard]] std::uint64_t different() const { return different_; }
  [[nodiscard]] bool free_text() const { return cells_ > 0 && wordy_ * 10 >= cells_ * 3; }
  [[nodiscard]] const std::vector<KindTally>& kinds() const { return kinds_; }

 private:
  struct Fresh {  // a value seen for the first time
    std::uint64_t hash = 0;
    std::uint32_t first = 0, count = 0;  // of fresh_kinds_: what it is as a whole
  };
  void take_digits(std::string_view cell, std::uint64_t row);
  void count_likely(KindIndex kind, bool whole, float score);
  [[nodiscard]] bool full(const KindTally& tally) const;
  void remember(const Fresh& fresh, const std::vector<std::uint16_t>& kinds);
  void list(KindTally& tally, KindIndex kind, std::string_view value, std::uint64_t row) const;

  Surroundings surroundings_;
  TallyLimits limits_;
  DigitKinds digits_;
  // By length, bit i: of entry i more matches only count; its lists are full and its score is too low for
  // more.
  std::array<std::uint32_t, DigitKinds::kLongest + 1> complete_ = {};
  std::uint64_t cells_ = 0;
  std::uint64_t wordy_ = 0;  // cells of several words
  std::uint64_t different_ = 0;
  std::vector<KindTally> kinds_;
  std::unordered_set<std::uint64_t> seen_;  // hashes of values, at most TallyLimits::distinct
  std::vector<Fresh> fresh_;                // the same, in order
  std::vector<std::uint16_t> fresh_kinds_;  // kind × 2, plus 1 for a Match
  std::vector<std::uint16_t> whole_kinds_;  // of the cell at hand
  std::vector<Weighed> weighed_;            // of the cell at hand
};

enum class Decision : std::uint8_t {
  None,    // no more than chance
  Values,  // some values in it are
  Column,  // the column holds this kind
};
[[nodiscard]] std::string_view name_of(Decision decision);  // "none", "values", "column"

struct KindDecision {
  KindIndex kind = kNoKind;
  Decision decision = Decision::None;
  std::uint64_t matches = 0;
  stats::Interval share = {};        // of the cells
  double chance = 1;                 // P[as many matches by chance]
  bool named = false;                // the column's name speaks of it
  KindIndex explained_by = kNoKind;  // another kind that explains the same cells better
};
// All kinds with a match, decided ones first. `home`: kinds of this country win between equals.
[[nodiscard]] std::vector<KindDecision> decide(const ColumnTally& tally, const ColumnName& name,
                                               std::string_view home);

}  // namespace bulwark::assay::pii
