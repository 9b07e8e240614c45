#pragma once
// The small clear records of a store: its root, and for each object a wrapped data key or a tombstone.
// docs/formats/store.md is their grammar. None of them tells what is stored; none is believed before what it
// wraps has been unwrapped and what it names has authenticated.

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/byte_reader.h"
#include "crypto/hash.h"
#include "store/ids.h"

namespace bulwark::store {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline constexpr std::size_t kDataKeyBytes = 32;
inline constexpr std::size_t kWrappedKeyBytes = 40;  // RFC 5649 of 32 bytes
using WrappedKey = std::array<std::uint8_t, kWrappedKeyBytes>;

struct Root {
  StoreId id;
  Time created;
  std::uint32_t kek_version = 0;
  WrappedKey secret{};   // the store's secret
  std::string kek_name;  // of the key that wraps everything here, as the keyring calls it
};

// The object exists, and its data key is this.
struct KeyRecord {
  ObjectId object;
  BlobId manifest;
  std::uint32_t kek_version = 0;
  WrappedKey key{};
};

// The object was shredded. There is no way back: this took the place of its key.
struct Tombstone {
  ObjectId object;
  BlobId manifest;  // what may still lie around, unreadable
  Time when;
  std::string reason;
  crypto::Hash256 mac{};  // keyed with the store's secret: nobody else can declare an object shredded
};

using ObjectRecord = std::variant<KeyRecord, Tombstone>;

[[nodiscard]] std::vector<std::uint8_t> write_record(const Root& root);
[[nodiscard]] std::vector<std::uint8_t> write_record(const ObjectRecord& record);
// What the MAC of a tombstone covers.
[[nodiscard]] std::vector<std::uint8_t> tombstone_body(const Tombstone& tombstone);

// Errors: Corrupt (cut, or its checksum fails: damaged), Unsupported (of a later version), InvalidInput (its
// fields contradict each other although the checksum holds).
[[nodiscard]] Result<Root> read_root(Bytes bytes);
[[nodiscard]] Result<ObjectRecord> read_object_record(Bytes bytes);

}  // namespace bulwark::store
