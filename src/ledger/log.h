#pragma once
// The writer of a log. An append returns only when its entry is durable, in the tree, and covered by a signed
// checkpoint that everybody can read.
//
// Threads that append at the same time share one batch: one record in the journal, one sync, one signature,
// one checkpoint. Memory does not grow with the log.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "crypto/signing.h"
#include "ledger/receipt.h"
#include "ledger/recovery.h"

namespace bulwark::ledger {

struct LogOptions {
  // Of one batch. Some 64,000 small entries take 20 ms to hash and write.
  std::size_t batch_entries = 65'536;
  std::size_t batch_bytes = std::size_t{16} << 20;
  // How long a batch waits for as many threads as shared the last ones; a single thread never waits.
  std::chrono::microseconds window{1'000};
  // When the tiles are synced and the journal starts anew. It is read again at the next open, and partial
  // tiles are kept for each of its batches.
  std::uint64_t journal_bytes = std::uint64_t{64} << 20;
  std::uint64_t journal_batches = 1'024;
};

// Where an entry is, and the first checkpoint that covers it.
struct Appended {
  std::uint64_t index = 0;  // of the first entry
  std::shared_ptr<const SignedCheckpoint> checkpoint;
};

// How the error of open() ends when it is worth another try.
inline constexpr std::string_view kBusy = "another process writes to this ledger";

class Log {
 public:
  // Makes an empty log that is called `name` (its origin) and signed by `signer` (Ed25519). A creation that
  // was interrupted is done again. Errors: InvalidInput: a log is there already, a wrong name; Corrupt: parts
  // of one are there; Unsupported: another type of key; those of the file system.
  [[nodiscard]] static Result<void> create(FileSystem& files, const std::string& folder,
                                           std::string_view name, const crypto::Signer& signer);

  // Takes the lock and recovers. `files` and `signer` outlive the log. Errors: NotFound; Unavailable: another
  // process writes, or the disk; Denied: not the log's key; Corrupt: see recover().
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(FileSystem& files, const std::string& folder,
                                                         const crypto::Signer& signer,
                                                         const LogOptions& options = {});
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log() = default;

  // `entry`: at most kMaxEntryBytes. Threads: safe from many at once; entries get gap-free indexes.
  // Errors: LimitReached (entry too long: nothing was written; or no space), Unavailable. After an error of
  // the disk the entry may still appear when the log is opened again, never in two versions. A sync that
  // failed ends all work of this object.
  [[nodiscard]] Result<Appended> append(Bytes entry) { return append_all({&entry, 1}); }
  // All of them in one batch, one after another. At most batch_entries and batch_bytes.
  [[nodiscard]] Result<Appended> append_all(std::span<const Bytes> entries);

  // The proof that entry `index` is in the tree of `appended`. Errors: those of the file system.
  [[nodiscard]] Result<Receipt> receipt(const Appended& appended, std::uint64_t index) const;

  // Makes the tiles durable and starts a new journal. append() does it when the journal is long.
  [[nodiscard]] Result<void> settle();

  [[nodiscard]] std::shared_ptr<const SignedCheckpoint> checkpoint() const;
  [[nodiscard]] const NoteKey& key() const { return key_; }
  [[nodiscard]] std::uint64_t dropped_bytes() const { return dropped_bytes_; }  // by recovery

 private:
  struct Waiting {
    std::span<const Bytes> entries;
    std::optional<Result<Appended>> result;
  };

  Log(Folder folder, const crypto::Signer& signer, NoteKey key, const LogOptions& options,
      Recovered recovered);

  void lead(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] std::vector<Waiting*> take_batch();
  [[nodiscard]] Result<Appended> commit(std::span<Waiting* const> batch);
  [[nodiscard]] Result<void> publish(std::span<const Bytes> entries, std::span<const Hash> leaves,
                                     const SignedCheckpoint& checkpoint);
  [[nodiscard]] bool is_long() const;

  // Only the leader, one thread at a time, touches these.
  Folder folder_;
  std::unique_ptr<FileLock> lock_;
  const crypto::Signer& signer_;
  const NoteKey key_;
  const LogOptions options_;
  RightEdge edge_;
  Segment segment_;
  std::uint64_t settled_;
  std::vector<std::uint64_t> segments_;
  std::uint64_t batches_;
  const std::uint64_t dropped_bytes_;

  mutable std::mutex mutex_;  // of all below
  std::condition_variable arrived_;
  std::condition_variable finished_;
  std::deque<Waiting*> queue_;
  std::size_t crowd_ = 1;  // threads that may be expected to share a batch
  bool leading_ = false;
  bool settling_ = false;
  std::optional<Error> broken_;
  std::shared_ptr<const SignedCheckpoint> checkpoint_;
};

}  // namespace bulwark::ledger
