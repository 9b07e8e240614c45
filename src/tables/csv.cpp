#include "tables/csv.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "base/text.h"
#include "os/input_file.h"
#include "tables/columns.h"
#include "tables/csv_dialect.h"
#include "tables/csv_rows.h"
#include "tables/text_source.h"

namespace bulwark::tables {
namespace {

// The start of a file that is read to recognise its dialect; the first row must end in the longer one.
constexpr std::size_t kSample = std::size_t{256} << 10;
constexpr std::size_t kLongSample = std::size_t{16} << 20;
// A million views: sixteen megabytes beside the piece they point into.
constexpr std::size_t kViews = std::size_t{1} << 20;

// Where the blocks of the first complete pass started: enough to find the line of any row again.
class LineIndex {
 public:
  struct Entry {
    std::uint64_t first_row = 0;
    std::uint64_t offset = 0;  // of its first row in the text
    std::uint32_t line = 0;
    bool plain = false;  // every row is one line, none was left out
  };

  void add(const Entry& entry, std::uint64_t rows) {
    const std::lock_guard lock(mutex_);
    if (entry.first_row != known_) return;  // another pass was here
    entries_.push_back(entry);
    known_ += rows;
  }
  [[nodiscard]] std::optional<Entry> find(std::uint64_t row) const {
    const std::lock_guard lock(mutex_);
    if (row >= known_) return {};
    return *(std::ranges::upper_bound(entries_, row, {}, &Entry::first_row) - 1);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::uint64_t known_ = 0;  // rows
};

class CsvReader : public Reader {
 public:
  CsvReader(csv::Rows rows, std::vector<std::size_t> columns, std::shared_ptr<LineIndex> lines)
      : rows_(std::move(rows)), columns_(std::move(columns)), lines_(std::move(lines)) {}

  Result<bool> next(Block& block) override {
    const std::size_t most =
        std::clamp(kViews / std::max<std::size_t>(columns_.size(), 1), std::size_t{1}, kBlockRows);
    const bool more = TRY(rows_.next(most));
    if (!more) return false;
    const std::size_t rows = rows_.count();
    block.first_row = row_;
    block.rows = rows;
    fill(block);
    lines_->add({.first_row = row_,
                 .offset = rows_.offset(0),
                 .line = rows_.line(0),
                 .plain = rows_.line(rows - 1) - rows_.line(0) == rows - 1},
                rows);
    row_ += rows;
    return true;
  }
  const std::vector<Gap>& gaps() const override { return rows_.gaps(); }

 private:
  void fill(Block& block) {
    const std::size_t rows = block.rows;
    // Columns are written side by side; at a distance of a page's multiple they would share their cache
    // lines.
    std::size_t stride = rows + 4;
    if (stride % 256 < 8) stride += 8;
    if (views_.size() < stride * columns_.size()) views_.resize(stride * columns_.size());
    // A tile of rows keeps their marks in the first-level cache from column to column.
    constexpr std::size_t kTile = 64;
    for (std::size_t first = 0; first < rows; first += kTile) {
      const std::size_t last = std::min(first + kTile, rows);
      for (std::size_t i = 0; i < columns_.size(); ++i)
        rows_.cells(columns_[i], first, last, views_.data() + i * stride + first);
    }
    block.columns.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      block.columns[i] = Cells{};
      block.columns[i].texts = {views_.data() + i * stride, rows};
    }
  }

  csv::Rows rows_;
  std::vector<std::size_t> columns_;
  std::shared_ptr<LineIndex> lines_;  // with the data set
  std::vector<std::string_view> views_;
  std::uint64_t row_ = 0;
};

class CsvDataset : public Dataset {
 public:
  CsvDataset(std::shared_ptr<const os::InputFile> file, Description about, char delimiter,
             DatasetLimits limits)
      : file_(std::move(file)), about_(std::move(about)), delimiter_(delimiter), limits_(limits) {}

  const Description& about() const override { return about_; }

  Result<std::unique_ptr<Reader>> read(std::span<const std::size_t> columns) const override {
    std::vector<std::size_t> chosen = TRY(chosen_columns(columns, about_.columns.size()));
    csv::Rows rows = TRY(make_rows());
    return std::make_unique<CsvReader>(std::move(rows), std::move(chosen), lines_);
  }

