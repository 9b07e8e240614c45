#include "support/data_set.h"

#include <algorithm>

namespace bulwark::test {

class MemoryReader : public tables::Reader {
 public:
  MemoryReader(const MemoryData& data, std::vector<std::size_t> columns)
      : data_(data), columns_(std::move(columns)), cells_(columns_.size()) {}

  Result<bool> next(tables::Block& block) override {
    const std::size_t rows = std::min(data_.block_, data_.rows_.size() - next_);
    if (rows == 0) return false;
    block = {.first_row = next_, .rows = rows, .columns = {}};
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      cells_[i].clear();
      for (std::size_t row = next_; row < next_ + rows; ++row)
        cells_[i].push_back(data_.rows_[row][columns_[i]]);
      tables::Cells cells;
      cells.texts = cells_[i];
      block.columns.push_back(cells);
    }
    next_ += rows;
    return true;
  }
  const std::vector<Gap>& gaps() const override { return data_.gaps_; }

 private:
  const MemoryData& data_;
  std::vector<std::size_t> columns_;
  std::vector<std::vector<std::string_view>> cells_;
  std::size_t next_ = 0;
};

MemoryData::MemoryData(std::vector<std::string> columns, std::vector<std::vector<std::string>> rows)
    : rows_(std::move(rows)) {
  about_.path = "memory.csv";
  about_.format = "csv";
  about_.first_row_is_header = true;
  for (std::string& name : columns)
    about_.columns.push_back({.name = std::move(name), .kind = tables::Kind::Text, .declared = {}});
}

void MemoryData::add_array(std::string name, std::vector<std::uint64_t> shape,
                           std::vector<std::uint8_t> values) {
  about_.arrays.push_back(
      {.name = std::move(name), .element = tables::Element::UInt8, .shape = std::move(shape)});
  values_.push_back(std::make_shared<std::vector<std::uint8_t>>(std::move(values)));
}

Result<std::unique_ptr<tables::Reader>> MemoryData::read(std::span<const std::size_t> columns) const {
  std::vector<std::size_t> chosen(columns.begin(), columns.end());
  if (chosen.empty())
    for (std::size_t i = 0; i < about_.columns.size(); ++i) chosen.push_back(i);
  return std::make_unique<MemoryReader>(*this, std::move(chosen));
}

Result<tables::Array> MemoryData::array(std::string_view name) const {
  for (std::size_t i = 0; i < about_.arrays.size(); ++i)
    if (about_.arrays[i].name == name)
      return tables::Array{.about = about_.arrays[i], .bytes = Bytes(*values_[i]), .owner = values_[i]};
  return fail(Code::NotFound, "no array");
}

}  // namespace bulwark::test
