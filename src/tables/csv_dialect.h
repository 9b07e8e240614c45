#pragma once
// How a CSV file is written, recognised from its beginning: delimiter, header, names.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tables/dataset.h"

namespace bulwark::tables::csv {

struct Dialect {
  char delimiter = ',';
  bool header = false;
  std::vector<std::string> names;  // one per column, unique
  // Share of the sampled rows that have as many cells as most of them; a table if there is more than one
  // cell.
  double consistency = 0;
};

// The delimiter is the one with which most rows have equally many cells; a header is recognised by its types
// (names over numbers) and, among texts, by names that do not come again below.
// `sample`: the start of the text without byte order mark. `whole`: nothing follows it.
// Errors: InvalidInput (no complete row; the text is empty), LimitReached (too many columns).
[[nodiscard]] Result<Dialect> recognise(std::string_view sample, bool whole, const DatasetOptions& options);

// The content of a cell between its delimiters: quotes around it taken off, doubled ones halved, both in
// place.
[[nodiscard]] std::string_view unquoted(char* cell, std::size_t size);

}  // namespace bulwark::tables::csv