  Result<Array> array(std::string_view name) const override {
    return fail(Code::NotFound, "a text table holds no array " + printable(name));
  }

  std::uint32_t line_of(std::uint64_t row) const override {
    const auto entry = lines_->find(row);
    if (!entry) return 0;
    if (entry->plain) return entry->line + static_cast<std::uint32_t>(row - entry->first_row);
    return line_read_again(*entry, row);
  }

 private:
  [[nodiscard]] Result<csv::Rows> make_rows() const {
    TextSource source = TRY(TextSource::open(file_));
    return csv::Rows(std::move(source), delimiter_, about_.columns.size(), about_.first_row_is_header,
                     limits_);
  }

  // Rows of several lines, or some left out: the piece is read again up to that row.
  [[nodiscard]] std::uint32_t line_read_again(const LineIndex::Entry& entry, std::uint64_t row) const {
    auto rows = make_rows();
    if (!rows) return 0;
    std::uint64_t first = 0;
    if (rows->seekable()) {
      rows->start_at(entry.offset, entry.line);
      first = entry.first_row;
    }
    for (;;) {
      const auto more = rows->next(kBlockRows);
      if (!more || !*more) return 0;  // the file is not what it was
      if (row < first + rows->count()) return rows->line(static_cast<std::size_t>(row - first));
      first += rows->count();
    }
  }

  std::shared_ptr<const os::InputFile> file_;
  Description about_;
  char delimiter_;
  DatasetLimits limits_;
  std::shared_ptr<LineIndex> lines_ = std::make_shared<LineIndex>();  // with the readers
};

struct Sample {
  std::string text;
  bool whole = false;
};
Result<Sample> sample_of(const std::shared_ptr<const os::InputFile>& file, std::size_t size) {
  TextSource source = TRY(TextSource::open(file));
  Sample sample;
  sample.text.resize(size);
  const std::size_t got = TRY(source.read(sample.text));
  sample.text.resize(got);
  sample.whole = got < size;
  return sample;
}

Result<csv::Dialect> dialect_of(const std::shared_ptr<const os::InputFile>& file,
                                const DatasetOptions& options) {
  Sample sample = TRY(sample_of(file, kSample));
  auto dialect = csv::recognise(sample.text, sample.whole, options);
  if (sample.whole || (dialect && dialect->names.size() < 1000)) return dialect;
  // Very wide rows: two of them should be seen.
  sample = TRY(sample_of(file, kLongSample));
  return csv::recognise(sample.text, sample.whole, options);
}

bool named_as_table(std::string_view extension) {
  return extension == "csv" || extension == "tsv" || extension == "tab" || extension == "psv";
}

DatasetOptions with_delimiter(const Candidate& candidate) {
  DatasetOptions options = candidate.options;
  if (options.delimiter == 0 && options.format == "tsv") options.delimiter = '\t';
  return options;
}

}  // namespace

bool recognises_csv(const Candidate& candidate) {
  if (candidate.folder) return false;
  if (named_as_table(candidate.extension)) return true;
  const std::string_view head = text_of(candidate.head);
  const bool utf16 = has_magic(candidate.head, "\xff\xfe") || has_magic(candidate.head, "\xfe\xff");
  if (!utf16 && head.find('\0') != std::string_view::npos) return false;
  if (utf16) return candidate.extension != "txt";
  const auto dialect = csv::recognise(head, candidate.bytes == head.size(), with_delimiter(candidate));
  return dialect && dialect->names.size() > 1 && dialect->consistency > 0.9;
}

Result<std::unique_ptr<Dataset>> open_csv(const Candidate& candidate) {
  auto file = TRY(os::InputFile::open(candidate.path));
  csv::Dialect dialect = TRY(dialect_of(file, with_delimiter(candidate)));
  Description about;
  about.path = candidate.path;
  about.format = dialect.delimiter == '\t' ? "tsv" : "csv";
  about.bytes = file->size();
  about.first_row_is_header = dialect.header;
  for (std::string& name : dialect.names)
    about.columns.push_back({.name = std::move(name), .kind = Kind::Text, .declared = {}});
  return std::make_unique<CsvDataset>(std::move(file), std::move(about), dialect.delimiter,
                                      candidate.options.limits);
}

}  // namespace bulwark::tables
