#include "recipe/compress.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <string>

namespace bulwark::recipe {
namespace {

using Buffer = std::vector<std::uint8_t>;

Result<Buffer> by_zlib(Bytes content, int window_bits) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return fail(Code::Unavailable, "zlib");
  Buffer out(deflateBound(&stream, content.size()) + 64);
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return fail(Code::Unavailable, "zlib");
  return out;
}

Result<Buffer> by_bzip2(Bytes content) {
  std::string input(text_of(content));
  std::string output(content.size() + content.size() / 50 + 1024, '\0');
  auto length = static_cast<unsigned>(output.size());
  if (BZ2_bzBuffToBuffCompress(output.data(), &length, input.data(), static_cast<unsigned>(input.size()), 9,
                               0, 0) != BZ_OK)
    return fail(Code::Unavailable, "bzip2");
  const Bytes bytes = bytes_of(std::string_view(output).substr(0, length));
  return Buffer(bytes.begin(), bytes.end());
}

Result<Buffer> by_lzma(Bytes content, bool alone) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_options_lzma options{};
  lzma_lzma_preset(&options, 6);
  const lzma_ret started =
      alone ? lzma_alone_encoder(&stream, &options) : lzma_easy_encoder(&stream, 6, LZMA_CHECK_CRC32);
  if (started != LZMA_OK) return fail(Code::Unavailable, "liblzma");
  Buffer out(content.size() + content.size() / 2 + 1024);
  stream.next_in = content.data();
  stream.avail_in = content.size();
  stream.next_out = out.data();
  stream.avail_out = out.size();
  const lzma_ret result = lzma_code(&stream, LZMA_FINISH);
  out.resize(static_cast<std::size_t>(stream.total_out));
  lzma_end(&stream);
  if (result != LZMA_STREAM_END) return fail(Code::Unavailable, "liblzma");
  return out;
}

Result<Buffer> by_zstd(Bytes content) {
  Buffer out(ZSTD_compressBound(content.size()));
  const std::size_t length = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 9);
  if (ZSTD_isError(length) != 0) return fail(Code::Unavailable, "zstd");
  out.resize(length);
  return out;
}

Result<Buffer> by_lz4(Bytes content) {
  Buffer out(LZ4F_compressFrameBound(content.size(), nullptr));
  const std::size_t length =
      LZ4F_compressFrame(out.data(), out.size(), content.data(), content.size(), nullptr);
  if (LZ4F_isError(length) != 0) return fail(Code::Unavailable, "lz4");
  out.resize(length);
  return out;
}

constexpr auto kCodecs =
    std::to_array<std::string_view>({"bzip2", "deflate", "gzip", "lz4", "lzma", "xz", "zlib", "zstd"});

}  // namespace

bool is_codec(std::string_view codec) {
  return std::ranges::find(kCodecs, codec) != kCodecs.end();
}

Result<Buffer> compress(std::string_view codec, Bytes content) {
  if (codec == "zlib") return by_zlib(content, 15);
  if (codec == "deflate") return by_zlib(content, -15);
  if (codec == "gzip") return by_zlib(content, 15 + 16);
  if (codec == "bzip2") return by_bzip2(content);
  if (codec == "xz") return by_lzma(content, false);
  if (codec == "lzma") return by_lzma(content, true);
  if (codec == "zstd") return by_zstd(content);
  if (codec == "lz4") return by_lz4(content);
  return fail(Code::InvalidInput, "unknown codec " + std::string(codec));
}

std::uint32_t crc32_of(Bytes content) {
  return static_cast<std::uint32_t>(crc32(0, content.data(), static_cast<uInt>(content.size())));
}

}  // namespace bulwark::recipe
