#pragma once
// Reading an object: whole, in part, anywhere.

#include <list>
#include <memory>
#include <span>
#include <utility>

#include "store/store.h"

namespace bulwark::store {

// Gives out nothing that did not authenticate. Used by one thread at a time.
class ObjectReader {
 public:
  // Errors: NotFound, Denied (shredded), Corrupt, those of storage and keys.
  [[nodiscard]] static Result<ObjectReader> open(const Store& store, const ObjectId& object);

  [[nodiscard]] std::uint64_t size() const { return manifest_.size; }
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  // Fills `out` from `offset`, fewer bytes only at the end. Errors: Corrupt, NotFound (removed meanwhile).
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out);

 private:
  ObjectReader(const Store& store, Manifest manifest) : store_(&store), manifest_(std::move(manifest)) {}
  [[nodiscard]] Result<ChunkReader*> segment(std::size_t index);

  const Store* store_;
  Manifest manifest_;
  std::list<std::pair<std::size_t, ChunkReader>> open_;  // latest first
};

}  // namespace bulwark::store
