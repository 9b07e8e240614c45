#include "ledger/journal.h"

#include <algorithm>
#include <optional>

#include "crypto/hash.h"
#include "ledger/decimal.h"
#include "ledger/tiles.h"

namespace bulwark::ledger {
namespace {

constexpr std::size_t kFrameBytes = 5;  // length and type
constexpr std::size_t kSegmentDigits = 20;

void append_little_endian(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xFF));
}

Checksum checksum_of(const Checksum& chain, Bytes frame, Bytes body) {
  const crypto::Hash256 hash = crypto::sha256_bytes(chain, frame, body);
  Checksum checksum{};
  std::copy_n(hash.begin(), kChecksumBytes, checksum.begin());
  return checksum;
}

bool is_type(std::uint8_t type) {
  return type == static_cast<std::uint8_t>(RecordType::Base) ||
         type == static_cast<std::uint8_t>(RecordType::Batch);
}

}  // namespace

std::vector<std::uint8_t> encode_record(RecordType type, Bytes body, Checksum& chain) {
  std::vector<std::uint8_t> record;
  record.reserve(kFrameBytes + body.size() + kChecksumBytes);
  append_little_endian(record, static_cast<std::uint32_t>(body.size()));
  record.push_back(static_cast<std::uint8_t>(type));
  chain = checksum_of(chain, record, body);
  record.insert(record.end(), body.begin(), body.end());
  record.insert(record.end(), chain.begin(), chain.end());
  return record;
}

std::vector<std::uint8_t> encode_batch(const Batch& batch) {
  std::vector<std::uint8_t> body;
  append_little_endian(body, static_cast<std::uint32_t>(batch.entries.size()));
  for (const Bytes entry : batch.entries) append_to_bundle(body, entry);
  const Bytes checkpoint = bytes_of(batch.checkpoint);
  body.insert(body.end(), checkpoint.begin(), checkpoint.end());
  return body;
}

Result<Batch> parse_batch(Bytes body, const JournalLimits& limits) {
  ByteReader in(body);
  const auto count = TRY(in.little_endian<std::uint32_t>("number of entries"));
  if (count > limits.entries)
    return fail(Code::LimitReached, "a batch of " + std::to_string(count) + " entries, at most " +
                                        std::to_string(limits.entries) + " are read");
  Batch batch;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto size = TRY(in.big_endian<std::uint16_t>("length of entry"));
    const Bytes entry = TRY(in.take(size, "entry"));
    batch.entries.push_back(entry);
  }
  batch.checkpoint = text_of(in.rest());
  return batch;
}

bool is_record(Bytes bytes, std::uint64_t offset, std::uint64_t& bytes_hashed) {
  if (offset < kChecksumBytes || bytes.size() - offset < kFrameBytes + kChecksumBytes) return false;
  const Bytes frame = bytes.subspan(offset, kFrameBytes);
  const auto length = load_little_endian<std::uint32_t>(frame.data());
  if (!is_type(frame[4]) || length > bytes.size() - offset - kFrameBytes - kChecksumBytes) return false;
  bytes_hashed += length;
  Checksum chain{};
  std::ranges::copy(bytes.subspan(offset - kChecksumBytes, kChecksumBytes), chain.begin());
  const Checksum checksum = checksum_of(chain, frame, bytes.subspan(offset + kFrameBytes, length));
  return std::ranges::equal(checksum, bytes.subspan(offset + kFrameBytes + length, kChecksumBytes));
}

Result<JournalReader> JournalReader::open(FileSystem& files, const std::string& path,
                                          const JournalLimits& limits) {
  auto file = TRY(files.open(path));
  auto reader = open(std::move(file), limits);
  if (!reader) return std::unexpected(std::move(reader).error().within(path));
  return reader;
}

Result<JournalReader> JournalReader::open(std::unique_ptr<ReadableFile> file, const JournalLimits& limits) {
  const std::uint64_t size = TRY(file->size());
  std::vector<std::uint8_t> header(kJournalHeader.size());
  const std::size_t have = TRY(file->read_at(0, header));
  if (have < header.size() || text_of(header) != kJournalHeader)
    return fail(Code::Corrupt, "not a journal of this version", 0);
  return JournalReader(std::move(file), size, limits);
}

Result<std::optional<Record>> JournalReader::next() {
  if (offset_ == size_) return std::nullopt;
  const auto broken = [&](std::string_view why) {
    return fail(Code::Corrupt,
                "journal record at offset " + std::to_string(offset_) + ": " + std::string(why), offset_);
  };
  std::vector<std::uint8_t> frame(kFrameBytes);
  if (const std::size_t have = TRY(file_->read_at(offset_, frame)); have < kFrameBytes)
    return broken("cut off");
  const auto length = load_little_endian<std::uint32_t>(frame.data());
  if (length > limits_.record_bytes) return broken("its length is impossible");
  const std::uint64_t total = kFrameBytes + std::uint64_t{length} + kChecksumBytes;
  if (size_ - offset_ < total) return broken("cut off");
  std::vector<std::uint8_t> rest(length + kChecksumBytes);
  if (const std::size_t have = TRY(file_->read_at(offset_ + kFrameBytes, rest)); have < rest.size())
    return broken("cut off");
  const Bytes body = Bytes(rest).first(length);
  const Checksum checksum = checksum_of(chain_, frame, body);
  if (!std::ranges::equal(checksum, Bytes(rest).subspan(length)))
    return broken("its checksum does not match");
  if (!is_type(frame[4])) return broken("of an unknown type");
  chain_ = checksum;
  offset_ += total;
  rest.resize(length);
  return Record{.type = static_cast<RecordType>(frame[4]), .body = std::move(rest)};
}

std::string segment_name(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kSegmentDigits - digits.size(), '0') + digits;
}

Result<std::vector<std::uint64_t>> segments(FileSystem& files, const std::string& folder,
                                            const JournalLimits& limits) {
  const auto listed = TRY(files.list(folder));
  std::vector<std::uint64_t> numbers;
  for (const DirectoryEntry& entry : listed) {
    if (entry.kind != EntryKind::File || entry.name.size() != kSegmentDigits) continue;
    const std::size_t digits = entry.name.find_first_not_of('0');
    const auto number =
        decimal_from(digits == std::string::npos ? "0" : std::string_view(entry.name).substr(digits));
    if (number) numbers.push_back(*number);
    if (numbers.size() > limits.segments)
      return fail(Code::LimitReached,
                  folder + ": more than " + std::to_string(limits.segments) + " journal segments");
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace bulwark::ledger
