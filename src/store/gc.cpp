#include "store/gc.h"

#include "store/references.h"

namespace bulwark::store {
namespace {

Result<void> empty_quarantine(const Store& store, Quarantined quarantined) {
  std::vector<std::string> held;
  TRY(store.storage().list(std::string(kQuarantineFolder), [&](const std::string& path) -> Result<void> {
    held.push_back(path);
    return {};
  }));
  if (held.empty()) return {};
  if (quarantined == Quarantined::Keep)
    return fail(Code::Corrupt,
                std::to_string(held.size()) + " records are in quarantine (" + held.front() +
                    " …) and may need what looks like garbage; recover them, or give them up with "
                    "--discard-quarantine");
  for (const std::string& path : held) TRY(store.storage().remove(path));
  return {};
}

std::uint64_t size_of(Storage& storage, const std::string& path) {
  const auto file = storage.open(path);
  if (!file) return 0;
  const auto size = (*file)->size();
  return size ? *size : 0;
}

// What is listed first is removed then: a listing must not change under itself.
Result<GarbageResult> remove_unreferenced(const Store& store, const ReferencedBlobs& referenced,
                                          const Store::Locks& locks, const std::function<bool()>& step) {
  GarbageResult result;
  std::vector<std::string> garbage;
  TRY(store.storage().list(std::string(kBlobsFolder), [&](const std::string& path) -> Result<void> {
    const auto blob = blob_at(path);
    if (!blob) return {};  // not ours: fsck names it
    if (referenced.blobs.contains(*blob)) {
      ++result.kept;
    } else {
      garbage.push_back(path);
    }
    return {};
  }));
  for (const std::string& path : garbage) {
    if (!step()) return fail(Code::Unavailable, "interrupted; run it again to go on");
    for (const auto& lock : locks)
      if (!lock->held()) return fail(Code::Unavailable, "the lock on the store was lost; run it again");
    result.bytes += size_of(store.storage(), path);
    TRY(store.storage().remove(path));
    ++result.blobs;
  }
  result.temporaries = TRY(store.storage().sweep());
  return result;
}

}  // namespace

Result<GarbageResult> collect_garbage(const Store& store, Quarantined quarantined,
                                      const std::function<bool()>& step) {
  const auto locks = TRY(store.lock(Access::Alone));
  store.restore_root();
  TRY(empty_quarantine(store, quarantined));
  const ReferencedBlobs referenced = TRY(referenced_blobs(store));
  if (!referenced.unreadable.empty())
    return fail(Code::Corrupt, std::to_string(referenced.unreadable.size()) +
                                   " objects cannot be read, so nothing is garbage for sure (" +
                                   referenced.unreadable.front() + "); run 'bulwark store fsck'");
  return remove_unreferenced(store, referenced, locks, step);
}

}  // namespace bulwark::store
