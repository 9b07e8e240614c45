#pragma once
// The rows of a CSV text, piece by piece: which are good, where they start, what was left out.
//
// Memory: one piece (256 KiB, or as much as sixteen rows need, or one row up to its ceiling) and its marks.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tables/csv_marks.h"
#include "tables/dataset.h"
#include "tables/gap_list.h"
#include "tables/text_source.h"

namespace bulwark::tables::csv {

class Rows {
 public:
  // `columns`: cells that a row must have, at least 1.
  Rows(TextSource source, char delimiter, std::size_t columns, bool header, const DatasetLimits& limits);

  // Starts at a byte of the text, which is the start of a row in that line, instead of at the front.
  void start_at(std::uint64_t offset, std::uint32_t line);

  // The next good rows, at most `most`; false at the end. Views of them live until the next call.
  [[nodiscard]] Result<bool> next(std::size_t most);
  [[nodiscard]] std::size_t count() const { return starts_.size(); }
  // Line in which a row of this call starts, from 1.
  [[nodiscard]] std::uint32_t line(std::size_t row) const { return lines_[row]; }
  [[nodiscard]] std::uint64_t offset(std::size_t row) const { return piece_offset_ + starts_[row]; }
  // Cells of column `column` of rows first … last - 1 into `to`. Every cell only once: quotes are taken off
  // in place.
  void cells(std::size_t column, std::size_t first, std::size_t last, std::string_view* to);

  [[nodiscard]] const std::vector<Gap>& gaps() const { return gaps_.all(); }
  [[nodiscard]] bool seekable() const { return source_.seekable(); }

 private:
  [[nodiscard]] Result<bool> fill();
  [[nodiscard]] Result<void> read_on(std::size_t target);
  [[nodiscard]] Result<bool> skip_long_row(std::string_view why);
  [[nodiscard]] std::optional<std::string> too_long() const;
  void reserve(std::size_t capacity);
  void shrink();
  void keep_from(std::size_t offset);
  void take_row();
  void drop_row(std::size_t start, std::size_t cells);
  [[nodiscard]] bool has_long_cell(std::size_t start, std::size_t cells) const;
  [[nodiscard]] bool is_blank(std::size_t start, std::size_t end) const;
  void unterminated();
  void look_at(std::size_t first);
  void finish();

  TextSource source_;
  std::size_t columns_;
  bool header_;  // the next row is the header
  DatasetLimits limits_;
  GapList gaps_;
  Marker marker_;
  Marks marks_;

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t piece_;               // bytes that are read at once
  std::size_t size_ = 0;            // bytes in the buffer
  std::size_t consumed_ = 0;        // of them done
  std::uint64_t piece_offset_ = 0;  // of the buffer in the text
  std::uint32_t line_ = 1;          // of the next row
  bool at_end_ = false;             // nothing is left to read
  std::size_t added_ = 0;           // line ends that the file does not have
  bool finished_ = false;

  // Cursors into marks_: the next row.
  std::size_t row_ = 0;
  std::size_t cell_ = 0;
  std::size_t inner_line_ = 0;

  // The good rows of the last call.
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> first_cells_;  // index of the first cell in marks_.cell_ends
  std::vector<std::uint32_t> lines_;

  bool told_encoding_ = false;
  bool told_zeros_ = false;
  bool told_stray_ = false;
};

}  // namespace bulwark::tables::csv
