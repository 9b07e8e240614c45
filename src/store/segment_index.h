#pragma once
// The segments that a store holds already, by their probes: what a new segment is compared with before it is
// written. Made from the manifests each time, so that it can never disagree with them nor outlive a
// shredding.

#include <map>
#include <memory>
#include <vector>

#include "store/store.h"

namespace bulwark::store {

class SegmentIndex {
 public:
  // Reads the manifests of all objects; those that cannot be read are left out (fsck is for them).
  // Errors: those of listing.
  [[nodiscard]] Result<void> load(const Store& store);
  void add(const Segment& segment, std::uint64_t size);

  // A segment that holds exactly these bytes, as was just read from it. Null: there is none, or it is
  // damaged.
  [[nodiscard]] const Segment* find(const Store& store, Bytes content, const Probe& probe);

 private:
  struct Known {
    Segment segment;
    std::uint64_t size = 0;
  };
  std::map<Probe, std::vector<Known>> known_;
  std::vector<std::uint8_t> buffer_;
};

// True if the segment can be read and holds exactly these bytes, its padding zeros. Stops at the first
// difference. `buffer`: reused between calls.
[[nodiscard]] bool holds(const Store& store, const Segment& segment, Bytes content,
                         std::vector<std::uint8_t>& buffer);

}  // namespace bulwark::store
