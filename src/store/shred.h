#pragma once
// Crypto-shredding: an object's data key gives way to a tombstone, and nobody can read the object any more.

#include <cstdint>
#include <string>
#include <vector>

#include "store/store.h"

namespace bulwark::store {

struct ShredResult {
  Tombstone tombstone;
  bool before = false;             // it had been shredded already; `tombstone` is the old one
  std::vector<std::string> names;  // that are free again
  std::uint64_t removed = 0;       // blobs
  std::uint64_t shared = 0;  // segments that other objects hold as well: their content stays readable there
  std::string left;          // why unreadable blobs were left for gc; empty: none were
};

// Durable when it returns. Segments that other objects list stay, for them. Alone.
// `reason`: kept in the clear with the tombstone; at most StoreLimits::kReasonBytes.
// Errors: NotFound (no such object), InvalidInput (reason), those of storage.
[[nodiscard]] Result<ShredResult> shred(const Store& store, const ObjectId& object,
                                        const std::string& reason);

}  // namespace bulwark::store
