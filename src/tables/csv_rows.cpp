#include "tables/csv_rows.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "tables/csv_dialect.h"

namespace bulwark::tables::csv {
namespace {

constexpr std::size_t kPiece = std::size_t{256}
                               << 10;  // with its marks and views it fits the second-level cache
constexpr std::size_t kWidestPiece = std::size_t{16} << 20;  // where sixteen rows do not fit into kPiece
constexpr std::size_t kRowsWanted = 16;
// Marks are 32-bit offsets.
constexpr std::uint64_t kLargestCell = std::uint64_t{1} << 30;

// Offset of the first byte that is no UTF-8, or the size.
std::size_t first_bad_byte(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (text.size() - at >= 8) {
      std::memcpy(&eight, text.data() + at, 8);
      if ((eight & kHigh) == 0) {
        at += 8;
        continue;
      }
    }
    const auto byte = [&](std::size_t i) {
      return at + i < text.size() ? static_cast<std::uint8_t>(text[at + i]) : std::uint8_t{0};
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80; };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) {
      ++at;
    } else if (lead >= 0xc2 && lead < 0xe0 && follows(1)) {
      at += 2;
    } else if (lead >= 0xe0 && lead < 0xf0 && follows(1) && follows(2) && (lead != 0xe0 || byte(1) >= 0xa0) &&
               (lead != 0xed || byte(1) < 0xa0)) {
      at += 3;
    } else if (lead >= 0xf0 && lead < 0xf5 && follows(1) && follows(2) && follows(3) &&
               (lead != 0xf0 || byte(1) >= 0x90) && (lead != 0xf4 || byte(1) < 0x90)) {
      at += 4;
    } else {
      return at;
    }
  }
  return text.size();
}

}  // namespace

Rows::Rows(TextSource source, char delimiter, std::size_t columns, bool header, const DatasetLimits& limits)
    : source_(std::move(source)),
      columns_(columns),
      header_(header),
      limits_(limits),
      gaps_(limits.gaps),
      marker_(delimiter),
      piece_(kPiece) {
  limits_.cell_bytes = std::min(limits_.cell_bytes, kLargestCell);
}

void Rows::start_at(std::uint64_t offset, std::uint32_t line) {
  source_.seek(offset);
  piece_offset_ = offset;
  line_ = line;
  header_ = false;
}

void Rows::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(capacity + 1 + kPadding);
  if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

// Moves what is left of the buffer to its front.
void Rows::keep_from(std::size_t offset) {
  if (offset > 0 && size_ > offset) std::memmove(buffer_.get(), buffer_.get() + offset, size_ - offset);
  size_ -= offset;
  piece_offset_ += offset;
  consumed_ = 0;
}

// Fills the buffer up to `target` bytes. The last line of a file without a line end gets one.
Result<void> Rows::read_on(std::size_t target) {
  reserve(target);
  if (!at_end_) {
    const std::size_t got = TRY(source_.read({buffer_.get() + size_, target - size_}));
    at_end_ = got < target - size_;
    size_ += got;
    if (at_end_ && size_ > 0 && buffer_[size_ - 1] != '\n' && buffer_[size_ - 1] != '\r') {
      buffer_[size_++] = '\n';
      added_ = 1;
    }
  }
  std::memset(buffer_.get() + size_, 0, kPadding);
  return {};
}

// Brings the next complete rows into the buffer; false at the end.
Result<bool> Rows::fill() {
  keep_from(consumed_);
  for (std::size_t target = size_ + piece_;; target = size_ * 2) {
    TRY(read_on(target));
    marker_.restart();
    row_ = cell_ = inner_line_ = 0;
    (void)marker_.mark(buffer_.get(), size_, at_end_, marks_);
    if (marks_.row_count > 0) break;
    if (at_end_) {
      if (size_ > 0) unterminated();
      return false;
    }
    if (const auto why = too_long()) {
      const bool more = TRY(skip_long_row(*why));
      if (!more) return false;
    }
  }
  if (marks_.row_count < kRowsWanted) piece_ = std::min(std::max(piece_, size_ * 2), kWidestPiece);
  return true;
}

