#pragma once
// CSV and TSV that we write (RFC 4180): in the dialect of a file that was read.

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::tables {

struct CsvDialect {
  char delimiter = ',';
  bool carriage_return = false;  // lines end in CR LF
  bool byte_order_mark = false;  // the file starts with that of UTF-8
};

// Out of the beginning of a file with that many columns: the delimiter that cuts its first record into so
// many. `fallback` if none does.
[[nodiscard]] CsvDialect csv_dialect(std::string_view beginning, std::size_t columns, char fallback);

// Writes cells as they are, quoted where they must be: the delimiter, quotes, line ends, and an empty cell
// that is the only one of its row.
class CsvWriter {
 public:
  // `sink` gets pieces of some hundred kilobytes, in order.
  using Sink = std::function<Result<void>(std::string_view)>;
  CsvWriter(CsvDialect dialect, Sink sink);
  [[nodiscard]] Result<void> row(std::span<const std::string_view> cells);
  [[nodiscard]] Result<void> finish();  // hands over what is left

 private:
  void append(std::string_view cell);
  CsvDialect dialect_;
  Sink sink_;
  std::string buffer_;
};

}  // namespace bulwark::tables
