#pragma once
// Reads a log of any maker out of its tiles: hashes, entries, proofs for any size.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "ledger/checkpoint.h"
#include "ledger/tiles.h"

namespace bulwark::ledger {

// A bundle and the entries in it.
struct Bundle {
  std::vector<std::uint8_t> bytes;
  std::vector<Bytes> entries;  // views into `bytes`
};

// Of a tree of a given size; keeps the last tile of every level. What it reads is not verified: proofs are
// worth what the root that they lead to is worth. Used by one thread at a time.
class TileReader {
 public:
  // `files` outlives the reader. `folder`: holds "checkpoint" and "tile".
  TileReader(FileSystem& files, std::string folder, std::uint64_t size)
      : files_(files), folder_(std::move(folder)), size_(size) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }

  // Errors everywhere: NotFound: no such tile or bundle, or not in that tree. Corrupt: a file of another
  // length than its width asks for. Unavailable.
  [[nodiscard]] Result<std::vector<Hash>> tile(unsigned level, std::uint64_t index);
  [[nodiscard]] Result<Bundle> bundle(std::uint64_t index);
  [[nodiscard]] Result<std::vector<std::uint8_t>> entry(std::uint64_t index);
  // Root of a perfect subtree, see ledger::Nodes.
  [[nodiscard]] Result<Hash> node(unsigned level, std::uint64_t index);

  [[nodiscard]] Result<Hash> root() { return root_at(size_); }
  [[nodiscard]] Result<Hash> root_at(std::uint64_t size);
  [[nodiscard]] Result<Proof> inclusion(std::uint64_t index) { return inclusion(index, size_); }
  [[nodiscard]] Result<Proof> inclusion(std::uint64_t index, std::uint64_t size);
  [[nodiscard]] Result<Proof> consistency(std::uint64_t old_size) { return consistency(old_size, size_); }
  [[nodiscard]] Result<Proof> consistency(std::uint64_t old_size, std::uint64_t size);

 private:
  struct Kept {
    std::uint64_t index = 0;
    std::vector<Hash> hashes;
  };

  struct Stored {
    std::vector<std::uint8_t> bytes;
    std::uint64_t width = 0;
    std::string path;
  };

  [[nodiscard]] Result<Stored> read(const std::string& partial, const std::string& full, std::uint64_t width,
                                    std::uint64_t limit);
  [[nodiscard]] Nodes nodes();

  FileSystem& files_;
  std::string folder_;
  std::uint64_t size_;
  std::array<std::optional<Kept>, kTileLevels> kept_;
};

// The checkpoint that the log publishes, not verified. Errors: NotFound, InvalidInput, Unavailable.
[[nodiscard]] Result<SignedCheckpoint> read_checkpoint(FileSystem& files, const std::string& path);

}  // namespace bulwark::ledger
