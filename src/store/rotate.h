#pragma once
// Rotation: every wrapped key of a store is wrapped anew with the current version of its key-encryption key.
// No data is touched. After that older versions can be destroyed.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "store/store.h"

namespace bulwark::store {

struct RotateResult {
  std::uint32_t version = 0;    // everything is wrapped with this one now, but for `failed`
  std::uint64_t rewrapped = 0;  // records
  std::uint64_t current = 0;    // records that were wrapped with it already
  std::uint64_t tombstones = 0;
  struct Failure {
    ObjectId object;
    std::string why;
  };
  std::vector<Failure> failed;
};

// Can be interrupted anywhere and run again: it goes on where it stopped. `step`: called after each record;
// false ends it with Unavailable. Waits for writers and holds them up for a few records at a time.
[[nodiscard]] Result<RotateResult> rotate(Store& store, const std::function<bool()>& step);

}  // namespace bulwark::store
