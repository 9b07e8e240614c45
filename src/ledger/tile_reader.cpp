#include "ledger/tile_reader.h"

namespace bulwark::ledger {

// A partial file may be deleted once the full one is there.
Result<TileReader::Stored> TileReader::read(const std::string& partial, const std::string& full,
                                            std::uint64_t width, std::uint64_t limit) {
  if (width < kTileWidth) {
    auto bytes = read_file(files_, folder_ + "/" + partial, limit);
    if (bytes) return Stored{.bytes = std::move(*bytes), .width = width, .path = partial};
    if (bytes.error().code != Code::NotFound) return std::unexpected(std::move(bytes).error());
  }
  auto bytes = read_file(files_, folder_ + "/" + full, limit);
  if (bytes) return Stored{.bytes = std::move(*bytes), .width = kTileWidth, .path = full};
  if (bytes.error().code != Code::NotFound) return std::unexpected(std::move(bytes).error());
  return fail(Code::NotFound, partial + " is missing");
}

Result<std::vector<Hash>> TileReader::tile(unsigned level, std::uint64_t index) {
  const std::uint64_t width = tile_width(size_, level, index);
  if (width == 0)
    return fail(Code::NotFound,
                tile_path(level, index) + " is not part of a tree of " + std::to_string(size_));
  const Stored stored =
      TRY(read(tile_path(level, index, width), tile_path(level, index), width, kTileWidth * sizeof(Hash)));
  auto hashes = parse_tile(stored.bytes, stored.width);
  if (!hashes) return fail(Code::Corrupt, stored.path + ": " + hashes.error().message);
  hashes->resize(width);
  return hashes;
}

Result<Bundle> TileReader::bundle(std::uint64_t index) {
  const std::uint64_t width = tile_width(size_, 0, index);
  if (width == 0)
    return fail(Code::NotFound, bundle_path(index) + " is not part of a tree of " + std::to_string(size_));
  Stored stored = TRY(read(bundle_path(index, width), bundle_path(index), width, kMaxBundleBytes));
  Bundle bundle{.bytes = std::move(stored.bytes), .entries = {}};
  auto entries = parse_bundle(bundle.bytes, stored.width);
  if (!entries) return fail(Code::Corrupt, stored.path + ": " + entries.error().message);
  bundle.entries = std::move(*entries);
  bundle.entries.resize(width);
  return bundle;
}

Result<std::vector<std::uint8_t>> TileReader::entry(std::uint64_t index) {
  if (index >= size_)
    return fail(Code::NotFound,
                "there is no entry " + std::to_string(index) + " in a log of " + std::to_string(size_));
  const Bundle found = TRY(bundle(index / kTileWidth));
  const Bytes entry = found.entries[index % kTileWidth];
  return std::vector<std::uint8_t>(entry.begin(), entry.end());
}

Result<Hash> TileReader::node(unsigned level, std::uint64_t index) {
  const unsigned tile_level = level / kTileHeight;
  const unsigned height = level % kTileHeight;
  if (tile_level >= kTileLevels) return fail(Code::NotFound, "the tree has no such level");
  const std::uint64_t first = index << height;  // hash of the tile level
  std::optional<Kept>& kept = kept_[tile_level];
  if (!kept || kept->index != first / kTileWidth) {
    auto hashes = TRY(tile(tile_level, first / kTileWidth));
    kept = Kept{.index = first / kTileWidth, .hashes = std::move(hashes)};
  }
  const std::uint64_t offset = first % kTileWidth;
  const std::uint64_t count = std::uint64_t{1} << height;
  if (offset + count > kept->hashes.size())
    return fail(Code::NotFound, "the tree of " + std::to_string(size_) + " entries has no such node");
  return root_of(std::span<const Hash>(kept->hashes).subspan(offset, count));
}

Nodes TileReader::nodes() {
  return [this](unsigned level, std::uint64_t index) { return node(level, index); };
}

Result<Hash> TileReader::root_at(std::uint64_t size) {
  return ledger::root_at(size, nodes());
}

Result<Proof> TileReader::inclusion(std::uint64_t index, std::uint64_t size) {
  return inclusion_proof(index, size, nodes());
}

Result<Proof> TileReader::consistency(std::uint64_t old_size, std::uint64_t size) {
  return consistency_proof(old_size, size, nodes());
}

Result<SignedCheckpoint> read_checkpoint(FileSystem& files, const std::string& path) {
  const auto bytes = TRY(read_file(files, path, NoteLimits().bytes));
  auto parsed = parse_signed_checkpoint(text_of(bytes));
  if (!parsed) return std::unexpected(std::move(parsed).error().within(path));
  return parsed;
}

}  // namespace bulwark::ledger