// Why the row that does not end in the buffer is given up, if it is.
std::optional<std::string> Rows::too_long() const {
  const std::size_t cell = marks_.cell_count == 0 ? 0 : marks_.cell_ends[marks_.cell_count - 1] + 1;
  if (size_ - cell > limits_.cell_bytes)
    return "cell " + std::to_string(marks_.cell_count + 1) + " is longer than " +
           human_size(limits_.cell_bytes);
  if (size_ / 2 > limits_.cell_bytes) return "the row is longer than " + human_size(2 * limits_.cell_bytes);
  if (marks_.cell_count > limits_.columns)
    return "the row has more than " + std::to_string(limits_.columns) + " cells";
  return {};
}

// Gives back what a long row needed.
void Rows::shrink() {
  auto smaller = std::make_unique_for_overwrite<char[]>(size_ + piece_ + 1 + kPadding);
  std::memcpy(smaller.get(), buffer_.get(), size_);
  buffer_ = std::move(smaller);
  capacity_ = size_ + piece_;
  marks_ = Marks();
}

// Reads to the end of the row without keeping it. False if the text ends first.
Result<bool> Rows::skip_long_row(std::string_view why) {
  const std::uint32_t row_line = line_;
  const std::string where = "line " + std::to_string(row_line) + ": ";
  gaps_.add(GapReason::Limit, row_line, where + std::string(why) + "; the row was left out");
  header_ = false;
  std::uint64_t skipped = 0;
  while (!at_end_) {
    line_ += static_cast<std::uint32_t>(marks_.inner_lines.size());
    // A CR at the very end waits for what follows it.
    const std::size_t done = buffer_[size_ - 1] == '\r' ? size_ - 1 : size_;
    skipped += done;
    keep_from(done);
    if (skipped == done) shrink();
    TRY(read_on(size_ + piece_));
    (void)marker_.mark(buffer_.get(), size_, at_end_, marks_);
    if (marks_.row_count == 0) continue;
    const std::size_t end = marks_.row_ends[0];
    const auto lines = std::ranges::count_if(marks_.inner_lines, [&](std::uint32_t at) { return at < end; });
    line_ += static_cast<std::uint32_t>(lines) + 1;
    keep_from(end + 1);
    return true;
  }
  gaps_.add(GapReason::Truncated, row_line,
            where + "the row does not end; " + human_size(skipped + size_ - added_) +
                " up to the end of the file were not read");
  return false;
}

void Rows::unterminated() {
  const std::size_t cell = marks_.cell_count == 0 ? 0 : marks_.cell_ends[marks_.cell_count - 1] + 1;
  const auto lines = std::ranges::count_if(marks_.inner_lines, [&](std::uint32_t at) { return at < cell; });
  const std::uint32_t line = line_ + static_cast<std::uint32_t>(lines);
  gaps_.add(GapReason::Truncated, line,
            "line " + std::to_string(line) + ": a quote is never closed; " + human_size(size_ - added_) +
                " up to the end of the file were not read");
}

