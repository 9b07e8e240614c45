#include "ledger/recovery.h"

#include <algorithm>
#include <optional>

#include "ledger/tile_reader.h"

namespace bulwark::ledger {
namespace {

// Bytes behind a broken record that are searched for a good one.
constexpr std::uint64_t kSearchedBytes = std::uint64_t{64} << 20;
// Bytes hashed in that search.
constexpr std::uint64_t kHashedBytes = std::uint64_t{256} << 20;

std::unexpected<Error> damaged(std::string_view why) {
  return fail(Code::Corrupt,
              "the journal is damaged: " + std::string(why) + " ('bulwark ledger fsck' says more)");
}

// A batch is written only after the one before it is durable. So nothing good can stand behind a record that
// a crash cut off; if something does, the record was changed later.
Result<bool> good_record_behind(FileSystem& files, const std::string& path, std::uint64_t offset) {
  const auto file = TRY(files.open(path));
  const std::uint64_t size = TRY(file->size());
  const std::uint64_t count = std::min(size - std::min(size, offset), kSearchedBytes);
  std::vector<std::uint8_t> tail(count);
  const std::size_t have = TRY(file->read_at(offset, tail));
  tail.resize(have);
  std::uint64_t hashed = 0;
  for (std::uint64_t at = kChecksumBytes; at < tail.size() && hashed < kHashedBytes; ++at) {
    if (is_record(tail, at, hashed)) return true;
  }
  return false;
}

class Replay {
 public:
  Replay(Folder& folder, const NoteKey& key) : folder_(folder), key_(key) {}

  Result<Recovered> run() {
    TRY(folder_.remove_leftovers());
    put_ = [this](const std::string& path, Bytes content) { return folder_.put(path, content); };
    const auto numbers = TRY(read_all());
    Segment segment = TRY(Segment::resume(folder_, numbers.back(), offset_, chain_, dropped_ > 0));
    TRY(edge_.put_remembered(put_));
    TRY(not_forked(folder_.checkpoint()));
    TRY(not_forked(folder_.witnessed()));
    TRY(folder_.put("checkpoint", bytes_of(to_text(checkpoint_.note))));
    return Recovered{.edge = std::move(edge_),
                     .checkpoint = std::move(checkpoint_),
                     .segment = std::move(segment),
                     .settled = settled_,
                     .segments = numbers,
                     .batches = batches_,
                     .dropped_bytes = dropped_};
  }

  Result<JournalState> look() {
    put_ = [](const std::string&, Bytes) { return Result<void>(); };
    TRY(read_all());
    return JournalState{
        .size = edge_.size(), .settled = settled_, .batches = batches_, .dropped_bytes = dropped_};
  }

 private:
  Result<std::vector<std::uint64_t>> read_all() {
    auto numbers = TRY(segments(folder_.files(), folder_.journal()));
    if (numbers.empty()) return damaged("it has no segment");
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (i > 0 && numbers[i] != numbers[i - 1] + 1)
        return damaged("segment " + std::to_string(numbers[i - 1] + 1) + " is missing");
      TRY(read_segment(numbers[i], i == 0, i + 1 == numbers.size()));
    }
    TRY(verify(checkpoint_));
    TRY(not_behind(folder_.checkpoint()));
    TRY(not_behind(folder_.witnessed()));
    return numbers;
  }

  Result<void> read_segment(std::uint64_t number, bool first, bool last) {
    const std::string path = folder_.segment(number);
    JournalReader reader = TRY(JournalReader::open(folder_.files(), path));
    auto base = reader.next();
    if (!base) return std::unexpected(std::move(base).error().within(path));
    if (!*base || (*base)->type != RecordType::Base)
      return damaged(path + " does not start with a checkpoint");
    TRY(start(text_of((*base)->body), first));
    for (;;) {
      auto record = reader.next();
      if (!record) {
        if (record.error().code != Code::Corrupt) return std::unexpected(std::move(record).error());
        TRY(accept_as_torn(path, reader.offset(), last, record.error()));
        break;
      }
      if (!*record) break;
      if ((*record)->type != RecordType::Batch) return damaged(path + " holds a second start");
      TRY(replay((*record)->body));
    }
    offset_ = reader.offset();
    chain_ = reader.chain();
    return {};
  }

