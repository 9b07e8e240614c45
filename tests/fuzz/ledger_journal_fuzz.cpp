// Bundles, batches and records of the journal.

#include <cstdlib>

#include "ledger/journal.h"
#include "ledger/tiles.h"

using namespace bulwark;

namespace {

// A journal in memory, without the rest of a disk.
class OneFile : public ReadableFile {
 public:
  explicit OneFile(Bytes content) : content_(content) {}
  [[nodiscard]] Result<std::uint64_t> size() const override { return content_.size(); }
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset,
                                            std::span<std::uint8_t> out) const override {
    if (offset >= content_.size()) return std::size_t{0};
    const Bytes rest =
        content_.subspan(offset, std::min<std::uint64_t>(out.size(), content_.size() - offset));
    std::copy(rest.begin(), rest.end(), out.begin());
    return rest.size();
  }

 private:
  Bytes content_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes = Bytes(data, size).subspan(1);
  if (const auto entries = ledger::parse_bundle(bytes, data[0])) {
    std::vector<std::uint8_t> again;
    for (const Bytes entry : *entries) ledger::append_to_bundle(again, entry);
    if (!std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) std::abort();
  }
  (void)ledger::parse_tile(bytes, data[0]);
  if (const auto batch = ledger::parse_batch(bytes)) {
    const auto again = ledger::encode_batch(*batch);
    if (!std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) std::abort();
  }
  std::uint64_t hashed = 0;
  for (std::uint64_t at = ledger::kChecksumBytes; at < bytes.size() && at < 64; ++at)
    (void)ledger::is_record(bytes, at, hashed);
  // The input as the bodies of a journal, broken at one place.
  ledger::Checksum chain{};
  std::vector<std::uint8_t> journal(ledger::kJournalHeader.begin(), ledger::kJournalHeader.end());
  const auto record = ledger::encode_record(ledger::RecordType::Batch, bytes, chain);
  journal.insert(journal.end(), record.begin(), record.end());
  journal[data[0] % journal.size()] ^= 1;
  auto reader = ledger::JournalReader::open(std::make_unique<OneFile>(journal));
  while (reader) {
    const auto next = reader->next();
    if (!next || !*next) break;
    std::abort();  // no record is read that was changed
  }
  return 0;
}
