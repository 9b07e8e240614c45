#pragma once
// Every compressor that model files use, behind one call with a hard ceiling on the output.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

enum class Codec : std::uint8_t { Zlib, RawDeflate, Gzip, Bzip2, Xz, LzmaAlone, Zstd, Lz4Frame };

[[nodiscard]] std::string_view name_of(Codec codec);  // "zlib" …
// The codec that starts at byte 0, by magic number; never RawDeflate. LzmaAlone and Zlib by a plausible
// header only.
[[nodiscard]] std::optional<Codec> recognise_codec(Bytes content);

struct Decompressed {
  std::vector<std::uint8_t> bytes;
  std::uint64_t consumed =
      0;  // compressed bytes read, all concatenated members of gzip/bzip2/xz/zstd/lz4 included
  std::uint32_t streams = 1;     // how many members were concatenated
  std::optional<Error> stopped;  // why the output is incomplete: Corrupt (defect, truncation) or LimitReached
  bool truncated = false;        // `stopped` because the input ended too early
};

// Unpacks as far as the data goes. What came out before a defect is kept, because a loader may have used it.
// `max_output`: bytes; never allocates more than that plus one window.
// Errors: InvalidInput if not even the header fits the codec.
[[nodiscard]] Result<Decompressed> decompress(Codec codec, Bytes input, std::uint64_t max_output);

// The size of the output as the header of the first stream declares it (zstd, lz4, lzma); what loaders
// allocate.
[[nodiscard]] std::optional<std::uint64_t> declared_size(Codec codec, Bytes content);

// CRC-32 as zip, gzip and 7z use it.
[[nodiscard]] std::uint32_t crc32_of(Bytes content);

}  // namespace bulwark::scan
