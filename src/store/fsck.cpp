#include "store/fsck.h"

#include <algorithm>
#include <map>

#include "store/checker.h"
#include "store/limits.h"

namespace bulwark::store {
namespace {

class Repairing {
 public:
  explicit Repairing(const Store& store) : store_(store) {}

  Result<void> mend(Damage& damage);
  Result<void> mend_all(CheckResult& result);

 private:
  Result<std::map<std::string, BlobId>> keep_sources(const CheckResult& result);
  Result<std::string> copy(const std::string& from, const std::string& to, std::uint64_t limit);
  Result<std::string> move_key(const Damage& damage);
  Result<std::string> quarantine(const ObjectId& object);
  Result<std::string> take_out(const ObjectId& object, const std::string& path);
  Storage& storage() { return store_.storage(); }

  const Store& store_;
};

Result<std::string> Repairing::copy(const std::string& from, const std::string& to, std::uint64_t limit) {
  const auto bytes = TRY(read_all(storage(), from, limit));
  TRY(storage().replace(to, bytes));
  return std::string("written anew");
}

// To its place if that is free; the record at the wrong place then is a copy and goes.
Result<std::string> Repairing::move_key(const Damage& damage) {
  std::string done = "removed; the object has its record";
  if (!damage.source.empty()) {
    const auto bytes = TRY(read_all(storage(), damage.path, StoreLimits::kRecordBytes));
    TRY(storage().replace(damage.source, bytes));
    done = "moved to " + damage.source;
  }
  TRY(storage().remove(damage.path));
  return done;
}

Result<std::string> Repairing::quarantine(const ObjectId& object) {
  const std::string from = key_path(object);
  const auto bytes = read_all(storage(), from, StoreLimits::kRecordBytes);
  if (!bytes && bytes.error().code == Code::NotFound) return std::string("in quarantine already");
  if (!bytes) return std::unexpected(bytes.error());
  TRY(storage().replace(quarantine_path(object), *bytes));
  TRY(storage().remove(from));
  return "its key record is in " + quarantine_path(object) + " now";
}

// What was restored meanwhile (a file from a backup, a key) is an object again.
Result<std::string> Repairing::take_out(const ObjectId& object, const std::string& path) {
  const auto bytes = TRY(read_all(storage(), path, StoreLimits::kRecordBytes));
  const auto record = read_object_record(bytes);
  const auto* key = record ? std::get_if<KeyRecord>(&*record) : nullptr;
  if (key == nullptr || key->object != object || storage().open(key_path(object))) return std::string();
  Checker checker(store_, Depth::Everything, [] { return true; });
  const CheckResult state = TRY(checker.one(*key));
  if (!state.lossless()) return std::string();
  const bool back = TRY(storage().put(key_path(object), bytes));
  if (!back) return std::string();
  TRY(storage().remove(path));
  return std::string("whole again: taken out of quarantine");
}

Result<void> Repairing::mend(Damage& damage) {
  const auto remove = [&]() -> Result<std::string> {
    TRY(storage().remove(damage.path));
    return std::string("removed");
  };
  Result<std::string> done = std::string();
  switch (damage.kind) {
    case DamageKind::RootDamaged:
    case DamageKind::RootCopyDamaged:
      done = copy(damage.source, damage.path, StoreLimits::kRecordBytes);
      break;
    case DamageKind::SegmentMoved:
      done = copy(damage.source, damage.path, sealed_size(StoreLimits::kMostSegmentBytes));
      break;
    case DamageKind::KeyMisplaced: done = move_key(damage); break;
    case DamageKind::ShredUnfinished:
    case DamageKind::NameDamaged:
    case DamageKind::NameDangling:
    case DamageKind::NameOfShredded:
    case DamageKind::QuarantineStale: done = remove(); break;
    case DamageKind::Quarantined: done = take_out(*damage.object, damage.path); break;
    case DamageKind::TemporaryLeft:
    case DamageKind::KeyWrong:
    case DamageKind::KeyVersionGone:
    case DamageKind::BlobUnused:
    case DamageKind::ForeignFile: break;
    default: done = quarantine(*damage.object); break;
  }
  if (!done) return std::unexpected(std::move(done).error().within("repairing " + damage.path));
  damage.repaired = *done;
  return {};
}

// Segments that were swapped are each other's source: what lies at a place that will be written is kept under
// a new name first, where the next fsck would find it if we die in between.
Result<std::map<std::string, BlobId>> Repairing::keep_sources(const CheckResult& result) {
  std::map<std::string, BlobId> kept;
  for (const Damage& damage : result.damages) {
    if (damage.kind != DamageKind::SegmentMoved || kept.contains(damage.source)) continue;
    const bool overwritten = std::ranges::any_of(result.damages, [&](const Damage& other) {
      return other.kind == DamageKind::SegmentMoved && other.path == damage.source;
    });
    if (!overwritten) continue;
    const auto bytes = TRY(read_all(storage(), damage.source, sealed_size(StoreLimits::kMostSegmentBytes)));
    const BlobId name = store_.new_blob_id();
    TRY(storage().put(blob_path(name), bytes));
    kept.emplace(damage.source, name);
  }
  return kept;
}

Result<void> Repairing::mend_all(CheckResult& result) {
  const auto kept = TRY(keep_sources(result));
  for (Damage& damage : result.damages) {
    const std::string source = damage.source;
    const auto found = kept.find(source);
    if (damage.kind == DamageKind::SegmentMoved && found != kept.end())
      damage.source = blob_path(found->second);
    TRY(mend(damage));
    damage.source = source;
  }
  for (const auto& [path, name] : kept) TRY(storage().remove(blob_path(name)));
  return {};
}

}  // namespace

Result<CheckResult> verify(const Store& store, const ObjectId& object) {
  const KeyRecord record = TRY(store.live(object));
  return Checker(store, Depth::Everything, [] { return true; }).one(record);
}

Result<CheckResult> fsck(const Store& store, Depth depth, const Step& step) {
  return Checker(store, depth, step).everything();
}

Result<CheckResult> repair(const Store& store, Depth depth, const Step& step) {
  const auto locks = TRY(store.lock(Access::Alone));
  CheckResult result = TRY(Checker(store, depth, step).everything());
  TRY(Repairing(store).mend_all(result));
  const std::uint64_t swept = TRY(store.storage().sweep());
  if (swept > 0)
    for (Damage& damage : result.damages)
      if (damage.kind == DamageKind::TemporaryLeft) damage.repaired = "removed";
  return result;
}

}  // namespace bulwark::store
