#pragma once
// Tab-separated tables with a header line: how the facts of the knowledge base are stored.
//
// UTF-8, LF, no quoting and no escapes; every row has as many cells as the header. Lists inside a cell are
// separated by ';'.

#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::atlas {

// Views into the text that it was read from.
class Table {
 public:
  // Errors: InvalidInput naming `name`, the line and the column that is missing or the number of cells.
  [[nodiscard]] static Result<Table> read(std::string_view name, std::string_view text,
                                          const std::vector<std::string_view>& columns);

  [[nodiscard]] std::size_t rows() const { return cells_.size() / columns_; }
  // `column`: its place in the `columns` that were asked for.
  [[nodiscard]] std::string_view at(std::size_t row, std::size_t column) const {
    return cells_[row * columns_ + column];
  }
  [[nodiscard]] std::vector<std::string_view> list(std::size_t row, std::size_t column) const;
  // Errors: InvalidInput if the cell is no number.
  [[nodiscard]] Result<int> number(std::size_t row, std::size_t column) const;

 private:
  std::string_view name_;
  std::size_t columns_ = 1;
  std::vector<std::string_view> cells_;  // only the columns that were asked for, row by row
};

}  // namespace bulwark::atlas
