#pragma once
// Compressors for building samples, each by the real library.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::recipe {

// `codec`: zlib, deflate (raw), gzip, bzip2, xz, lzma (alone), zstd, lz4 (frame).
[[nodiscard]] bool is_codec(std::string_view codec);
[[nodiscard]] Result<std::vector<std::uint8_t>> compress(std::string_view codec, Bytes content);
[[nodiscard]] std::uint32_t crc32_of(Bytes content);

}  // namespace bulwark::recipe
