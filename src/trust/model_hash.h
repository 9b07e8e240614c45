#pragma once
// Digests of files and shards, many at once.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"
#include "trust/model_manifest.h"
#include "trust/model_source.h"

namespace bulwark::trust {

struct HashOptions {
  std::size_t jobs = 1;       // threads
  Links links = Links::Keep;  // as the tree was listed
  std::function<void(std::size_t bytes)> hashed =
      {};  // called from several threads as bytes are hashed; may be empty
};

// What one file gave.
struct FileDigests {
  std::uint64_t size = 0;                          // when it was opened
  std::vector<std::vector<std::uint8_t>> digests;  // Files: one; Shards: one per shard, none of an empty file
};

// The files of `paths` under one serialization. In the order given; an error is of that file alone
// (Unavailable, Corrupt: changed while it was read; LimitReached).
[[nodiscard]] std::vector<Result<FileDigests>> hash_files(const ModelSource& source,
                                                          std::span<const ModelEntry* const> files,
                                                          const Serialization& how,
                                                          const HashOptions& options);

// The bounds of shard `index` in a file of `size` bytes.
struct ShardBounds {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};
[[nodiscard]] inline ShardBounds shard_bounds(std::uint64_t index, std::uint64_t shard_size,
                                              std::uint64_t size) {
  const std::uint64_t start = index * shard_size;
  return {start, size - start < shard_size ? size : start + shard_size};
}

}  // namespace bulwark::trust
