#pragma once
// The pass over one column. Built for speed: a value is hashed once; one that was met before costs a count,
// and what it is (type, length, pattern, number) is accounted in bulk when the count is taken in.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "assay/profile/column.h"

namespace bulwark::assay::profile {

class ColumnPass {
 public:
  // `exact`: values kept to know for sure whether all of them differ; 0: none.
  ColumnPass(const tables::Column& column, const SketchSizes& sizes, std::uint64_t seed, std::size_t exact);

  // Rows in order.
  void take(const tables::Cells& cells, std::uint64_t first_row, std::size_t begin, std::size_t end);
  // Leaves nothing behind.
  [[nodiscard]] ColumnProfile finish();

 private:
  // What is known of a value that is counted.
  struct Note {
    double number = 0;
    std::uint32_t pending = 0;  // times met since it was last accounted
    std::uint32_t length = 0;
    std::uint32_t text = 0;  // 1 + index into texts_; 0: none yet
    std::uint16_t pattern = 0;
    CellKind kind = CellKind::Text;
    std::uint8_t marks = 0;
  };
  using Counted = stats::FrequentItems<Note>;
  class Numbers;   // those of one call of take()
  class Decimals;  // likewise
  struct Batch;

  void take_texts(const tables::Cells& cells, std::uint64_t first_row, std::size_t begin, std::size_t end);
  void take_others(const tables::Cells& cells, std::uint64_t first_row, std::size_t begin, std::size_t end);
  [[nodiscard]] Counted::Item* count(std::uint64_t hash, bool& fresh);
  void again(Note& note, std::string_view text, std::uint64_t row);
  [[nodiscard]] std::uint16_t value(std::uint64_t hash, const Cell& cell, std::string_view text,
                                    std::uint64_t row, Numbers& numbers, Numbers& instants);
  [[nodiscard]] static Note note_of(const Cell& cell, std::uint16_t pattern);
  void account(CellKind kind, std::uint8_t marks, std::uint32_t length, std::uint16_t pattern,
               std::uint64_t times);
  void account_null(CellKind kind, std::uint64_t row);
  void settle(Note& note);
  void keep_text(Note& note, std::string_view text);
  void follow(CellKind kind, double number, std::string_view text);
  void note_row(CellKind kind, std::uint64_t row);
  void check_unique(std::uint64_t hash);
  [[nodiscard]] std::uint16_t pattern_id(const Cell& cell, std::string_view text);
  [[nodiscard]] std::uint16_t new_pattern(std::uint64_t key, std::string_view text);
  void grow_patterns();
  [[nodiscard]] bool drawn(std::uint64_t row) const;
  void choose_sampling();
  void marked(std::uint8_t marks, std::uint64_t times);
  void flush_pending();

  ColumnProfile result_;
  SketchSizes sizes_;
  Counted counted_;
  bool has_pending_ = false;
  std::uint64_t unsettled_ = 0;  // rows since pending counts were taken in
  bool sampled_ = false;
  std::uint64_t looked_ = 0;  // values looked up since that was decided
  std::uint64_t fresh_ = 0;   // of which were new
  std::array<std::uint64_t, 64> short_lengths_{};
  std::vector<std::string> texts_;
  std::vector<std::uint32_t> free_texts_;

  std::uint32_t open_rows_ = ~std::uint32_t{0};  // bit per CellKind whose first rows are still wanted

  bool order_open_ = true;
  bool order_any_ = false;
  int order_group_ = 0;
  double last_number_ = 0;
  std::string last_text_;

  std::vector<std::uint64_t> pattern_keys_;  // open addressing; 0: free
  std::vector<std::uint16_t> pattern_ids_;
  std::vector<Pattern> patterns_;  // id 0 is "other"

  std::size_t exact_;
  std::size_t exact_kept_ = 0;
  std::vector<std::uint64_t> exact_keys_;
};

}  // namespace bulwark::assay::profile
