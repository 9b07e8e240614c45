#pragma once
// What things in a store are called, and where they lie.
//
//   root, root.copy        the store itself, twice
//   keys/<2>/<object id>   one small record for each object: its data key, wrapped, or its tombstone
//   blobs/<2>/<blob id>    sealed manifests and segments, which look alike
//   names/<name id>        sealed references
//   quarantine/…           what fsck took out of the way
//
// <2> are the first two characters of the id.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"

namespace bulwark::store {

template <std::size_t kSize>
struct Id {
  std::array<std::uint8_t, kSize> bytes{};
  [[nodiscard]] std::string text() const { return hex(bytes); }
  friend auto operator<=>(const Id&, const Id&) = default;
};

struct ObjectId : Id<32> {};  // keyed hash of the content
struct BlobId : Id<16> {};    // random
struct NameId : Id<32> {};    // keyed hash of the name
struct StoreId : Id<16> {};   // from the store's secret

// The bytes of exactly 2 * out.size() lower-case hex characters.
[[nodiscard]] bool read_hex(std::string_view text, std::span<std::uint8_t> out);

inline constexpr std::string_view kRootName = "root";
inline constexpr std::string_view kRootCopyName = "root.copy";
inline constexpr std::string_view kKeysFolder = "keys";
inline constexpr std::string_view kBlobsFolder = "blobs";
inline constexpr std::string_view kNamesFolder = "names";
inline constexpr std::string_view kQuarantineFolder = "quarantine";

[[nodiscard]] std::string key_path(const ObjectId& id);
[[nodiscard]] std::string blob_path(const BlobId& id);
[[nodiscard]] std::string name_path(const NameId& id);
[[nodiscard]] std::string quarantine_path(const ObjectId& id);  // of its key record

// The other way round; nothing if the path is not one that we would write.
[[nodiscard]] std::optional<ObjectId> object_at(std::string_view path);
[[nodiscard]] std::optional<BlobId> blob_at(std::string_view path);
[[nodiscard]] std::optional<NameId> name_at(std::string_view path);
[[nodiscard]] std::optional<ObjectId> quarantined_at(std::string_view path);

}  // namespace bulwark::store
