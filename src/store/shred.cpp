#include "store/shred.h"

#include "store/limits.h"
#include "store/names.h"
#include "store/references.h"

namespace bulwark::store {
namespace {

// Names first found, then removed: a listing must not change under itself.
Result<void> remove_names(const Store& store, const ObjectId& object, ShredResult& result) {
  TRY(each_reference(store, [&](const NameId&, Result<Reference> reference) -> Result<void> {
    if (reference && reference->object == object) result.names.push_back(reference->name);
    return {};
  }));
  for (const std::string& name : result.names) TRY(remove_reference(store, name));
  return {};
}

// What nobody can read any more. Only what no other object lists; if that is not known, gc will find out.
Result<void> remove_blobs(const Store& store, const BlobId& manifest, const std::vector<Segment>& segments,
                          ShredResult& result) {
  if (manifest != BlobId{}) {
    TRY(store.storage().remove(blob_path(manifest)));
    ++result.removed;
  }
  if (segments.empty()) return {};
  const ReferencedBlobs others = TRY(referenced_blobs(store));
  if (!others.unreadable.empty()) {
    result.left = "other objects cannot be read (" + others.unreadable.front() + ")";
    return {};
  }
  std::set<BlobId> seen;
  for (const Segment& segment : segments) {
    if (!seen.insert(segment.blob).second) continue;
    if (others.blobs.contains(segment.blob)) {
      ++result.shared;
      continue;
    }
    TRY(store.storage().remove(blob_path(segment.blob)));
    ++result.removed;
  }
  return {};
}

// A crash may have come between the tombstone and the rest: shredding again finishes it.
Result<ShredResult> finish(const Store& store, const Tombstone& tombstone) {
  ShredResult result;
  result.before = true;
  result.tombstone = tombstone;
  TRY(store.storage().settle(key_path(tombstone.object)));
  TRY(store.storage().remove(quarantine_path(tombstone.object)));
  TRY(remove_names(store, tombstone.object, result));
  TRY(store.storage().remove(blob_path(tombstone.manifest)));
  return result;
}

}  // namespace

Result<ShredResult> shred(const Store& store, const ObjectId& object, const std::string& reason) {
  if (reason.size() > StoreLimits::kReasonBytes || printable(reason, reason.size()) != reason)
    return fail(Code::InvalidInput, "a reason is printable UTF-8 of at most " +
                                        std::to_string(StoreLimits::kReasonBytes) + " bytes");
  const auto locks = TRY(store.lock(Access::Alone));
  store.restore_root();
  const auto record = store.record(object);
  if (!record && record.error().code != Code::Corrupt) return std::unexpected(record.error());
  KeyRecord key;  // of a record that is damaged or in quarantine: without a manifest that could be named
  key.object = object;
  if (record && record->has_value()) {
    if (const auto* tombstone = std::get_if<Tombstone>(&**record)) return finish(store, *tombstone);
    key = std::get<KeyRecord>(**record);
  } else if (record && !store.storage().open(quarantine_path(object))) {
    return fail(Code::NotFound, "no such object in the store");
  }
  // A damaged object can be shredded as well; then its segments are found by gc.
  std::vector<Segment> segments;
  if (key.kek_version != 0)
    if (auto manifest = store.manifest(key)) segments = std::move(manifest->segments);
  ShredResult result;
  result.tombstone = {
      .object = object, .manifest = key.manifest, .when = store.clock().now(), .reason = reason};
  result.tombstone.mac = store.keys().tombstone_mac(result.tombstone);
  // The commit: one step from the key to the tombstone.
  TRY(store.storage().replace(key_path(object), write_record(ObjectRecord(result.tombstone))));
  TRY(store.storage().remove(quarantine_path(object)));
  TRY(remove_names(store, object, result));
  TRY(remove_blobs(store, key.manifest, segments, result));
  return result;
}

}  // namespace bulwark::store
