#pragma once
// Tables as records: where one record ends and the next begins, and the salted hash of each.
//
// A record is its bytes, line end included: all records of a file put together are the file.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::trust {

enum class RecordFormat : std::uint8_t {
  Csv,    // RFC 4180: a line end inside quotes does not end a record
  Lines,  // JSON Lines, tab-separated values
};
[[nodiscard]] std::string_view name_of(RecordFormat format);  // "csv", "lines"
[[nodiscard]] std::optional<RecordFormat> record_format_from(std::string_view name);
// By the ending of the name: .csv, .tsv, .jsonl, .ndjson. Empty: no table.
[[nodiscard]] std::optional<RecordFormat> record_format_of(std::string_view path);

// Called for every record, in order. `line`: on which it begins, from 1.
using EachRecord = std::function<void(Bytes record, std::uint64_t line)>;

// Finds records in content that comes in pieces; holds no more than the one that is not yet complete.
class RecordSplitter {
 public:
  RecordSplitter(RecordFormat format, EachRecord each) : format_(format), each_(std::move(each)) {}

  // Errors: LimitReached: a record of more than 64 MiB, such as behind a quote that is never closed.
  [[nodiscard]] Result<void> feed(Bytes piece);
  // What is left without a line end is a record, too.
  void finish();

 private:
  enum class State : std::uint8_t { FieldStart, Field, Quoted, QuoteInQuoted };

  [[nodiscard]] std::optional<std::size_t> end_in(Bytes piece);
  void emit(Bytes rest);

  RecordFormat format_;
  EachRecord each_;
  std::vector<std::uint8_t> begun_;  // of the record, from earlier pieces
  State state_ = State::FieldStart;
  std::uint64_t offset_ = 0;  // of the piece in the file
  std::uint64_t line_ = 1;
  std::uint64_t inner_lines_ = 0;  // line ends within the record, so far
};

// The first half of SHA-256(salt || record). Without the salt nobody can try out what a record may be.
using RecordHash = std::array<std::uint8_t, 16>;
using Salt = std::array<std::uint8_t, 32>;
[[nodiscard]] RecordHash record_hash(const Salt& salt, Bytes record);

// What became of the records of a file. Numbers are from 1.
struct RecordDifference {
  struct Change {
    std::uint64_t before = 0;  // 0: there was none
    std::uint64_t after = 0;   // 0: there is none
  };
  std::vector<Change> changed;  // another record in the same place
  std::vector<Change> removed;
  std::vector<Change> added;
  std::vector<Change> moved;  // the same record in another place: the fewest that explain the new order

  [[nodiscard]] bool empty() const {
    return changed.empty() && removed.empty() && added.empty() && moved.empty();
  }
};
// O(n log n) in time, memory for both.
[[nodiscard]] RecordDifference compare_records(const std::vector<RecordHash>& before,
                                               const std::vector<RecordHash>& after);

}  // namespace bulwark::trust
