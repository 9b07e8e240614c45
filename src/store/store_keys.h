#pragma once
// What follows from a store's secret: ids that tell nothing, and the contexts that everything is sealed
// under.

#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "store/ids.h"
#include "store/manifest.h"
#include "store/record.h"

namespace bulwark::store {

// Threads: safe from many at once.
class StoreKeys {
 public:
  // `secret`: 32 bytes.
  [[nodiscard]] static Result<StoreKeys> derive(Bytes secret);

  [[nodiscard]] const StoreId& store_id() const { return id_; }
  [[nodiscard]] ObjectId object_id(const crypto::Hash256& sha256) const;
  [[nodiscard]] NameId name_id(std::string_view name) const;
  [[nodiscard]] Bytes name_sealing_key() const { return name_sealing_.bytes(); }
  [[nodiscard]] crypto::Hash256 tombstone_mac(const Tombstone& tombstone) const;
  // Of a segment's bytes before padding: a keyed hash of one piece in each 16 KiB, so that it costs next to
  // nothing. Equal segments have equal probes; whether two of equal probes are equal is for a comparison to
  // say.
  [[nodiscard]] Probe probe(Bytes segment) const;

  // HKDF contexts: what is sealed as one thing cannot be opened as another, nor in another store.
  [[nodiscard]] std::vector<std::uint8_t> manifest_context(const ObjectId& object,
                                                           const BlobId& manifest) const;
  [[nodiscard]] std::vector<std::uint8_t> segment_context(const BlobId& segment) const;
  [[nodiscard]] std::vector<std::uint8_t> name_context(const NameId& name) const;

 private:
  StoreId id_;
  crypto::Secret naming_;
  crypto::Secret references_;
  crypto::Secret name_sealing_;
  crypto::Secret tombstones_;
  crypto::Secret sampling_;
};

}  // namespace bulwark::store
