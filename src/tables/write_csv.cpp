#include "tables/write_csv.h"

#include <algorithm>
#include <array>

namespace bulwark::tables {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 18U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::array<char, 4> kDelimiters = {',', '\t', ';', '|'};

// Fields of the first record, and where it ends.
struct FirstRecord {
  std::size_t fields = 1;
  std::size_t end = 0;
};
FirstRecord first_record(std::string_view text, char delimiter) {
  FirstRecord record;
  bool quoted = false;
  for (record.end = 0; record.end < text.size(); ++record.end) {
    const char letter = text[record.end];
    if (letter == '"') {
      quoted = !quoted;
    } else if (!quoted && letter == delimiter) {
      ++record.fields;
    } else if (!quoted && letter == '\n') {
      break;
    }
  }
  return record;
}

}  // namespace

CsvDialect csv_dialect(std::string_view beginning, std::size_t columns, char fallback) {
  CsvDialect dialect{.delimiter = fallback};
  dialect.byte_order_mark = beginning.starts_with(kByteOrderMark);
  if (dialect.byte_order_mark) beginning.remove_prefix(kByteOrderMark.size());
  const auto fits = [&](char delimiter) { return first_record(beginning, delimiter).fields == columns; };
  if (!fits(fallback)) {
    const auto found = std::ranges::find_if(kDelimiters, fits);
    if (found != kDelimiters.end()) dialect.delimiter = *found;
  }
  const std::size_t end = first_record(beginning, dialect.delimiter).end;
  dialect.carriage_return = end > 0 && end < beginning.size() && beginning[end - 1] == '\r';
  return dialect;
}

CsvWriter::CsvWriter(CsvDialect dialect, Sink sink) : dialect_(dialect), sink_(std::move(sink)) {
  if (dialect.byte_order_mark) buffer_ += kByteOrderMark;
}

void CsvWriter::append(std::string_view cell) {
  const bool plain = std::ranges::none_of(cell, [this](char letter) {
    return letter == dialect_.delimiter || letter == '"' || letter == '\n' || letter == '\r';
  });
  if (plain) {
    buffer_ += cell;
    return;
  }
  buffer_ += '"';
  for (const char letter : cell) {
    if (letter == '"') buffer_ += '"';
    buffer_ += letter;
  }
  buffer_ += '"';
}

Result<void> CsvWriter::row(std::span<const std::string_view> cells) {
  bool first = true;
  for (const std::string_view cell : cells) {
    if (!first) buffer_ += dialect_.delimiter;
    first = false;
    append(cell);
  }
  // A line without anything would be no row.
  if (cells.size() == 1 && cells.front().empty()) buffer_ += "\"\"";
  if (dialect_.carriage_return) buffer_ += '\r';
  buffer_ += '\n';
  if (buffer_.size() >= kPiece) return finish();
  return {};
}

Result<void> CsvWriter::finish() {
  if (buffer_.empty()) return {};
  Result<void> written = sink_(buffer_);
  buffer_.clear();
  return written;
}

}  // namespace bulwark::tables