  Result<void> accept_as_torn(const std::string& path, std::uint64_t offset, bool last, const Error& error) {
    if (!last) return damaged(path + ": " + error.message);
    const bool good_behind = TRY(good_record_behind(folder_.files(), path, offset));
    if (good_behind) return damaged(path + ": " + error.message + ", and good records stand behind it");
    const auto file = TRY(folder_.files().open(path));
    const std::uint64_t size = TRY(file->size());
    dropped_ = size - offset;
    return {};
  }

  Result<void> start(std::string_view text, bool first) {
    auto base = parse_signed_checkpoint(text);
    if (!base) return damaged("start of a segment: " + base.error().message);
    // Its signature need not be verified: the last checkpoint, which is, covers what it says.
    if (!first) {
      if (base->checkpoint == checkpoint_.checkpoint) return {};
      return damaged("a segment does not continue the one before it");
    }
    TileReader reader(folder_.files(), folder_.path(), base->checkpoint.size);
    auto edge = RightEdge::load(reader, base->checkpoint.root);
    if (!edge) return std::unexpected(std::move(edge).error().within("before the start of the journal"));
    edge_ = std::move(*edge);
    settled_ = base->checkpoint.size;
    checkpoint_ = std::move(*base);
    return {};
  }

  Result<void> replay(Bytes body) {
    const auto batch = parse_batch(body);
    if (!batch) return damaged(batch.error().message);
    auto checkpoint = parse_signed_checkpoint(batch->checkpoint);
    if (!checkpoint) return damaged("checkpoint of a batch: " + checkpoint.error().message);
    CompactRange range = edge_.range();
    std::vector<Hash> leaves;
    for (const Bytes entry : batch->entries) {
      leaves.push_back(leaf_hash(entry));
      range.append(leaves.back());
    }
    if (checkpoint->checkpoint.size != range.size() || checkpoint->checkpoint.root != range.root())
      return damaged("the entries of a batch do not lead to its checkpoint at size " +
                     std::to_string(checkpoint->checkpoint.size));
    for (std::size_t i = 0; i < leaves.size(); ++i) TRY(edge_.append(batch->entries[i], leaves[i], put_));
    edge_.remember_widths();
    checkpoint_ = std::move(*checkpoint);
    ++batches_;
    return {};
  }

  // A signature costs 0.1 ms; most checkpoints that are met here are the same one.
  Result<void> verify(const SignedCheckpoint& checkpoint) {
    if (verified_ && *verified_ == checkpoint.note) return {};
    TRY(verify_checkpoint(checkpoint, key_.name(), {&key_, 1}));
    verified_ = checkpoint.note;
    return {};
  }

  // A checkpoint of ours that is readable; what a power failure tore is written again.
  Result<std::optional<Checkpoint>> published(const std::string& path) {
    const auto found = read_checkpoint(folder_.files(), path);
    if (!found && found.error().code == Code::Unavailable) return std::unexpected(found.error());
    if (!found || !verify(*found)) return std::nullopt;
    return found->checkpoint;
  }

  // What was published is never taken back: entries that are gone from the journal are damage.
  Result<void> not_behind(const std::string& path) {
    const auto seen = TRY(published(path));
    if (!seen || seen->size <= edge_.size()) return {};
    return damaged("it ends at " + std::to_string(edge_.size()) + " entries, but " + path + " has " +
                   std::to_string(seen->size));
  }

  Result<void> not_forked(const std::string& path) {
    const auto seen = TRY(published(path));
    if (!seen) return {};
    TileReader reader(folder_.files(), folder_.path(), edge_.size());
    const Hash root = TRY(reader.root_at(seen->size));
    if (root == seen->root) return {};
    return damaged("it contradicts " + path + " at size " + std::to_string(seen->size));
  }

  Folder& folder_;
  const NoteKey& key_;
  Put put_;
  RightEdge edge_;
  SignedCheckpoint checkpoint_;
  std::optional<Note> verified_;
  std::uint64_t settled_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t dropped_ = 0;
  Checksum chain_{};
};

}  // namespace

Result<JournalState> look_at_journal(Folder& folder, const NoteKey& key) {
  return Replay(folder, key).look();
}

Result<Recovered> recover(Folder& folder, const NoteKey& key) {
  return Replay(folder, key).run();
}

}  // namespace bulwark::ledger
