#pragma once
// Which blobs the objects of a store consist of.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "store/store.h"

namespace bulwark::store {

struct ReferencedBlobs {
  std::set<BlobId> blobs;               // manifests and segments
  std::vector<std::string> unreadable;  // objects whose segments are not known, and why
};

// Errors: those of listing.
[[nodiscard]] Result<ReferencedBlobs> referenced_blobs(const Store& store);

}  // namespace bulwark::store
