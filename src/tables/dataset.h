#pragma once
// A data set as typed columns and arrays. The only module that knows file formats of data: what comes out is
// the same for CSV, JSON lines, Parquet, NumPy and folders of images.
//
// A data set is opened once and read as often as wanted, front to back, in blocks; nothing is kept in memory
// beyond a block. Rows are counted from 0, the header not included.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "core/report.h"

namespace bulwark::tables {

// How the cells of a column come. A text format declares nothing: all its columns are Text.
enum class Kind : std::uint8_t { Text, Integer, Real, Boolean };

struct Column {
  std::string name;  // as in the file; "column_0" … if it names none; made unique with "_2", "_3"
  Kind kind = Kind::Text;
  std::string declared;  // the format's own word: "VARCHAR", "int64", "<f4"; empty for text formats
};

// One column of one block; exactly one of the four spans is used. Views live until the next block is read.
struct Cells {
  Kind kind = Kind::Text;
  std::span<const std::string_view> texts;  // bytes of the file, unquoted; not always UTF-8
  std::span<const std::int64_t> integers;
  std::span<const double> reals;
  std::span<const std::uint8_t> booleans;
  // Bit i % 64 of word i / 64: the format says that there is a value. Empty: it says so of all. An empty
  // text in a CSV is present; whether that means a null is for the reader of the cells to say (values.h).
  std::span<const std::uint64_t> valid;

  [[nodiscard]] bool present(std::size_t row) const {
    return valid.empty() || (valid[row / 64] >> (row % 64) & 1) != 0;
  }
};

struct Block {
  std::uint64_t first_row = 0;
  std::size_t rows = 0;  // at most kBlockRows
  std::vector<Cells> columns;
};

inline constexpr std::size_t kBlockRows = 65'536;

class Reader {
 public:
  virtual ~Reader() = default;
  // The next rows, or false at the end. What could not be read is left out and told by gaps().
  // Errors: InvalidInput or Corrupt with line or offset if nothing behind it can be understood.
  [[nodiscard]] virtual Result<bool> next(Block& block) = 0;
  // What was left out so far: ragged rows (whole row dropped), cells over the limit, bytes after a cut.
  [[nodiscard]] virtual const std::vector<Gap>& gaps() const = 0;
};

enum class Element : std::uint8_t {
  UInt8,
  Int8,
  UInt16,
  Int16,
  UInt32,
  Int32,
  UInt64,
  Int64,
  Float16,
  Float32,
  Float64,
  Boolean
};
[[nodiscard]] std::size_t size_of(Element element);

struct ArrayInfo {
  std::string name;  // of the NPZ member without ".npy"; of an .npy file its stem; "images" of a folder
  Element element = Element::Float32;
  std::vector<std::uint64_t> shape;  // the first is rows
};

// Values in row-major (C) order, native byte order; mapped where the file allows it.
struct Array {
  ArrayInfo about;
  Bytes bytes;
  std::shared_ptr<const void> owner;  // keeps `bytes` alive

  [[nodiscard]] std::uint64_t count() const;  // of elements
  // Views without a copy; empty if the element type is another.
  [[nodiscard]] std::span<const float> floats() const;
  [[nodiscard]] std::span<const double> doubles() const;
  // Element i of the whole array, whatever its type. i < count().
  [[nodiscard]] double at(std::uint64_t i) const;
};

struct Description {
  std::string path;
  std::string format;  // "csv", "tsv", "jsonl", "parquet", "npy", "npz", "images", "text"
  std::uint64_t bytes = 0;
  std::vector<Column> columns;        // one-dimensional arrays of a NPZ are columns too
  std::optional<std::uint64_t> rows;  // if the format says so without reading
  std::vector<ArrayInfo> arrays;      // with two and more dimensions
  bool first_row_is_header = false;
};

// Ceilings, each a gap or an error when reached.
struct DatasetLimits {
  std::uint64_t cell_bytes = std::uint64_t{64}
                             << 20;               // the largest documents in published text sets are below
  std::uint32_t columns = 1'000'000;              // published gene tables have some 60,000
  std::uint64_t memory = std::uint64_t{4} << 30;  // what DuckDB and decoders may hold
  std::uint64_t gaps = 1'000;                     // told one by one; the rest is counted in the last
  std::uint64_t images = 2'000'000;
  std::uint64_t image_pixels = std::uint64_t{64} << 20;  // of one image, before decoding
  std::uint64_t array_bytes = std::uint64_t{8} << 30;    // of one array that cannot be mapped
};

struct DatasetOptions {
  DatasetLimits limits;
  std::size_t jobs = 1;        // threads that a reader may use; the rows do not depend on it
  std::string format;          // empty: recognised by content, then by name
  char delimiter = 0;          // 0: recognised among , tab ; |
  std::optional<bool> header;  // empty: recognised
};

class Dataset {
 public:
  virtual ~Dataset() = default;
  [[nodiscard]] virtual const Description& about() const = 0;
  // A fresh pass over these columns (indices into about().columns, ascending); empty: over all.
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> read(std::span<const std::size_t> columns) const = 0;
  // Errors: NotFound, Unsupported (strings, objects), LimitReached, Corrupt.
  [[nodiscard]] virtual Result<Array> array(std::string_view name) const = 0;
  // Line of the text file on which the row starts, from 1; 0: not a text, or not known before it was read.
  // Threads: only after the pass that reads that row.
  [[nodiscard]] virtual std::uint32_t line_of(std::uint64_t row) const = 0;
};

// Opens a file or a folder of images. Follows no path and opens no address out of the data.
// Errors: NotFound, Denied, Unsupported (with what is supported, or which library is missing and how to get
// it), Corrupt.
[[nodiscard]] Result<std::unique_ptr<Dataset>> open_dataset(const std::string& path,
                                                            const DatasetOptions& options = {});

}  // namespace bulwark::tables