bool Rows::is_blank(std::size_t start, std::size_t end) const {
  return std::all_of(buffer_.get() + start, buffer_.get() + end,
                     [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

bool Rows::has_long_cell(std::size_t start, std::size_t cells) const {
  for (std::size_t i = 0; i < cells; ++i) {
    const std::size_t end = marks_.cell_ends[cell_ + i];
    if (end - start > limits_.cell_bytes + 2) return true;
    start = end + 1;
  }
  return false;
}

void Rows::drop_row(std::size_t start, std::size_t cells) {
  const std::size_t end = marks_.row_ends[row_];
  if (cells == 1 && is_blank(start, end)) return;
  const std::string line = "line " + std::to_string(line_) + ": ";
  gaps_.add(GapReason::Malformed, line_,
            line + std::to_string(cells) + (cells == 1 ? " cell" : " cells") + " where " +
                std::to_string(columns_) + " are expected; the row was left out");
}

// Looks at one row and steps behind it.
void Rows::take_row() {
  const std::size_t start = consumed_;
  const std::uint32_t end = marks_.row_ends[row_];
  std::size_t cells = columns_;
  const bool fits = cell_ + columns_ <= marks_.cell_count && marks_.cell_ends[cell_ + columns_ - 1] == end;
  if (!fits) {
    cells = 1;
    while (marks_.cell_ends[cell_ + cells - 1] != end) ++cells;
  }
  if (columns_ == 1 && cells == 1 && is_blank(start, end)) {
    // Blank lines are no rows; an empty cell of the only column is written "".
  } else if (header_) {
    header_ = cells == 1 && is_blank(start, end);
  } else if (!fits) {
    drop_row(start, cells);
  } else if (end - start > limits_.cell_bytes && has_long_cell(start, cells)) {
    gaps_.add(GapReason::Limit, line_,
              "line " + std::to_string(line_) + ": a cell is longer than " + human_size(limits_.cell_bytes) +
                  "; the row was left out");
  } else {
    starts_.push_back(static_cast<std::uint32_t>(start));
    first_cells_.push_back(static_cast<std::uint32_t>(cell_));
    lines_.push_back(line_);
  }
  cell_ += cells;
  ++row_;
  ++line_;
  consumed_ = end + 1;
  while (inner_line_ < marks_.inner_lines.size() && marks_.inner_lines[inner_line_] < end) {
    ++inner_line_;
    ++line_;
  }
}

Result<bool> Rows::next(std::size_t most) {
  starts_.clear();
  first_cells_.clear();
  lines_.clear();
  while (starts_.empty()) {
    if (row_ == marks_.row_count) {
      bool more = !finished_;
      if (more) more = TRY(fill());
      if (!more) {
        finish();
        return false;
      }
    }
    const std::size_t first = consumed_;
    while (row_ < marks_.row_count && starts_.size() < most) take_row();
    if (marks_.high || marks_.zeros || marks_.stray) look_at(first);
  }
  return true;
}

// What does not stop reading but is told once: other encodings, NUL bytes, text behind a closing quote.
void Rows::look_at(std::size_t first) {
  const std::string_view done(buffer_.get() + first, consumed_ - first);
  const auto tell = [&](std::size_t at, std::string_view what) {
    const auto row = std::ranges::upper_bound(starts_, first + at);
    const std::uint32_t line =
        row == starts_.begin() ? line_ : lines_[static_cast<std::size_t>(row - starts_.begin()) - 1];
    gaps_.add(GapReason::Malformed, line, "from line " + std::to_string(line) + " on: " + std::string(what));
  };
  if (marks_.high && !told_encoding_) {
    if (const std::size_t bad = first_bad_byte(done); bad < done.size()) {
      told_encoding_ = true;
      tell(bad, "bytes that are no UTF-8; they are read as they are");
    }
  }
  if (marks_.zeros && !told_zeros_) {
    if (const std::size_t zero = done.find('\0'); zero != std::string_view::npos) {
      told_zeros_ = true;
      tell(zero, "NUL bytes; other programs may end a text there");
    }
  }
  if (marks_.stray && *marks_.stray < consumed_ && !told_stray_) {
    told_stray_ = true;
    tell(*marks_.stray - first, "text behind the closing quote of a cell; it is read as part of the cell");
  }
}

void Rows::finish() {
  if (finished_) return;
  finished_ = true;
  if (source_.lost_units() > 0)
    gaps_.add(
        GapReason::Malformed, 0,
        std::to_string(source_.lost_units()) + " units of UTF-16 are no characters; each was read as U+FFFD");
  if (source_.changed()) gaps_.add(GapReason::Changed, 0, "the file changed while it was read");
}

void Rows::cells(std::size_t column, std::size_t first, std::size_t last, std::string_view* to) {
  char* const text = buffer_.get();
  const std::uint32_t* ends = marks_.cell_ends.get();
  const bool strip = marks_.returns && column + 1 == columns_;
  for (std::size_t i = first; i < last; ++i) {
    const std::size_t cell = first_cells_[i] + column;
    const std::size_t start = column == 0 ? starts_[i] : ends[cell - 1] + 1;
    std::size_t size = ends[cell] - start;
    if (strip && size > 0 && text[start + size - 1] == '\r') --size;
    *to++ = marks_.quotes && size > 0 && text[start] == '"' ? unquoted(text + start, size)
                                                            : std::string_view(text + start, size);
  }
}

}  // namespace bulwark::tables::csv
