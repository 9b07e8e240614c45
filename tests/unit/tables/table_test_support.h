#pragma once
// Data sets from text, for the tests of this folder.

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "os/temporary_folder.h"
#include "tables/dataset.h"
#include "tables/values.h"

namespace bulwark::tables::test {

class Folder {
 public:
  Folder() : folder_(os::TemporaryFolder::make(os::temporary_parent()).value()) {}
  // Writes a file and returns its path.
  std::string file(const std::string& name, std::string_view content) const {
    std::string path = folder_.path() + "/" + name;
    std::ofstream out(path, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    return path;
  }
  [[nodiscard]] const std::string& path() const { return folder_.path(); }

 private:
  os::TemporaryFolder folder_;
};

// Everything that a pass delivers, as text.
struct Contents {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> gaps;
  std::string error;
  std::string format;
};

inline Contents contents_of(const Dataset& dataset, std::span<const std::size_t> columns = {}) {
  Contents contents;
  contents.format = dataset.about().format;
  for (const Column& column : dataset.about().columns) contents.names.push_back(column.name);
  auto reader = dataset.read(columns);
  if (!reader) {
    contents.error = reader.error().message;
    return contents;
  }
  Block block;
  std::string scratch;
  for (;;) {
    const auto more = (*reader)->next(block);
    if (!more) contents.error = more.error().message;
    if (!more || !*more) break;
    EXPECT_EQ(block.first_row, contents.rows.size());
    EXPECT_LE(block.rows, kBlockRows);
    for (std::size_t row = 0; row < block.rows; ++row) {
      std::vector<std::string> cells;
      for (const Cells& column : block.columns)
        cells.push_back(column.present(row) ? std::string(text_of(column, row, scratch)) : "<absent>");
      contents.rows.push_back(std::move(cells));
    }
  }
  for (const Gap& gap : (*reader)->gaps()) contents.gaps.push_back(gap.why);
  return contents;
}

inline Contents contents_of(const std::string& path, const DatasetOptions& options = {}) {
  const auto dataset = open_dataset(path, options);
  if (!dataset) return {.names = {}, .rows = {}, .gaps = {}, .error = dataset.error().message, .format = {}};
  return contents_of(**dataset);
}

}  // namespace bulwark::tables::test
