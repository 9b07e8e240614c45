#pragma once
// Putting an object: from a stream of unknown size to a durable, named object.

#include <functional>
#include <span>
#include <string>

#include "store/store.h"

namespace bulwark::store {

// Fills `out`; fewer bytes only at the end of the content. An error ends the put, which then leaves nothing.
using Source = std::function<Result<std::size_t>(std::span<std::uint8_t> out)>;

struct PutOptions {
  std::string name = {};   // empty: none
  bool move_name = false;  // `name` may be taken from another object
  bool again = false;      // store content that was shredded before
};

struct PutResult {
  ObjectId object;
  crypto::Hash256 sha256{};
  std::uint64_t size = 0;
  bool existed = false;      // the object was there, whole, before
  std::uint64_t stored = 0;  // bytes of blobs that were written
  std::uint64_t segments = 0;
  std::uint64_t shared = 0;  // segments that were there already
};

// When it returns, the object and its name are durable. Equal segments are stored once; they are compared
// byte by byte, so that what is damaged is found and written anew. Errors: Denied (shredded, and not
// `again`), InvalidInput (the name belongs to another object), LimitReached (more than
// StoreLimits::kSegments; no space), those of storage, keys and source.
[[nodiscard]] Result<PutResult> put(const Store& store, const Source& source, const PutOptions& options);

}  // namespace bulwark::store
