#include "store/store_keys.h"

#include <algorithm>
#include <initializer_list>

#include "crypto/seal.h"

namespace bulwark::store {
namespace {

constexpr std::size_t kSubkeyBytes = 32;
constexpr std::size_t kSampleStep = 16'384;
constexpr std::size_t kSampleBytes = 64;

Result<crypto::Secret> subkey(Bytes secret, std::string_view purpose, std::size_t size = kSubkeyBytes) {
  const std::string info = "bulwark.store/1 " + std::string(purpose);
  return crypto::hkdf_expand(crypto::HashAlgorithm::Sha256, secret, bytes_of(info), size);
}

crypto::Hash256 keyed_hash(const crypto::Secret& key, Bytes content) {
  crypto::Hmac256 mac(key.bytes());
  mac.update(content);
  return mac.finish();
}

std::vector<std::uint8_t> context(std::string_view type, const StoreId& store,
                                  std::initializer_list<Bytes> ids) {
  std::vector<std::uint8_t> out;
  const auto append = [&](Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
  append(bytes_of("bulwark.store/1 "));
  append(bytes_of(type));
  out.push_back(0);
  append(store.bytes);
  for (const Bytes id : ids) append(id);
  return out;
}

}  // namespace

Result<StoreKeys> StoreKeys::derive(Bytes secret) {
  StoreKeys keys;
  const crypto::Secret id = TRY(subkey(secret, "id", keys.id_.bytes.size()));
  std::ranges::copy(id.bytes(), keys.id_.bytes.begin());
  keys.naming_ = TRY(subkey(secret, "objects"));
  keys.references_ = TRY(subkey(secret, "names"));
  keys.name_sealing_ = TRY(subkey(secret, "sealed names"));
  keys.tombstones_ = TRY(subkey(secret, "tombstones"));
  keys.sampling_ = TRY(subkey(secret, "samples"));
  return keys;
}

ObjectId StoreKeys::object_id(const crypto::Hash256& sha256) const {
  ObjectId id;
  id.bytes = keyed_hash(naming_, sha256);
  return id;
}

NameId StoreKeys::name_id(std::string_view name) const {
  NameId id;
  id.bytes = keyed_hash(references_, bytes_of(name));
  return id;
}

crypto::Hash256 StoreKeys::tombstone_mac(const Tombstone& tombstone) const {
  return keyed_hash(tombstones_, tombstone_body(tombstone));
}

Probe StoreKeys::probe(Bytes segment) const {
  crypto::Hmac256 mac(sampling_.bytes());
  std::array<std::uint8_t, 8> size{};
  for (std::size_t i = 0; i < size.size(); ++i)
    size[i] = static_cast<std::uint8_t>(segment.size() >> (8 * i));
  mac.update(size);
  for (std::size_t at = 0; at < segment.size(); at += kSampleStep)
    mac.update(segment.subspan(at, std::min(kSampleBytes, segment.size() - at)));
  const crypto::Hash256 hash = mac.finish();
  Probe probe{};
  std::copy_n(hash.begin(), probe.size(), probe.begin());
  return probe;
}

std::vector<std::uint8_t> StoreKeys::manifest_context(const ObjectId& object, const BlobId& manifest) const {
  return context("manifest", id_, {object.bytes, manifest.bytes});
}

std::vector<std::uint8_t> StoreKeys::segment_context(const BlobId& segment) const {
  return context("segment", id_, {segment.bytes});
}

std::vector<std::uint8_t> StoreKeys::name_context(const NameId& name) const {
  return context("name", id_, {name.bytes});
}

}  // namespace bulwark::store
