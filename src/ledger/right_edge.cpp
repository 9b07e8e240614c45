#include "ledger/right_edge.h"

#include <algorithm>

namespace bulwark::ledger {

Result<RightEdge> RightEdge::load(TileReader& reader, const Hash& root) {
  RightEdge edge;
  const std::uint64_t size = reader.size();
  std::vector<Hash> roots;
  for (unsigned level = kTileLevels; level-- > 0;) {
    const unsigned width = partial_width(size, level);
    if (width == 0) continue;
    edge.tiles_[level] = TRY(reader.tile(level, full_tiles(size, level)));
    edge.put_widths_[level] = width;
    // The perfect subtrees in the tile, largest first.
    std::span<const Hash> rest(edge.tiles_[level]);
    for (std::size_t count = kTileWidth / 2; count > 0; count /= 2) {
      if ((width & count) == 0) continue;
      roots.push_back(root_of(rest.first(count)));
      rest = rest.subspan(count);
    }
  }
  edge.range_ = TRY(CompactRange::at(size, std::move(roots)));
  if (edge.root() != root)
    return fail(Code::Corrupt,
                "the tiles at the right edge do not lead to the root at size " + std::to_string(size));
  if (partial_width(size, 0) == 0) return edge;
  const std::uint64_t index = full_tiles(size, 0);
  const Bundle bundle = TRY(reader.bundle(index));
  for (std::size_t i = 0; i < bundle.entries.size(); ++i) {
    if (leaf_hash(bundle.entries[i]) != edge.tiles_[0][i])
      return fail(Code::Corrupt, "entry " + std::to_string(index * kTileWidth + i) + " contradicts its hash");
    append_to_bundle(edge.bundle_, bundle.entries[i]);
  }
  return edge;
}

Result<void> RightEdge::append_hash(unsigned level, const Hash& hash, const Put& put) {
  Hash next = hash;
  for (; level < kTileLevels; ++level) {
    std::vector<Hash>& tile = tiles_[level];
    tile.push_back(next);
    if (tile.size() < kTileWidth) return {};
    const std::uint64_t index = full_tiles(range_.size(), level) - 1;
    TRY(put(tile_path(level, index), tile_bytes(tile)));
    next = root_of(tile);
    tile.clear();
    put_widths_[level] = 0;
    remembered_[level].reset();
  }
  return {};
}

Result<void> RightEdge::append(Bytes entry, const Hash& leaf, const Put& put) {
  range_.append(leaf);
  append_to_bundle(bundle_, entry);
  if (range_.size() % kTileWidth == 0) {
    TRY(put(bundle_path(range_.size() / kTileWidth - 1), bundle_));
    bundle_.clear();
  }
  return append_hash(0, leaf, put);
}

Result<void> RightEdge::put_partial(const Put& put) {
  for (unsigned level = 0; level < kTileLevels; ++level) {
    const std::size_t width = tiles_[level].size();
    if (width == put_widths_[level]) continue;
    const std::uint64_t index = full_tiles(size(), level);
    if (level == 0) TRY(put(bundle_path(index, width), bundle_));
    TRY(put(tile_path(level, index, width), tile_bytes(tiles_[level])));
    put_widths_[level] = width;
  }
  return {};
}

void RightEdge::remember_widths() {
  for (unsigned level = 0; level < kTileLevels; ++level)
    // What the journal starts from is durable and needed to read it: never written again.
    if (tiles_[level].size() != put_widths_[level]) remembered_[level].set(tiles_[level].size());
}

Result<void> RightEdge::put_remembered(const Put& put) const {
  const std::vector<Bytes> entries = TRY(parse_bundle(bundle_, tiles_[0].size()));
  for (unsigned level = 0; level < kTileLevels; ++level) {
    const std::uint64_t index = full_tiles(size(), level);
    for (std::size_t width = 1; width <= tiles_[level].size(); ++width) {
      if (!remembered_[level].test(width)) continue;
      if (level == 0) {
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < width; ++i) bytes += 2 + entries[i].size();
        TRY(put(bundle_path(index, width), Bytes(bundle_).first(bytes)));
      }
      TRY(put(tile_path(level, index, width), tile_bytes(std::span(tiles_[level]).first(width))));
    }
  }
  return {};
}

}  // namespace bulwark::ledger
