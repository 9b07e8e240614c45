#pragma once
// Garbage: what interrupted writes, repairs and shreddings left behind and no object consists of.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "store/store.h"

namespace bulwark::store {

struct GarbageResult {
  std::uint64_t blobs = 0;        // removed
  std::uint64_t bytes = 0;        // of them
  std::uint64_t temporaries = 0;  // removed
  std::uint64_t kept = 0;         // blobs that an object uses
};

enum class Quarantined : std::uint8_t { Keep, Discard };

// Alone: waits for writers, so that nothing that is being put looks like garbage.
// Removes nothing while an object cannot be read, or while quarantine is not empty (its segments look like
// garbage, too); `Discard` gives up what is in quarantine. Errors: Corrupt, which names what cannot be read;
// those of storage. `step`: called for each blob; false ends it.
[[nodiscard]] Result<GarbageResult> collect_garbage(const Store& store, Quarantined quarantined,
                                                    const std::function<bool()>& step);

}  // namespace bulwark::store
