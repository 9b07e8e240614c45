#pragma once
// Names that people give to objects: "fraud-model/v3". Sealed, and stored under a keyed hash of the name.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace bulwark::store {

struct Reference {
  std::string name;
  ObjectId object;
  Time since;
};

// Errors: InvalidInput: empty, too long, no UTF-8, control characters, or it looks like a digest.
[[nodiscard]] Result<void> check_reference_name(std::string_view name);

// Nothing if nobody gave that name. Errors: Corrupt, those of storage.
[[nodiscard]] Result<std::optional<Reference>> find_reference(const Store& store, std::string_view name);
// Durable when it returns. Takes the place of an older one.
[[nodiscard]] Result<void> write_reference(const Store& store, const Reference& reference);
[[nodiscard]] Result<void> remove_reference(const Store& store, std::string_view name);

// Calls `each` with every reference, or why it cannot be read. In no useful order.
[[nodiscard]] Result<void> each_reference(
    const Store& store, const std::function<Result<void>(const NameId&, Result<Reference>)>& each);

// "sha256:<8 to 64 hex>" (the content), "id:<64 hex>" (the object id, as on the disk) or a name.
// Whether the object exists is another question. Errors: NotFound (no such name), InvalidInput.
[[nodiscard]] Result<ObjectId> resolve(const Store& store, std::string_view text);

}  // namespace bulwark::store
