#pragma once
// What the columns of a data set are good for: found out in one pass before rows are kept. Inside this
// module.

#include <cstdint>
#include <string>
#include <vector>

#include "assay/part.h"
#include "base/result.h"
#include "tables/dataset.h"

namespace bulwark::assay {

enum class Use : std::uint8_t { Number, Category, Text, Ignored, Label, Group, Source, Time, Id };

struct ColumnUse {
  std::string name;
  Use use = Use::Ignored;
  std::uint64_t cells = 0;    // that are no null
  std::uint64_t numbers = 0;  // of them
  bool whole = true;          // all numbers are integers …
  bool bytes = true;          // … and from 0 to 255
};

struct ColumnUses {
  std::vector<ColumnUse> columns;  // of the data set, in order
  std::uint64_t rows = 0;
};

// Reads all rows once. Errors: NotFound with the nearest name for a role whose column is not there; those of
// the reader. `gaps` gets what the reader left out.
[[nodiscard]] Result<ColumnUses> column_uses(const tables::Dataset& dataset, const Settings& settings,
                                             std::vector<Gap>& gaps);

// Whether the number columns are the pixels of square images (of one or three channels) spread over a table,
// as pixel0 … pixel783 are: side, or 0. `columns` gets their indices in the data set, in order of pixel.
[[nodiscard]] std::size_t pixel_columns(const ColumnUses& uses, std::vector<std::size_t>& columns);

}  // namespace bulwark::assay
