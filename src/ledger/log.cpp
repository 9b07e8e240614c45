#include "ledger/log.h"

#include <algorithm>

#include "ledger/tile_reader.h"

namespace bulwark::ledger {
namespace {

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.find_last_not_of('/') == std::string::npos
                                ? std::string::npos
                                : path.rfind('/', path.find_last_not_of('/'));
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<SignedCheckpoint> signed_checkpoint(const NoteKey& key, const crypto::Signer& signer,
                                           std::uint64_t size, const Hash& root) {
  SignedCheckpoint made{.checkpoint = {.origin = key.name(), .size = size, .root = root, .extensions = {}},
                        .note = {}};
  made.note.text = to_text(made.checkpoint);
  NoteSignature signature = TRY(sign_note(key.name(), signer, made.note.text));
  made.note.signatures.push_back(std::move(signature));
  return made;
}

// A creation that was interrupted left at most an empty journal and the checkpoint of an empty log.
Result<void> remove_unfinished(Folder& folder) {
  TRY(folder.remove_leftovers());
  const auto numbers = TRY(segments(folder.files(), folder.journal()));
  const auto parts =
      fail(Code::Corrupt, folder.path() +
                              ": parts of a ledger are here, but its log.vkey is not; write the "
                              "verifier key back into that file");
  if (numbers.size() > 1 || (!numbers.empty() && numbers.front() != 0)) return parts;
  const auto found = read_checkpoint(folder.files(), folder.checkpoint());
  if (found && found->checkpoint.size > 0) return parts;
  if (numbers.empty()) return {};
  JournalReader reader = TRY(JournalReader::open(folder.files(), folder.segment(0)));
  const auto base = reader.next();
  const auto batch = base ? reader.next() : base;
  if (batch && *batch) return parts;
  return folder.files().remove(folder.segment(0));
}

}  // namespace

Result<void> Log::create(FileSystem& files, const std::string& path, std::string_view name,
                         const crypto::Signer& signer) {
  const NoteKey key = TRY(NoteKey::make(name, KeyKind::Ed25519, signer.public_key()));
  Folder folder(files, path);
  TRY(files.make_directory(path));
  TRY(files.make_directory(folder.journal()));
  const auto lock = TRY(files.lock(folder.at("lock")));
  if (files.open(folder.at("log.vkey")))
    return fail(Code::InvalidInput, path + ": there is a ledger here already");
  TRY(remove_unfinished(folder));
  const SignedCheckpoint empty = TRY(signed_checkpoint(key, signer, 0, empty_root()));
  const auto segment = TRY(Segment::create(folder, 0, to_text(empty.note)));
  TRY(folder.put("checkpoint", bytes_of(to_text(empty.note))));
  TRY(files.sync_directory(path));
  TRY(files.sync_directory(parent_of(path)));
  // From here on there is a ledger.
  return replace_file(files, path, folder.at("log.vkey"), folder.at("incoming"), bytes_of(key.vkey() + "\n"));
}

Result<std::unique_ptr<Log>> Log::open(FileSystem& files, const std::string& path,
                                       const crypto::Signer& signer, const LogOptions& options) {
  Folder folder(files, path);
  NoteKey key = TRY(folder.key());
  const auto given = NoteKey::make(key.name(), key.kind(), signer.public_key());
  if (!given || given->vkey() != key.vkey())
    return fail(Code::Denied,
                path + ": this is not the key that the ledger is signed with (" + key.vkey() + ")");
  auto lock = files.lock(folder.at("lock"));
  if (!lock && lock.error().code == Code::Unavailable)
    return fail(Code::Unavailable, path + ": " + std::string(kBusy));
  if (!lock) return std::unexpected(std::move(lock).error());
  Recovered recovered = TRY(recover(folder, key));
  std::unique_ptr<Log> log(new Log(std::move(folder), signer, std::move(key), options, std::move(recovered)));
  log->lock_ = std::move(*lock);
  return log;
}

Log::Log(Folder folder, const crypto::Signer& signer, NoteKey key, const LogOptions& options,
         Recovered recovered)
    : folder_(std::move(folder)),
      signer_(signer),
      key_(std::move(key)),
      options_(options),
      edge_(std::move(recovered.edge)),
      segment_(std::move(recovered.segment)),
      settled_(recovered.settled),
      segments_(std::move(recovered.segments)),
      batches_(recovered.batches),
      dropped_bytes_(recovered.dropped_bytes),
      checkpoint_(std::make_shared<SignedCheckpoint>(std::move(recovered.checkpoint))) {}

std::shared_ptr<const SignedCheckpoint> Log::checkpoint() const {
  const std::scoped_lock lock(mutex_);
  return checkpoint_;
}

Result<Receipt> Log::receipt(const Appended& appended, std::uint64_t index) const {
  TileReader reader(folder_.files(), folder_.path(), appended.checkpoint->checkpoint.size);
  Receipt receipt{.index = index, .proof = {}, .checkpoint = *appended.checkpoint, .extra = {}};
  receipt.proof = TRY(reader.inclusion(index));
  return receipt;
}

Result<Appended> Log::append_all(std::span<const Bytes> entries) {
  std::size_t bytes = 0;
  for (const Bytes entry : entries) {
    if (entry.size() > kMaxEntryBytes)
      return fail(Code::LimitReached, "an entry of " + std::to_string(entry.size()) + " bytes; at most " +
                                          std::to_string(kMaxEntryBytes) +
                                          " fit: keep the content in the store and its digest here");
    bytes += entry.size();
  }
  if (entries.empty()) return fail(Code::InvalidInput, "nothing to append");
  if (entries.size() > options_.batch_entries || bytes > options_.batch_bytes)
    return fail(Code::LimitReached, "more than one batch holds: " + std::to_string(entries.size()) +
                                        " entries of " + std::to_string(bytes) + " bytes");
  Waiting mine{.entries = entries, .result = {}};
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  arrived_.notify_one();
  while (!mine.result) {
    if (leading_) {
      finished_.wait(lock);
    } else {
      lead(lock);
    }
  }
  const bool settles = !leading_ && !settling_ && !broken_ && is_long();
  lock.unlock();
  // What went wrong is told to the next one who appends; this entry is safe.
  if (settles) (void)settle();
  return *std::move(mine.result);
}

bool Log::is_long() const {
  return segment_.size() >= options_.journal_bytes || batches_ >= options_.journal_batches;
}

std::vector<Log::Waiting*> Log::take_batch() {
  std::vector<Waiting*> batch;
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (!queue_.empty()) {
    const std::span<const Bytes> entries = queue_.front()->entries;
    count += entries.size();
    for (const Bytes entry : entries) bytes += entry.size();
    if (!batch.empty() && (count > options_.batch_entries || bytes > options_.batch_bytes)) break;
    batch.push_back(queue_.front());
    queue_.pop_front();
  }
  return batch;
}

// The first thread that finds nobody committing commits for all that wait.
void Log::lead(std::unique_lock<std::mutex>& lock) {
  leading_ = true;
  if (queue_.size() < crowd_)
    arrived_.wait_for(lock, options_.window, [&] { return queue_.size() >= crowd_; });
  const std::vector<Waiting*> batch = take_batch();
  lock.unlock();
  const auto committed = commit(batch);
  lock.lock();
  std::uint64_t index = committed ? committed->index : 0;
  for (Waiting* waiting : batch) {
    if (committed) {
      waiting->result = Appended{.index = index, .checkpoint = committed->checkpoint};
      index += waiting->entries.size();
    } else {
      waiting->result = std::unexpected(committed.error());
    }
  }
  if (committed) checkpoint_ = committed->checkpoint;
  crowd_ = std::max(batch.size() + queue_.size(), crowd_ - crowd_ / 8 - (crowd_ > 1 ? 1 : 0));
  leading_ = false;
  finished_.notify_all();
}

Result<Appended> Log::commit(std::span<Waiting* const> batch) {
  {
    const std::scoped_lock lock(mutex_);
    if (broken_) return std::unexpected(*broken_);
  }
  std::vector<Bytes> entries;
  for (const Waiting* waiting : batch)
    entries.insert(entries.end(), waiting->entries.begin(), waiting->entries.end());
  CompactRange range = edge_.range();
  std::vector<Hash> leaves;
  leaves.reserve(entries.size());
  for (const Bytes entry : entries) {
    leaves.push_back(leaf_hash(entry));
    range.append(leaves.back());
  }
  const std::uint64_t index = edge_.size();
  auto checkpoint = std::make_shared<SignedCheckpoint>();
  *checkpoint = TRY(signed_checkpoint(key_, signer_, range.size(), range.root()));
  const auto breaks = [&](const Error& error) {
    const std::scoped_lock lock(mutex_);
    broken_ = Error{error.code, "the ledger has stopped: " + error.message + "; open it again", error.offset};
    return std::unexpected(*broken_);
  };
  const auto written = segment_.append({.entries = entries, .checkpoint = to_text(checkpoint->note)});
  if (!written) {
    if (!segment_.usable()) return breaks(written.error());
    return std::unexpected(written.error());
  }
  ++batches_;
  const auto published = publish(entries, leaves, *checkpoint);
  if (!published) return breaks(published.error());
  return Appended{.index = index, .checkpoint = std::move(checkpoint)};
}

// The checkpoint comes last: whoever reads it finds all that it covers.
Result<void> Log::publish(std::span<const Bytes> entries, std::span<const Hash> leaves,
                          const SignedCheckpoint& checkpoint) {
  const Put put = [this](const std::string& name, Bytes content) { return folder_.put(name, content); };
  for (std::size_t i = 0; i < entries.size(); ++i) TRY(edge_.append(entries[i], leaves[i], put));
  TRY(edge_.put_partial(put));
  return folder_.put("checkpoint", bytes_of(to_text(checkpoint.note)));
}

Result<void> Log::settle() {
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [&] { return !leading_ && !settling_; });
  if (broken_) return std::unexpected(*broken_);
  leading_ = true;
  settling_ = true;
  const SignedCheckpoint start = *checkpoint_;
  lock.unlock();
  // Appends wait for the new segment, not for the tiles.
  auto next = Segment::create(folder_, segment_.number() + 1, to_text(start.note));
  lock.lock();
  const std::vector<std::uint64_t> old = segments_;
  const std::uint64_t old_size = settled_;
  if (next) {
    segment_ = std::move(*next);
    segments_.push_back(segment_.number());
    batches_ = 0;
  }
  leading_ = false;
  finished_.notify_all();
  lock.unlock();
  auto done = next ? folder_.sync_tiles(old_size, start.checkpoint.size)
                   : Result<void>(std::unexpected(std::move(next).error()));
  for (std::size_t i = 0; done && i < old.size(); ++i) done = folder_.files().remove(folder_.segment(old[i]));
  if (done) done = folder_.files().sync_directory(folder_.journal());
  lock.lock();
  settling_ = false;
  if (done) {
    settled_ = start.checkpoint.size;
    std::erase_if(segments_, [&](std::uint64_t number) { return number <= old.back(); });
  } else {
    broken_ = Error{done.error().code, "the ledger has stopped: " + done.error().message + "; open it again",
                    done.error().offset};
  }
  finished_.notify_all();
  return done;
}

}  // namespace bulwark::ledger
