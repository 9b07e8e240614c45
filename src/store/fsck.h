#pragma once
// Looks at every byte of a store, says what is wrong with it, and repairs what can be repaired.

#include <cstdint>
#include <functional>
#include <vector>

#include "store/damage.h"
#include "store/store.h"

namespace bulwark::store {

enum class Depth : std::uint8_t {
  Structure,   // that everything is there, has its size and was sealed for its place
  Everything,  // and every chunk, and the SHA-256 of every object
};

struct CheckResult {
  std::uint64_t objects = 0;  // that exist, whole or not
  std::uint64_t tombstones = 0;
  std::uint64_t names = 0;
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;       // of content that was read
  std::vector<ObjectId> broken;  // objects that cannot be read as a whole, once each
  std::vector<Damage> damages;   // in the order of looking
  [[nodiscard]] bool lossless() const { return broken.empty(); }
};

// `step`: called for each object; false ends the check with Unavailable.
using Step = std::function<bool()>;

// One object. Errors: NotFound, Denied (shredded), those of storage; Unavailable keys.
[[nodiscard]] Result<CheckResult> verify(const Store& store, const ObjectId& object);
// All objects. While others write, what is being put may look like garbage.
[[nodiscard]] Result<CheckResult> fsck(const Store& store, Depth depth, const Step& step);
// The same alone, and repairs; each damage says what was done. Nothing that is needed to read an object, now
// or with another key or a restored file, is deleted.
[[nodiscard]] Result<CheckResult> repair(const Store& store, Depth depth, const Step& step);

}  // namespace bulwark::store
