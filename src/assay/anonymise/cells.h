#pragma once
// Columns of a block as texts: read from the data, or made anew.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tables/dataset.h"

namespace bulwark::assay::anonymise {

// Views live until the next read() and as long as the block. Used by one thread at a time.
class CellTexts {
 public:
  void read(const tables::Cells& cells, std::size_t rows);
  [[nodiscard]] std::string_view text(std::size_t row) const { return texts_[row]; }
  // Nothing stands there, whichever way the data say so.
  [[nodiscard]] bool nothing(std::size_t row) const { return nothing_[row] != 0; }

 private:
  std::vector<std::string_view> texts_;
  std::vector<std::uint8_t> nothing_;
  std::string written_;  // what numbers read as
};

// Cells in order, each as it is or a text of our own.
class NewCells {
 public:
  void start();
  void add(std::string_view text) { cells_.push_back({text, 0, 0}); }  // must outlive this
  void add_copy(std::string_view text);
  [[nodiscard]] std::span<const std::string_view> finish();

 private:
  struct Cell {
    std::string_view text;
    std::size_t offset, size;  // of a copy
  };
  std::string copies_;
  std::vector<Cell> cells_;
  std::vector<std::string_view> views_;
};

}  // namespace bulwark::assay::anonymise
