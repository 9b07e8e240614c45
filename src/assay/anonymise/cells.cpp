#include "assay/anonymise/cells.h"

#include "tables/values.h"

namespace bulwark::assay::anonymise {

void CellTexts::read(const tables::Cells& cells, std::size_t rows) {
  texts_.assign(rows, {});
  nothing_.assign(rows, 0);
  for (std::size_t row = 0; row < rows; ++row)
    nothing_[row] = tables::null_of(cells, row) != tables::Null::None ? 1 : 0;
  if (cells.kind == tables::Kind::Text) {
    for (std::size_t row = 0; row < rows; ++row)
      if (cells.present(row)) texts_[row] = cells.texts[row];
    return;
  }
  written_.clear();
  std::string scratch;
  std::vector<std::size_t> ends;
  ends.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    if (cells.present(row)) written_ += tables::text_of(cells, row, scratch);
    ends.push_back(written_.size());
  }
  std::size_t begin = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    texts_[row] = std::string_view(written_).substr(begin, ends[row] - begin);
    begin = ends[row];
  }
}

void NewCells::start() {
  copies_.clear();
  cells_.clear();
}

void NewCells::add_copy(std::string_view text) {
  cells_.push_back({{}, copies_.size(), text.size()});
  copies_ += text;
}

std::span<const std::string_view> NewCells::finish() {
  views_.clear();
  views_.reserve(cells_.size());
  for (const Cell& cell : cells_)
    views_.push_back(cell.size == 0 ? cell.text : std::string_view(copies_).substr(cell.offset, cell.size));
  return views_;
}

}  // namespace bulwark::assay::anonymise
