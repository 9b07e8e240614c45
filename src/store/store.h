#pragma once
// An encrypted, content-addressed store: what it stands on, and how its parts are read and written.
//
// An object is a manifest and, if it is large, segments; all are blobs that never change. Its key record is
// what makes it exist: written last, replaced as a whole, and turned into a tombstone to shred it.
// The operations are functions beside this: put.h, object_reader.h, names.h, rotate.h, shred.h, gc.h, fsck.h.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/wall_clock.h"
#include "crypto/key_encryption.h"
#include "store/chunked.h"
#include "store/ids.h"
#include "store/manifest.h"
#include "store/record.h"
#include "store/storage.h"
#include "store/store_keys.h"

namespace bulwark::store {

// The world around a store; all of it outlives the store.
struct Surroundings {
  Storage& storage;
  const crypto::KeyEncryption& keys;
  Random& random;
  const WallClock& clock;
  // Called while somebody else holds a lock that is needed, before the next attempt: sleeps a little, and
  // returns false to give up. Without it nobody waits.
  std::function<bool()> wait = {};
  Cutting cutting = {};
};

// Several writers, or one who must be alone (rotate, shred, gc, repair).
enum class Access : std::uint8_t { Writer, Alone };

// Threads: safe from many at once.
class Store {
 public:
  // Makes a new store. `kek_name`: what the user calls the key, kept in the clear.
  // Errors: InvalidInput if there is a store already; those of storage and keys.
  [[nodiscard]] static Result<Store> create(const Surroundings& around, const std::string& kek_name);
  // Errors: NotFound (no store here), Corrupt (root damaged, or wrapped with another key), those of storage
  // and keys.
  [[nodiscard]] static Result<Store> open(const Surroundings& around);
  // The root of a store whose keys are not at hand yet. Errors: NotFound, Corrupt.
  [[nodiscard]] static Result<Root> read_root(Storage& storage);

  [[nodiscard]] Storage& storage() const { return around_.storage; }
  [[nodiscard]] const crypto::KeyEncryption& kek() const { return around_.keys; }
  [[nodiscard]] const WallClock& clock() const { return around_.clock; }
  [[nodiscard]] const StoreKeys& keys() const { return keys_; }
  [[nodiscard]] const Root& root() const { return root_; }
  [[nodiscard]] const Cutting& cutting() const { return around_.cutting; }

  // Held until all of them are destroyed. Errors: Unavailable: others hold it, and wait() gave up.
  using Locks = std::vector<std::unique_ptr<StorageLock>>;
  [[nodiscard]] Result<Locks> lock(Access access) const;

  // Of two roots one may be missing after a crash, or rot: without it the next damage would take the whole
  // store. Every writer looks, once it holds its lock. Does what it can.
  void restore_root() const;

  [[nodiscard]] BlobId new_blob_id() const;
  void fill_random(std::span<std::uint8_t> out) const { around_.random.fill(out); }

  // The record of an object; nothing if it never existed. Errors: Corrupt: damaged, or at the wrong place, or
  // a tombstone that is not ours.
  [[nodiscard]] Result<std::optional<ObjectRecord>> record(const ObjectId& object) const;
  // The record of an object that exists. Errors: NotFound (no such object), Denied (shredded), those of
  // record().
  [[nodiscard]] Result<KeyRecord> live(const ObjectId& object) const;
  // Errors: Corrupt; NotFound: the blob or the version of the key is gone.
  [[nodiscard]] Result<crypto::Secret> data_key(const KeyRecord& record) const;
  [[nodiscard]] Result<Manifest> manifest(const KeyRecord& record) const;
  [[nodiscard]] Result<ChunkReader> open_segment(const Segment& segment, std::uint64_t plain_size) const;

  // Seals `manifest` with a new data key into a new blob. The record is the caller's to commit.
  [[nodiscard]] Result<KeyRecord> put_manifest(const ObjectId& object, const Manifest& manifest) const;
  // Seals bytes, padded to their size class, with a new key into a new blob. `buffer`: reused between calls.
  [[nodiscard]] Result<Segment> put_segment(Bytes content, const Probe& probe,
                                            std::vector<std::uint8_t>& buffer) const;

  // Calls `each` for every record in the store, with its path; what is no record of ours is passed over.
  [[nodiscard]] Result<void> each_object(
      const std::function<Result<void>(const ObjectId&, Result<ObjectRecord>)>& each) const;

  // Writes the root anew, wrapped with `version` of the key. Alone.
  [[nodiscard]] Result<void> rewrap_root(std::uint32_t version);

 private:
  Store(const Surroundings& around, Root root, StoreKeys keys)
      : around_(around), root_(std::move(root)), keys_(std::move(keys)) {}
  [[nodiscard]] Salt new_salt() const;

  Surroundings around_;
  Root root_;
  StoreKeys keys_;
};

// Bytes of a sealed segment or manifest blob that holds `plain` bytes, padding included.
[[nodiscard]] std::uint64_t blob_size(std::uint64_t plain);

}  // namespace bulwark::store
