#pragma once
// The ceilings of a store, with their reasons. Sizes are bytes.

#include <cstdint>

namespace bulwark::store {

struct StoreLimits {
  // A segment is what is sealed, deduplicated and read as one. Larger ones save files and syncs, smaller ones
  // find more that is equal; 8 MiB is about one layer of a language model, and a few of them fit in memory.
  static constexpr std::uint32_t kSegmentBytes = std::uint32_t{8} << 20;
  // What a manifest may say instead: readers hold one segment in memory where they repair.
  static constexpr std::uint32_t kLeastSegmentBytes = 1024;
  static constexpr std::uint32_t kMostSegmentBytes = std::uint32_t{64} << 20;
  // Content up to this size lives in its manifest: one file less to write, sync and read.
  static constexpr std::uint32_t kInlineBytes = std::uint32_t{64} << 10;
  // 16 TiB of segments; the manifest of such an object takes 128 MiB.
  static constexpr std::uint32_t kSegments = std::uint32_t{2} << 20;
  static constexpr std::uint64_t kManifestBytes = std::uint64_t{144} << 20;
  // Root, key and name records: fixed fields and one short text.
  static constexpr std::uint64_t kRecordBytes = 4096;
  static constexpr std::size_t kNameBytes = 200;
  static constexpr std::size_t kReasonBytes = 400;
  static constexpr std::size_t kKekNameBytes = 200;
  // Writers at once; the next one waits.
  static constexpr int kWriters = 8;
  // Segments of equal samples that are compared in full before a new one is written.
  static constexpr std::size_t kCandidates = 3;
  // Segments that one reader keeps open.
  static constexpr std::size_t kOpenSegments = 32;
};

}  // namespace bulwark::store
