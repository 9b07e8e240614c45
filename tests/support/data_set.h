#pragma once
// A data set in memory: rows of text as a CSV would give them, and arrays.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tables/dataset.h"

namespace bulwark::test {

class MemoryData : public tables::Dataset {
 public:
  MemoryData(std::vector<std::string> columns, std::vector<std::vector<std::string>> rows);

  // An array of bytes of this shape, beside the columns.
  void add_array(std::string name, std::vector<std::uint64_t> shape, std::vector<std::uint8_t> values);
  // Blocks of so many rows instead of all at once.
  void set_block(std::size_t rows) { block_ = rows; }
  void add_gap(Gap gap) { gaps_.push_back(std::move(gap)); }

  [[nodiscard]] const tables::Description& about() const override { return about_; }
  [[nodiscard]] Result<std::unique_ptr<tables::Reader>> read(
      std::span<const std::size_t> columns) const override;
  [[nodiscard]] Result<tables::Array> array(std::string_view name) const override;
  // One line for the header, one for each row.
  [[nodiscard]] std::uint32_t line_of(std::uint64_t row) const override {
    return static_cast<std::uint32_t>(row + 2);
  }

 private:
  friend class MemoryReader;
  tables::Description about_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::shared_ptr<std::vector<std::uint8_t>>> values_;
  std::vector<Gap> gaps_;
  std::size_t block_ = 1000;
};

}  // namespace bulwark::test
