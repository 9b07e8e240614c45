#pragma once
// What a writer keeps of its log: the incomplete tiles at the right edge. A few hundred KiB, whatever the
// size of the log (16 MiB at most, with entries of 64 KiB).

#include <array>
#include <bitset>
#include <functional>
#include <string>
#include <vector>

#include "ledger/tile_reader.h"

namespace bulwark::ledger {

// Takes one file of the layout: path below the log's folder, and content.
using Put = std::function<Result<void>(const std::string& path, Bytes content)>;

class RightEdge {
 public:
  RightEdge() = default;
  // Reads the incomplete tiles of the reader's tree. Errors: those of the reader; Corrupt: they do not lead
  // to `root`, or an entry contradicts its hash.
  [[nodiscard]] static Result<RightEdge> load(TileReader& reader, const Hash& root);

  // Hands tiles and bundles to `put` as they become full. `entry`: at most kMaxEntryBytes. `leaf`: its hash.
  [[nodiscard]] Result<void> append(Bytes entry, const Hash& leaf, const Put& put);
  // The incomplete tiles and the incomplete bundle, as a checkpoint of this size needs them. Those that were
  // put for an earlier size and are the same are left out.
  [[nodiscard]] Result<void> put_partial(const Put& put);

  [[nodiscard]] std::uint64_t size() const { return range_.size(); }
  [[nodiscard]] Hash root() const { return range_.root(); }
  [[nodiscard]] const CompactRange& range() const { return range_; }

  // Recovery: which widths checkpoints asked for since the tile began, put once at the end.
  void remember_widths();
  [[nodiscard]] Result<void> put_remembered(const Put& put) const;

 private:
  using Widths = std::bitset<kTileWidth>;

  [[nodiscard]] Result<void> append_hash(unsigned level, const Hash& hash, const Put& put);

  CompactRange range_;
  std::array<std::vector<Hash>, kTileLevels> tiles_;
  std::array<std::size_t, kTileLevels> put_widths_{};
  std::array<Widths, kTileLevels> remembered_;
  std::vector<std::uint8_t> bundle_;
};

}  // namespace bulwark::ledger
