#include "ledger/segment.h"

#include <vector>

namespace bulwark::ledger {

Result<Segment> Segment::create(const Folder& folder, std::uint64_t number, std::string_view checkpoint) {
  Segment segment(folder.files(), folder.segment(number), number);
  std::vector<std::uint8_t> content(kJournalHeader.begin(), kJournalHeader.end());
  const auto base = encode_record(RecordType::Base, bytes_of(checkpoint), segment.chain_);
  content.insert(content.end(), base.begin(), base.end());
  const std::string temporary = folder.journal() + "/incoming";
  segment.file_ = TRY(folder.files().create(temporary));
  TRY(segment.file_->append(content));
  TRY(segment.file_->sync());
  TRY(folder.files().rename(temporary, segment.path_));
  TRY(folder.files().sync_directory(folder.journal()));
  segment.offset_ = content.size();
  return segment;
}

Result<Segment> Segment::resume(const Folder& folder, std::uint64_t number, std::uint64_t offset,
                                const Checksum& chain, bool cut) {
  Segment segment(folder.files(), folder.segment(number), number);
  if (cut) TRY(folder.files().truncate(segment.path_, offset));
  segment.file_ = TRY(folder.files().append_to(segment.path_));
  if (!cut) TRY(segment.file_->sync());
  segment.offset_ = offset;
  segment.chain_ = chain;
  return segment;
}

Result<void> Segment::append(const Batch& batch) {
  Checksum chain = chain_;
  const auto record = encode_record(RecordType::Batch, encode_batch(batch), chain);
  const auto appended = file_->append(record);
  const auto written = appended ? file_->sync() : appended;
  if (!written) {
    // Nobody has seen the record, and nobody must: what a failed sync left behind may read well now and be
    // gone after a power failure. After a failed sync nothing more is written in any case.
    const auto cut = files_->truncate(path_, offset_);
    usable_ = cut.has_value() && !appended;
    return written;
  }
  offset_ += record.size();
  chain_ = chain;
  return {};
}

}  // namespace bulwark::ledger
