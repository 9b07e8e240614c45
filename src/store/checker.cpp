#include "store/checker.h"

#include <algorithm>

#include "store/limits.h"
#include "store/size_class.h"

namespace bulwark::store {
namespace {

constexpr Suite kSuite = Suite::Cobblestone256;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;

// Faults of a sealed message, told apart by where reading stopped: see chunked.h.
enum class SealFault : std::uint8_t { Missing, Cut, Foreign, Damaged, Invalid };

// Nothing if the error says nothing about what is stored (no permission, a disk that fails).
std::optional<SealFault> fault_of(const Error& error) {
  if (error.code == Code::NotFound) return SealFault::Missing;
  if (error.code == Code::InvalidInput || error.code == Code::Unsupported || error.code == Code::LimitReached)
    return SealFault::Invalid;
  if (error.code != Code::Corrupt) return std::nullopt;
  if (error.offset == kNoOffset) return SealFault::Cut;
  return error.offset == 0 ? SealFault::Foreign : SealFault::Damaged;
}

DamageKind manifest_damage(SealFault fault) {
  constexpr std::array kKinds = {DamageKind::ManifestMissing, DamageKind::ManifestCut,
                                 DamageKind::ManifestForeign, DamageKind::ManifestDamaged,
                                 DamageKind::ManifestInvalid};
  return kKinds.at(static_cast<std::size_t>(fault));
}

DamageKind segment_damage(SealFault fault) {
  constexpr std::array kKinds = {DamageKind::SegmentMissing, DamageKind::SegmentCut,
                                 DamageKind::SegmentForeign, DamageKind::SegmentDamaged,
                                 DamageKind::SegmentDamaged};
  return kKinds.at(static_cast<std::size_t>(fault));
}

std::unexpected<Error> stopped() {
  return fail(Code::Unavailable, "the check was interrupted");
}

}  // namespace

void Checker::add(Damage damage) {
  result_.damages.push_back(std::move(damage));
}

void Checker::broken(const ObjectId& object, DamageKind kind, const std::string& path,
                     const std::string& detail) {
  if (broken_.insert(object).second) result_.broken.push_back(object);
  add({.kind = kind, .path = path, .object = object, .detail = detail});
}

bool Checker::exists(const std::string& path) const {
  return store_.storage().open(path).has_value();
}

Result<void> Checker::check_roots() {
  const auto read = [&](std::string_view name) -> Result<std::vector<std::uint8_t>> {
    return read_all(store_.storage(), std::string(name), StoreLimits::kRecordBytes);
  };
  const auto root = read(kRootName);
  const auto copy = read(kRootCopyName);
  const auto whole = [&](const auto& bytes) { return bytes && read_root(*bytes).has_value(); };
  if (!whole(root))
    add({.kind = DamageKind::RootDamaged,
         .path = std::string(kRootName),
         .detail = root ? "does not parse" : root.error().message,
         .source = std::string(kRootCopyName)});
  // The copy may be a version of the key ahead, where a rotation was interrupted.
  const auto parsed = copy ? read_root(*copy) : std::unexpected(copy.error());
  if (whole(root) && (!parsed || parsed->id != store_.root().id))
    add({.kind = DamageKind::RootCopyDamaged,
         .path = std::string(kRootCopyName),
         .detail = parsed ? "belongs to another store" : parsed.error().message,
         .source = std::string(kRootName)});
  return {};
}

Result<void> Checker::check_tombstone(const Tombstone& tombstone, const std::string& path) {
  if (!crypto::equal_in_constant_time(store_.keys().tombstone_mac(tombstone), tombstone.mac)) {
    broken(tombstone.object, DamageKind::TombstoneForged, path, "its authentication code is wrong");
    return {};
  }
  ++result_.tombstones;
  shredded_.insert(tombstone.object);
  const std::string remains = blob_path(tombstone.manifest);
  if (exists(remains))
    add({.kind = DamageKind::ShredUnfinished,
         .path = remains,
         .object = tombstone.object,
         .detail = "manifest of a shredded object"});
  return {};
}

Result<void> Checker::check_key(const std::string& path) {
  const auto object = object_at(path);
  if (!object) {
    add({.kind = DamageKind::ForeignFile, .path = path, .detail = "no key record has such a name"});
    return {};
  }
  const auto bytes = read_all(store_.storage(), path, StoreLimits::kRecordBytes);
  if (!bytes && bytes.error().code == Code::NotFound) return {};  // removed meanwhile
  if (!bytes && bytes.error().code != Code::LimitReached) return std::unexpected(bytes.error());
  const auto record = bytes ? read_object_record(*bytes) : std::unexpected(bytes.error());
  if (!record) {
    ++result_.objects;
    broken(*object, DamageKind::KeyDamaged, path, record.error().message);
    return {};
  }
  const ObjectId owner = std::visit([](const auto& r) { return r.object; }, *record);
  if (owner != *object) {
    const std::string home = key_path(owner);
    add({.kind = DamageKind::KeyMisplaced,
         .path = path,
         .object = owner,
         .detail = "belongs to id:" + owner.text(),
         .source = exists(home) ? std::string() : home});
    return {};
  }
  if (const auto* tombstone = std::get_if<Tombstone>(&*record)) return check_tombstone(*tombstone, path);
  return check_object(std::get<KeyRecord>(*record));
}

Result<void> Checker::check_object(const KeyRecord& record) {
  ++result_.objects;
  live_.insert(record.object);
  manifests_.insert(record.manifest);
  const auto manifest = TRY(check_manifest(record));
  if (manifest) TRY(check_segments(record, *manifest));
  if (!step_()) return stopped();
  return {};
}

Result<std::optional<Manifest>> Checker::check_manifest(const KeyRecord& record) {
  const auto key = store_.data_key(record);
  if (!key) {
    const Code code = key.error().code;
    if (code != Code::Corrupt && code != Code::NotFound) return std::unexpected(key.error());
    broken(record.object, code == Code::NotFound ? DamageKind::KeyVersionGone : DamageKind::KeyWrong,
           key_path(record.object), key.error().message);
    return std::optional<Manifest>();
  }
  auto manifest = store_.manifest(record);
  if (!manifest) {
    const auto fault = fault_of(manifest.error());
    if (!fault) return std::unexpected(manifest.error());
    broken(record.object, manifest_damage(*fault), blob_path(record.manifest), manifest.error().message);
    return std::optional<Manifest>();
  }
  if (store_.keys().object_id(manifest->sha256) != record.object) {
    broken(record.object, DamageKind::ManifestInvalid, blob_path(record.manifest),
           "describes content of another id");
    return std::optional<Manifest>();
  }
  return std::optional<Manifest>(std::move(*manifest));
}

// Feeds the content to `hasher` and says which chunks are damaged.
Result<void> Checker::read_segment(ChunkReader& reader, SegmentState& state, crypto::Hasher* hasher) {
  std::vector<std::uint8_t> buffer(kReadBytes);
  for (std::uint64_t at = 0; at < reader.size();) {
    const auto got = reader.read_at(at, buffer);
    if (!got) {
      const auto fault = fault_of(got.error());
      if (!fault) return std::unexpected(got.error());
      state.damage = segment_damage(*fault);
      state.detail = got.error().message;
      return {};
    }
    const std::size_t content = at < state.size ? std::min<std::uint64_t>(*got, state.size - at) : 0;
    const Bytes piece = Bytes(buffer).first(*got);
    if (hasher != nullptr) hasher->update(piece.first(content));
    if (std::ranges::any_of(piece.subspan(content), [](std::uint8_t byte) { return byte != 0; })) {
      state.damage = DamageKind::SegmentPadding;
      state.detail = "bytes behind the content are not zero";
      return {};
    }
    result_.bytes += content;
    at += *got;
  }
  if (auto end = reader.authenticate_size(); !end) {
    state.damage = DamageKind::SegmentDamaged;
    state.detail = end.error().message;
  }
  return {};
}

Result<Checker::SegmentState> Checker::check_segment(const Segment& segment, std::uint64_t size,
                                                     crypto::Hasher* hasher) {
  SegmentState state;
  state.segment = segment;
  state.size = size;
  auto reader = store_.open_segment(segment, size);
  if (!reader) {
    const auto fault = fault_of(reader.error());
    if (!fault) return std::unexpected(reader.error());
    state.damage = segment_damage(*fault);
    state.detail = reader.error().message;
  } else if (depth_ == Depth::Everything) {
    TRY(read_segment(*reader, state, hasher));
  }
  return state;
}

Result<void> Checker::check_segments(const KeyRecord& record, const Manifest& manifest) {
  crypto::Hasher hasher(crypto::HashAlgorithm::Sha256);
  bool whole = true;
  for (std::size_t i = 0; i < manifest.segments.size(); ++i) {
    const Segment& segment = manifest.segments[i];
    SegmentState& state = segments_[segment.blob];
    const bool known = state.size != 0;
    // Read again although it was seen before only where the content is needed for the digest.
    if (!known || (depth_ == Depth::Everything && whole && !state.damage)) {
      std::vector<ObjectId> users = std::move(state.users);
      state = TRY(check_segment(segment, manifest.segment_size(i), whole ? &hasher : nullptr));
      state.users = std::move(users);
    }
    if (!state.damage) continue;
    whole = false;
    if (std::ranges::find(state.users, record.object) == state.users.end())
      state.users.push_back(record.object);
  }
  if (manifest.segments.empty()) {
    hasher.update(manifest.content);
    result_.bytes += manifest.content.size();
  }
  const bool digested = manifest.segments.empty() || depth_ == Depth::Everything;
  if (whole && digested && hasher.finish256() != manifest.sha256)
    broken(record.object, DamageKind::ContentChanged, blob_path(record.manifest), "sha256 differs");
  return {};
}

Result<void> Checker::check_blobs() {
  std::vector<std::string> strays;
  TRY(store_.storage().list(std::string(kBlobsFolder), [&](const std::string& path) -> Result<void> {
    const auto blob = blob_at(path);
    if (!blob) {
      add({.kind = DamageKind::ForeignFile, .path = path, .detail = "no blob has such a name"});
      return {};
    }
    ++result_.blobs;
    const auto segment = segments_.find(*blob);
    const bool foreign = segment != segments_.end() && segment->second.damage.has_value();
    const bool used = manifests_.contains(*blob) || segment != segments_.end();
    if (!used || foreign) strays.push_back(path);
    if (!used) add({.kind = DamageKind::BlobUnused, .path = path});
    return {};
  }));
  return look_for_moved(strays);
}

// Of every blob that is not what its name says: is it one of the segments that are missed?
Result<void> Checker::look_for_moved(const std::vector<std::string>& strays) {
  for (const auto& [blob, state] : segments_) {
    if (!state.damage) continue;
    for (const std::string& path : strays) {
      if (path == blob_path(blob)) continue;
      const auto file = store_.storage().open(path);
      if (!file) continue;
      const std::uint64_t size = TRY((*file)->size());
      std::array<std::uint8_t, kSealHeaderBytes> header{};
      const std::size_t got = TRY((*file)->read_at(0, header));
      if (size != blob_size(state.size) || got != header.size()) continue;
      if (!ChunkCipher::open(kSuite, state.segment.key.bytes, store_.keys().segment_context(blob), header))
        continue;
      moved_[blob] = path;
      break;
    }
  }
  return {};
}

void Checker::report_segments() {
  for (const auto& [blob, state] : segments_) {
    if (!state.damage) continue;
    const auto moved = moved_.find(blob);
    if (moved != moved_.end()) {
      for (const ObjectId& user : state.users)
        if (broken_.insert(user).second) result_.broken.push_back(user);
      add({.kind = DamageKind::SegmentMoved,
           .path = blob_path(blob),
           .object = state.users.front(),
           .detail = "lies at " + moved->second,
           .source = moved->second});
      continue;
    }
    for (const ObjectId& user : state.users) broken(user, *state.damage, blob_path(blob), state.detail);
  }
}

Result<void> Checker::check_names() {
  TRY(store_.storage().list(std::string(kNamesFolder), [&](const std::string& path) -> Result<void> {
    if (!name_at(path))
      add({.kind = DamageKind::ForeignFile, .path = path, .detail = "no reference has such a name"});
    return {};
  }));
  return each_reference(store_, [&](const NameId& id, Result<Reference> reference) -> Result<void> {
    ++result_.names;
    const std::string path = name_path(id);
    if (!reference) {
      if (reference.error().code == Code::NotFound) return {};  // removed meanwhile
      if (!fault_of(reference.error())) return std::unexpected(reference.error());
      add({.kind = DamageKind::NameDamaged, .path = path, .detail = reference.error().message});
      return {};
    }
    const std::string name = "'" + printable(reference->name, 80) + "'";
    if (shredded_.contains(reference->object)) {
      add({.kind = DamageKind::NameOfShredded, .path = path, .object = reference->object, .detail = name});
    } else if (!exists(key_path(reference->object)) && !exists(quarantine_path(reference->object))) {
      add({.kind = DamageKind::NameDangling, .path = path, .object = reference->object, .detail = name});
    }
    return {};
  });
}

Result<void> Checker::check_quarantine() {
  return store_.storage().list(std::string(kQuarantineFolder), [&](const std::string& path) -> Result<void> {
    const auto object = quarantined_at(path);
    if (!object) {
      add({.kind = DamageKind::ForeignFile, .path = path});
      return {};
    }
    const bool again = shredded_.contains(*object) || (live_.contains(*object) && !broken_.contains(*object));
    if (again) add({.kind = DamageKind::QuarantineStale, .path = path, .object = *object});
    if (!again) broken(*object, DamageKind::Quarantined, path, "taken out of the way by an earlier repair");
    return {};
  });
}

Result<void> Checker::check_leftovers() {
  return store_.storage().list("temp", [&](const std::string& path) -> Result<void> {
    add({.kind = DamageKind::TemporaryLeft, .path = path});
    return {};
  });
}

Result<CheckResult> Checker::everything() {
  TRY(check_roots());
  TRY(store_.storage().list(std::string(kKeysFolder),
                            [&](const std::string& path) { return check_key(path); }));
  TRY(check_blobs());
  report_segments();
  TRY(check_names());
  TRY(check_quarantine());
  TRY(check_leftovers());
  return std::move(result_);
}

Result<CheckResult> Checker::one(const KeyRecord& record) {
  TRY(check_object(record));
  report_segments();
  return std::move(result_);
}

}  // namespace bulwark::store
