#pragma once
// The looking part of fsck.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/fsck.h"
#include "store/names.h"

namespace bulwark::store {

// One pass over a store, or over one object. Used once, by one thread.
class Checker {
 public:
  Checker(const Store& store, Depth depth, Step step)
      : store_(store), depth_(depth), step_(std::move(step)) {}

  [[nodiscard]] Result<CheckResult> everything();
  [[nodiscard]] Result<CheckResult> one(const KeyRecord& record);

 private:
  // What is wrong with a segment; null: nothing.
  struct SegmentState {
    std::optional<DamageKind> damage;
    std::string detail;
    Segment segment;
    std::uint64_t size = 0;
    std::vector<ObjectId> users;  // of a damaged one
  };

  void add(Damage damage);
  void broken(const ObjectId& object, DamageKind kind, const std::string& path, const std::string& detail);
  [[nodiscard]] Result<void> check_roots();
  [[nodiscard]] Result<void> check_key(const std::string& path);
  [[nodiscard]] Result<void> check_object(const KeyRecord& record);
  [[nodiscard]] Result<std::optional<Manifest>> check_manifest(const KeyRecord& record);
  [[nodiscard]] Result<void> check_segments(const KeyRecord& record, const Manifest& manifest);
  [[nodiscard]] Result<SegmentState> check_segment(const Segment& segment, std::uint64_t size,
                                                   crypto::Hasher* hasher);
  [[nodiscard]] Result<void> read_segment(ChunkReader& reader, SegmentState& state, crypto::Hasher* hasher);
  [[nodiscard]] Result<void> check_tombstone(const Tombstone& tombstone, const std::string& path);
  [[nodiscard]] Result<void> check_blobs();
  [[nodiscard]] Result<void> look_for_moved(const std::vector<std::string>& strays);
  void report_segments();
  [[nodiscard]] Result<void> check_names();
  [[nodiscard]] Result<void> check_quarantine();
  [[nodiscard]] Result<void> check_leftovers();
  [[nodiscard]] bool exists(const std::string& path) const;

  const Store& store_;
  const Depth depth_;
  const Step step_;
  CheckResult result_;
  std::set<ObjectId> broken_;
  std::set<ObjectId> live_;
  std::set<ObjectId> shredded_;
  std::set<BlobId> manifests_;
  std::map<BlobId, SegmentState> segments_;
  std::map<BlobId, std::string> moved_;  // where the content of a damaged segment was found
};

}  // namespace bulwark::store
