// CSV of any bytes: the vector search must agree with the plain one, and every row must have every column.

#include "tables/csv.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "os/temporary_folder.h"
#include "tables/csv_marks.h"

using namespace bulwark;

namespace {

void compare_lanes(std::string text) {
  const std::size_t size = text.size();
  text.resize(size + tables::csv::kPadding);
  tables::csv::Marks plain;
  tables::csv::Marks fast;
  (void)tables::csv::Marker(',', tables::csv::Lanes::Portable).mark(text.data(), size, true, plain);
  (void)tables::csv::Marker(',').mark(text.data(), size, true, fast);
  if (plain.cell_count != fast.cell_count || plain.row_count != fast.row_count ||
      plain.inner_lines != fast.inner_lines ||
      !std::equal(plain.cell_ends.get(), plain.cell_ends.get() + plain.cell_count, fast.cell_ends.get()))
    std::abort();
}

void read_all(const tables::Dataset& dataset) {
  const auto reader = dataset.read({});
  if (!reader) return;
  tables::Block block;
  std::uint64_t rows = 0;
  for (;;) {
    const auto more = (*reader)->next(block);
    if (!more || !*more) break;
    for (const tables::Cells& cells : block.columns)
      if (cells.texts.size() != block.rows) std::abort();
    rows += block.rows;
  }
  if (rows > 0) (void)dataset.line_of(rows - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const os::TemporaryFolder folder = os::TemporaryFolder::make(os::temporary_parent()).value();
  const std::string text(text_of(Bytes(data, size)));
  compare_lanes(text);
  const std::string path = folder.path() + "/a.csv";
  std::ofstream(path, std::ios::binary) << text;
  tables::DatasetOptions options;
  options.format = "csv";
  options.limits.cell_bytes = 1000;
  const auto dataset = tables::open_dataset(path, options);
  if (dataset) read_all(**dataset);
  return 0;
}
