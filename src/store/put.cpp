#include "store/put.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "store/limits.h"
#include "store/names.h"
#include "store/segment_index.h"

namespace bulwark::store {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 18;

bool same_segments(const std::vector<Segment>& left, const std::vector<Segment>& right) {
  return std::ranges::equal(left, right, [](const Segment& a, const Segment& b) { return a.blob == b.blob; });
}

class Putting {
 public:
  Putting(const Store& store, const PutOptions& options) : store_(store), options_(options) {}

  Result<PutResult> run(const Source& source);
  // What was written and is not part of any object. Whatever cannot be removed is left to gc.
  void discard();

 private:
  Result<void> check_name() const;
  Result<void> read(const Source& source);
  Result<void> add_segment(Bytes content);
  Result<void> commit();
  Result<bool> stored_already(const ObjectRecord& record);
  Result<void> commit_manifest(bool replace);
  Result<void> commit_name() const;

  const Store& store_;
  const PutOptions& options_;
  Store::Locks locks_;
  PutResult result_;
  Manifest manifest_;
  std::vector<BlobId> written_;
  std::optional<SegmentIndex> index_;
  std::vector<std::uint8_t> sealed_;
};

Result<void> Putting::check_name() const {
  if (options_.name.empty()) return {};
  return check_reference_name(options_.name);
}

Result<void> Putting::add_segment(Bytes content) {
  if (manifest_.segments.size() == StoreLimits::kSegments)
    return fail(Code::LimitReached, "an object has at most " + std::to_string(StoreLimits::kSegments) +
                                        " segments of " + human_size(manifest_.segment_bytes));
  if (!index_) {
    index_.emplace();
    TRY(index_->load(store_));
  }
  const Probe probe = store_.keys().probe(content);
  ++result_.segments;
  if (const Segment* known = index_->find(store_, content, probe)) {
    ++result_.shared;
    manifest_.segments.push_back(*known);
    return {};
  }
  Segment segment = TRY(store_.put_segment(content, probe, sealed_));
  written_.push_back(segment.blob);
  result_.stored += blob_size(content.size());
  index_->add(segment, content.size());
  manifest_.segments.push_back(std::move(segment));
  return {};
}

// Hashes each piece while it is in the processor's cache.
Result<std::size_t> fill(const Source& source, std::span<std::uint8_t> buffer, crypto::Hasher& hasher) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const std::span<std::uint8_t> piece =
        buffer.subspan(filled, std::min(kPieceBytes, buffer.size() - filled));
    const std::size_t got = TRY(source(piece));
    hasher.update(piece.first(got));
    filled += got;
    if (got < piece.size()) break;
  }
  return filled;
}

Result<void> Putting::read(const Source& source) {
  crypto::Hasher hasher(crypto::HashAlgorithm::Sha256);
  manifest_.segment_bytes = store_.cutting().segment_bytes;
  std::vector<std::uint8_t> buffer(manifest_.segment_bytes);
  for (;;) {
    const std::size_t got = TRY(fill(source, buffer, hasher));
    const Bytes content = Bytes(buffer).first(got);
    manifest_.size += got;
    const bool last = got < buffer.size();
    if (last && manifest_.size <= store_.cutting().inline_bytes) {
      manifest_.content.assign(content.begin(), content.end());
    } else if (got > 0) {
      TRY(add_segment(content));
    }
    if (last) break;
  }
  manifest_.sha256 = hasher.finish256();
  manifest_.created = store_.clock().now();
  result_.sha256 = manifest_.sha256;
  result_.size = manifest_.size;
  result_.object = store_.keys().object_id(manifest_.sha256);
  return {};
}

// True if the object that is there is whole as far as this put has just seen: the very segments that were
// compared, or the same content.
Result<bool> Putting::stored_already(const ObjectRecord& record) {
  const auto* key = std::get_if<KeyRecord>(&record);
  if (key == nullptr) {
    const auto& tombstone = std::get<Tombstone>(record);
    if (options_.again) return false;
    return fail(Code::Denied, "this content was shredded (" + printable(tombstone.reason) +
                                  "); to store it again on purpose, say so with --again");
  }
  const auto manifest = store_.manifest(*key);
  return manifest && manifest->sha256 == manifest_.sha256 && manifest->size == manifest_.size &&
         manifest->content == manifest_.content && same_segments(manifest->segments, manifest_.segments);
}

// The record is the commit: before it nothing of the object is visible, after it everything is.
Result<void> Putting::commit_manifest(bool replace) {
  const KeyRecord record = TRY(store_.put_manifest(result_.object, manifest_));
  written_.push_back(record.manifest);
  const auto bytes = write_record(ObjectRecord(record));
  for (const auto& lock : locks_)
    if (!lock->held()) return fail(Code::Unavailable, "the lock on the store was lost; put the object again");
  const std::string path = key_path(result_.object);
  // From here on nobody but gc may remove what was written: a commit that fails may have happened.
  std::vector<BlobId> written = std::exchange(written_, {});
  bool committed = true;
  if (replace) TRY(store_.storage().replace(path, bytes));
  if (!replace) committed = TRY(store_.storage().put(path, bytes));
  if (committed) {
    result_.stored += sealed_size(write_manifest(manifest_).bytes().size());
    return {};
  }
  // Somebody else has stored the same content since we looked; theirs is as good.
  result_.existed = true;
  written_ = std::move(written);
  discard();
  return {};
}

Result<void> Putting::commit_name() const {
  if (options_.name.empty()) return {};
  const auto existing = TRY(find_reference(store_, options_.name));
  if (existing && existing->object == result_.object)
    return store_.storage().settle(name_path(store_.keys().name_id(options_.name)));
  return write_reference(store_,
                         {.name = options_.name, .object = result_.object, .since = store_.clock().now()});
}

Result<void> Putting::commit() {
  if (!options_.name.empty() && !options_.move_name) {
    const auto existing = TRY(find_reference(store_, options_.name));
    if (existing && existing->object != result_.object)
      return fail(Code::InvalidInput, "'" + printable(options_.name, 80) +
                                          "' is the name of another object; --move-name takes it over");
  }
  const auto record = store_.record(result_.object);
  // A damaged record is written anew: the content that it should lead to is here.
  if (!record && record.error().code != Code::Corrupt) return std::unexpected(record.error());
  if (record && *record) {
    const bool there = TRY(stored_already(**record));
    if (there) {
      result_.existed = true;
      TRY(store_.storage().settle(key_path(result_.object)));
      discard();
      return commit_name();
    }
  }
  TRY(commit_manifest(!record || record->has_value()));
  return commit_name();
}

void Putting::discard() {
  for (const BlobId& blob : std::exchange(written_, {})) (void)store_.storage().remove(blob_path(blob));
}

Result<PutResult> Putting::run(const Source& source) {
  TRY(check_name());
  locks_ = TRY(store_.lock(Access::Writer));
  store_.restore_root();
  TRY(read(source));
  TRY(commit());
  return result_;
}

}  // namespace

Result<PutResult> put(const Store& store, const Source& source, const PutOptions& options) {
  Putting putting(store, options);
  auto result = putting.run(source);
  if (!result) putting.discard();
  return result;
}

}  // namespace bulwark::store
