#include "store/manifest.h"

#include <algorithm>
#include <bit>

#include "store/byte_writer.h"
#include "store/size_class.h"

namespace bulwark::store {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint64_t kFixedBytes = 1 + 32 + 8 + 8 + 4 + 4;
constexpr std::uint64_t kSegmentEntryBytes = 16 + kDataKeyBytes + 16;
constexpr std::uint64_t kLatest = 253'402'300'799'999;  // 9999-12-31

Result<void> read_segments(ByteReader& in, std::uint64_t count, Manifest& manifest) {
  if (in.remaining() / kSegmentEntryBytes < count)
    return fail(Code::InvalidInput, "manifest ends before its " + std::to_string(count) + " segments do");
  manifest.segments.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    Segment segment;
    TRY(read_array(in, segment.blob.bytes, "segment id"));
    TRY(read_array(in, segment.key.bytes, "segment key"));
    TRY(read_array(in, segment.probe, "segment probe"));
    manifest.segments.push_back(std::move(segment));
  }
  return {};
}

Result<void> check_cutting(const Manifest& manifest, std::uint32_t count) {
  const std::uint32_t bytes = manifest.segment_bytes;
  if (!std::has_single_bit(bytes) || bytes < StoreLimits::kLeastSegmentBytes ||
      bytes > StoreLimits::kMostSegmentBytes)
    return fail(Code::Unsupported, "segments of " + std::to_string(bytes) + " bytes");
  if (count > StoreLimits::kSegments)
    return fail(Code::LimitReached, "manifest of " + std::to_string(count) + " segments");
  const bool fits = count == 0 ? manifest.size <= StoreLimits::kInlineBytes
                               : manifest.size > 0 && (manifest.size - 1) / bytes + 1 == count;
  if (!fits)
    return fail(Code::InvalidInput, std::to_string(count) + " segments of " + std::to_string(bytes) +
                                        " bytes cannot hold " + std::to_string(manifest.size));
  return {};
}

}  // namespace

std::uint64_t Manifest::segment_size(std::size_t i) const {
  return std::min<std::uint64_t>(segment_bytes, size - std::uint64_t{i} * segment_bytes);
}

crypto::Secret write_manifest(const Manifest& manifest) {
  ByteWriter out;
  out.number(kVersion).raw(manifest.sha256).number(manifest.size);
  out.number(
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, manifest.created.time_since_epoch().count())));
  out.number(manifest.segment_bytes).number(static_cast<std::uint32_t>(manifest.segments.size()));
  for (const Segment& segment : manifest.segments)
    out.raw(segment.blob.bytes).raw(segment.key.bytes).raw(segment.probe);
  out.raw(manifest.content);
  std::vector<std::uint8_t> bytes = out.take();
  crypto::Secret padded(size_class(bytes.size()));
  std::ranges::copy(bytes, padded.writable().begin());
  crypto::wipe(bytes);
  return padded;
}

Result<Manifest> read_manifest(Bytes bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = TRY(in.little_endian<std::uint8_t>("version of the manifest"));
  if (version != kVersion)
    return fail(Code::Unsupported,
                "manifest of version " + std::to_string(version) + "; use a newer bulwark");
  Manifest manifest;
  TRY(read_array(in, manifest.sha256, "content digest"));
  manifest.size = TRY(in.little_endian<std::uint64_t>("size"));
  const std::uint64_t created = TRY(in.little_endian<std::uint64_t>("time"));
  if (created > kLatest) return fail(Code::InvalidInput, "time " + std::to_string(created) + " is no date");
  manifest.created = Time(std::chrono::milliseconds(static_cast<std::int64_t>(created)));
  manifest.segment_bytes = TRY(in.little_endian<std::uint32_t>("segment size"));
  const std::uint32_t count = TRY(in.little_endian<std::uint32_t>("segment count"));
  TRY(check_cutting(manifest, count));
  TRY(read_segments(in, count, manifest));
  if (count == 0) {
    const Bytes content = TRY(in.take(manifest.size, "content"));
    manifest.content.assign(content.begin(), content.end());
  }
  if (std::ranges::any_of(in.rest(), [](std::uint8_t byte) { return byte != 0; }))
    return fail(Code::InvalidInput, "the padding of the manifest is not zero");
  if (in.offset() < kFixedBytes || bytes.size() != size_class(in.offset()))
    return fail(Code::InvalidInput, "the manifest is not padded to its size class");
  return manifest;
}

}  // namespace bulwark::store
