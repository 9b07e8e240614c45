#include "ledger/tiles.h"

#include <algorithm>

namespace bulwark::ledger {
namespace {

// 1234067 is "x001/x234/067": three digits a folder, so that none holds more than a thousand names.
std::string index_path(std::uint64_t index) {
  const auto three = [](std::uint64_t number) {
    const std::string digits = std::to_string(number);
    return std::string(3 - digits.size(), '0') + digits;
  };
  std::string path = three(index % 1000);
  for (index /= 1000; index > 0; index /= 1000) path = "x" + three(index % 1000) + "/" + path;
  return path;
}

std::string with_width(std::string path, std::uint64_t width) {
  return width == kTileWidth ? path : path + ".p/" + std::to_string(width);
}

std::uint64_t hashes_on(std::uint64_t size, unsigned level) {
  return level >= kTileLevels ? 0 : size >> (kTileHeight * level);
}

}  // namespace

std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width) {
  return with_width("tile/" + std::to_string(level) + "/" + index_path(index), width);
}

std::string bundle_path(std::uint64_t index, std::uint64_t width) {
  return with_width("tile/entries/" + index_path(index), width);
}

std::uint64_t full_tiles(std::uint64_t size, unsigned level) {
  return hashes_on(size, level) / kTileWidth;
}

unsigned partial_width(std::uint64_t size, unsigned level) {
  return static_cast<unsigned>(hashes_on(size, level) % kTileWidth);
}

std::uint64_t tile_width(std::uint64_t size, unsigned level, std::uint64_t index) {
  const std::uint64_t full = full_tiles(size, level);
  if (index < full) return kTileWidth;
  return index == full ? partial_width(size, level) : 0;
}

void append_to_bundle(std::vector<std::uint8_t>& bundle, Bytes entry) {
  bundle.push_back(static_cast<std::uint8_t>(entry.size() >> 8));
  bundle.push_back(static_cast<std::uint8_t>(entry.size() & 0xFF));
  bundle.insert(bundle.end(), entry.begin(), entry.end());
}

Result<std::vector<Bytes>> parse_bundle(Bytes bundle, std::uint64_t count) {
  ByteReader in(bundle);
  std::vector<Bytes> entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto size = TRY(in.big_endian<std::uint16_t>("length of entry"));
    const Bytes entry = TRY(in.take(size, "entry"));
    entries.push_back(entry);
  }
  if (!in.at_end())
    return fail(Code::InvalidInput, std::to_string(in.remaining()) + " bytes behind the last of " +
                                        std::to_string(count) + " entries");
  return entries;
}

std::vector<std::uint8_t> tile_bytes(std::span<const Hash> hashes) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& hash : hashes) bytes.insert(bytes.end(), hash.begin(), hash.end());
  return bytes;
}

Result<std::vector<Hash>> parse_tile(Bytes tile, std::uint64_t width) {
  if (tile.size() != width * sizeof(Hash))
    return fail(Code::InvalidInput, "tile of " + std::to_string(width) +
                                        " hashes: " + std::to_string(tile.size()) + " bytes, expected " +
                                        std::to_string(width * sizeof(Hash)));
  std::vector<Hash> hashes(width);
  for (std::uint64_t i = 0; i < width; ++i)
    std::ranges::copy(tile.subspan(i * sizeof(Hash), sizeof(Hash)), hashes[i].begin());
  return hashes;
}

}  // namespace bulwark::ledger
