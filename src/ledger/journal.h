#pragma once
// The journal: where a batch of entries becomes durable, together with the signed checkpoint that covers it,
// by one write and one sync. Tiles, bundles and the checkpoint file are made from it
// (docs/formats/ledger.md).
//
// A segment starts with the checkpoint of the tree that it continues. Records are chained by their checksums,
// so that none can be left out, repeated or brought in from another segment by accident. Against forgery
// stand signatures, not checksums.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "ledger/merkle.h"

namespace bulwark::ledger {

struct JournalLimits {
  // Entries and checkpoint of one batch.
  std::uint64_t record_bytes = std::uint64_t{64} << 20;
  std::uint32_t entries = 65'536;
  // Segments that wait for their tiles to be synced; each is a settling that failed.
  std::size_t segments = 10'000;
};

enum class RecordType : std::uint8_t {
  Base = 1,   // text of the signed checkpoint that the segment continues
  Batch = 2,  // entries, and the text of the signed checkpoint behind them
};

inline constexpr std::string_view kJournalHeader = "bulwark-ledger-journal/1\n";
inline constexpr std::size_t kChecksumBytes = 16;
using Checksum = std::array<std::uint8_t, kChecksumBytes>;

struct Batch {
  std::vector<Bytes> entries;
  std::string_view checkpoint;
};

// length (u32, little endian) | type (u8) | body | checksum. `chain`: of the record before, zeros for the
// first; replaced by the new one.
[[nodiscard]] std::vector<std::uint8_t> encode_record(RecordType type, Bytes body, Checksum& chain);
[[nodiscard]] std::vector<std::uint8_t> encode_batch(const Batch& batch);
// Views into `body`. Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<Batch> parse_batch(Bytes body, const JournalLimits& limits = {});

// Whether a whole record that matches its checksum stands at `offset` of the bytes, taking the 16 bytes
// before it for the checksum of the record before. `offset`: at least 16. With `bytes_hashed` the cost is
// counted.
[[nodiscard]] bool is_record(Bytes bytes, std::uint64_t offset, std::uint64_t& bytes_hashed);

struct Record {
  RecordType type = RecordType::Base;
  std::vector<std::uint8_t> body;
};

// Record by record, so that a segment of any size needs the memory of its largest record.
class JournalReader {
 public:
  // Errors: those of the file; Corrupt: another header.
  [[nodiscard]] static Result<JournalReader> open(FileSystem& files, const std::string& path,
                                                  const JournalLimits& limits = {});
  [[nodiscard]] static Result<JournalReader> open(std::unique_ptr<ReadableFile> file,
                                                  const JournalLimits& limits = {});

  // Nothing at the end. Errors: Corrupt, with the offset: a record that is cut off or whose checksum does not
  // match; what was read before stands.
  [[nodiscard]] Result<std::optional<Record>> next();
  [[nodiscard]] std::uint64_t offset() const { return offset_; }  // behind the last good record
  [[nodiscard]] const Checksum& chain() const { return chain_; }

 private:
  JournalReader(std::unique_ptr<ReadableFile> file, std::uint64_t size, const JournalLimits& limits)
      : file_(std::move(file)), size_(size), limits_(limits) {}

  std::unique_ptr<ReadableFile> file_;
  std::uint64_t size_;
  JournalLimits limits_;
  std::uint64_t offset_ = kJournalHeader.size();
  Checksum chain_{};
};

[[nodiscard]] std::string segment_name(std::uint64_t number);  // 20 digits
// Numbers of the segments in a journal folder, ascending. Errors: LimitReached, those of list().
[[nodiscard]] Result<std::vector<std::uint64_t>> segments(FileSystem& files, const std::string& folder,
                                                          const JournalLimits& limits = {});

}  // namespace bulwark::ledger
