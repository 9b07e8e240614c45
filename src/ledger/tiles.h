#pragma once
// The layout of a log as files, C2SP tlog-tiles: which file holds which hashes and entries. The one owner of
// the names that other people's clients ask for.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "ledger/merkle.h"

namespace bulwark::ledger {

inline constexpr std::uint64_t kTileWidth = 256;  // hashes in a full tile, entries in a full bundle
inline constexpr unsigned kTileHeight = 8;        // levels of the tree in one tile
inline constexpr unsigned kTileLevels = 8;        // 256^8 entries are more than a uint64 counts
inline constexpr std::size_t kMaxEntryBytes = 65'535;
inline constexpr std::size_t kMaxBundleBytes = kTileWidth * (2 + kMaxEntryBytes);

// "tile/0/x001/234" for width 256, "tile/0/x001/234.p/17" for a partial tile.
[[nodiscard]] std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width = kTileWidth);
// "tile/entries/x001/234.p/17"
[[nodiscard]] std::string bundle_path(std::uint64_t index, std::uint64_t width = kTileWidth);

// Of a tree of `size` entries: the full tiles of a level, and the hashes in the partial one behind them.
[[nodiscard]] std::uint64_t full_tiles(std::uint64_t size, unsigned level);
[[nodiscard]] unsigned partial_width(std::uint64_t size, unsigned level);
// Hashes in tile `index` of a level; 0 if the tree has no such tile.
[[nodiscard]] std::uint64_t tile_width(std::uint64_t size, unsigned level, std::uint64_t index);

// `entry`: at most kMaxEntryBytes.
void append_to_bundle(std::vector<std::uint8_t>& bundle, Bytes entry);
// Views into `bundle`. Errors: InvalidInput: not exactly `count` entries.
[[nodiscard]] Result<std::vector<Bytes>> parse_bundle(Bytes bundle, std::uint64_t count);

[[nodiscard]] std::vector<std::uint8_t> tile_bytes(std::span<const Hash> hashes);
// Errors: InvalidInput: not exactly `width` hashes.
[[nodiscard]] Result<std::vector<Hash>> parse_tile(Bytes tile, std::uint64_t width);

}  // namespace bulwark::ledger
