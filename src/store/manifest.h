#pragma once
// What an object consists of. Sealed with the object's data key, so that destroying this key takes the
// segments' keys with it.

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "store/ids.h"
#include "store/limits.h"
#include "store/record.h"

namespace bulwark::store {

using Probe = std::array<std::uint8_t, 16>;  // keyed hash of samples of a segment

// Wiped when it goes. Not locked into memory one by one as a crypto::Secret: large objects have 100,000.
struct SegmentKey {
  std::array<std::uint8_t, kDataKeyBytes> bytes{};
  SegmentKey() = default;
  SegmentKey(const SegmentKey&) = default;
  SegmentKey& operator=(const SegmentKey&) = default;
  ~SegmentKey() { crypto::wipe(bytes); }
};

// A blob with a random key of its own; other objects that hold the same bytes may list it, too.
struct Segment {
  BlobId blob;
  SegmentKey key;
  Probe probe{};
};

// How content is cut. Written into each manifest; the tests cut finer.
struct Cutting {
  std::uint32_t segment_bytes = StoreLimits::kSegmentBytes;
  std::uint32_t inline_bytes = StoreLimits::kInlineBytes;
};

struct Manifest {
  crypto::Hash256 sha256{};  // of the content
  std::uint64_t size = 0;    // of the content
  Time created;
  std::uint32_t segment_bytes = StoreLimits::kSegmentBytes;  // of all segments but the last
  std::vector<Segment> segments;
  std::vector<std::uint8_t> content;  // instead of segments, up to StoreLimits::kInlineBytes

  // Bytes of segment i before padding.
  [[nodiscard]] std::uint64_t segment_size(std::size_t i) const;
};

// Padded to a size class.
[[nodiscard]] crypto::Secret write_manifest(const Manifest& manifest);
// Errors: InvalidInput: fields that contradict each other, or padding that is not zero; LimitReached.
[[nodiscard]] Result<Manifest> read_manifest(Bytes bytes);

}  // namespace bulwark::store
