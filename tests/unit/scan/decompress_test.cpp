#include "scan/formats/decompress.h"

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace bulwark::scan {
namespace {

// Compressed bytes are made by the libraries' own encoders where the test needs many of them, and are short
// literals otherwise: "hello hello hello" in every codec.
std::string zlib_of(std::string_view text, int window_bits = 15) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in(text);
  stream.next_in = static_cast<Bytef*>(static_cast<void*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = static_cast<Bytef*>(static_cast<void*>(out.data()));
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<Decompressed> unpack(Codec codec, std::string_view text, std::uint64_t ceiling = 1 << 20) {
  return decompress(codec, bytes_of(text), ceiling);
}

TEST(Decompress, RoundTripsZlibDeflateAndGzip) {
  for (const auto& [codec, bits] :
       {std::pair{Codec::Zlib, 15}, {Codec::RawDeflate, -15}, {Codec::Gzip, 31}}) {
    const std::string packed = zlib_of("hello hello hello", bits);
    const auto done = unpack(codec, packed + "tail");
    ASSERT_TRUE(done) << name_of(codec);
    EXPECT_EQ(text_of(done->bytes), "hello hello hello");
    EXPECT_EQ(done->consumed, packed.size());
    EXPECT_FALSE(done->stopped);
  }
}

TEST(Decompress, ReadsEveryGzipMemberAlsoBehindZeroPadding) {
  const std::string packed = zlib_of("one ", 31) + std::string(7, '\0') + zlib_of("two", 31);
  const auto done = unpack(Codec::Gzip, packed + std::string(3, '\0'));
  ASSERT_TRUE(done);
  EXPECT_EQ(text_of(done->bytes), "one two");
  EXPECT_EQ(done->streams, 2U);
  EXPECT_EQ(done->consumed, packed.size());
}

TEST(Decompress, StopsAtTheCeilingAndSaysSo) {
  const std::string packed = zlib_of(std::string(1 << 20, 'x'));
  const auto exact = unpack(Codec::Zlib, packed, 1 << 20);
  ASSERT_TRUE(exact);
  EXPECT_FALSE(exact->stopped);
  const auto cut = unpack(Codec::Zlib, packed, 1000);
  ASSERT_TRUE(cut);
  ASSERT_TRUE(cut->stopped);
  EXPECT_EQ(cut->stopped->code, Code::LimitReached);
  EXPECT_EQ(cut->bytes.size(), 1000U);
}

TEST(Decompress, KeepsWhatCameOutBeforeADefect) {
  std::string packed = zlib_of("payload that was used before the checksum was wrong");
  packed.back() = static_cast<char>(packed.back() ^ 1);
  const auto done = unpack(Codec::Zlib, packed);
  ASSERT_TRUE(done);
  ASSERT_TRUE(done->stopped);
  EXPECT_EQ(done->stopped->code, Code::Corrupt);
  EXPECT_EQ(text_of(done->bytes), "payload that was used before the checksum was wrong");
}

TEST(Decompress, ZstdAndLz4KeepTheBlocksBeforeADefect) {
  // Text that does not compress, so that it spans many blocks.
  std::string text(1 << 20, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  std::string zstd(ZSTD_compressBound(text.size()), '\0');
  zstd.resize(ZSTD_compress(zstd.data(), zstd.size(), text.data(), text.size(), 1));
  std::string lz4(LZ4F_compressFrameBound(text.size(), nullptr), '\0');
  lz4.resize(LZ4F_compressFrame(lz4.data(), lz4.size(), text.data(), text.size(), nullptr));
  for (auto& [codec, packed] : {std::pair{Codec::Zstd, &zstd}, {Codec::Lz4Frame, &lz4}}) {
    const auto whole = unpack(codec, *packed + "tail");
    ASSERT_TRUE(whole);
    EXPECT_FALSE(whole->stopped) << name_of(codec);
    EXPECT_EQ(text_of(whole->bytes), text);
    EXPECT_EQ(whole->consumed, packed->size());
    const auto twice = unpack(codec, *packed + *packed, 4 << 20);
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->streams, 2U);
    EXPECT_EQ(twice->bytes.size(), 2 * text.size());
    const auto cut = unpack(codec, std::string_view(*packed).substr(0, packed->size() - 100'000));
    ASSERT_TRUE(cut);
    EXPECT_TRUE(cut->truncated);
    EXPECT_GT(cut->bytes.size(), text.size() / 2);
    packed->replace(packed->size() - 140'000, 140'000, std::string(140'000, '\xff'));
    const auto broken = unpack(codec, *packed);
    ASSERT_TRUE(broken);
    EXPECT_TRUE(broken->stopped) << name_of(codec);
    EXPECT_GT(broken->bytes.size(), text.size() / 2) << name_of(codec);
  }
}

TEST(Decompress, CutAtEveryLengthIsTruncatedNeverWhole) {
  const std::string packed = zlib_of("hello hello hello and more", 31);
  for (std::size_t length = 0; length < packed.size(); ++length) {
    const auto done = unpack(Codec::Gzip, std::string_view(packed).substr(0, length));
    if (!done) {
      EXPECT_EQ(done.error().code, Code::InvalidInput);
      continue;
    }
    ASSERT_TRUE(done->stopped) << length;
    EXPECT_TRUE(done->truncated) << length;
  }
}

TEST(Decompress, RecognisesCodecsByTheirFirstBytes) {
  using namespace std::string_view_literals;
  EXPECT_EQ(recognise_codec(bytes_of("\x1f\x8b\x08\x00"sv)), Codec::Gzip);
  EXPECT_EQ(recognise_codec(bytes_of("BZh91AY&SY"sv)), Codec::Bzip2);
  EXPECT_EQ(recognise_codec(bytes_of("\xFD\x37zXZ\0"sv)), Codec::Xz);
  EXPECT_EQ(recognise_codec(bytes_of("\x28\xB5\x2F\xFD"sv)), Codec::Zstd);
  EXPECT_EQ(recognise_codec(bytes_of("\x50\x2A\x4D\x18\x00\x00\x00\x00\x04\x22\x4D\x18"sv)), Codec::Lz4Frame);
  EXPECT_EQ(recognise_codec(bytes_of("\x78\x9C"sv)), Codec::Zlib);
  EXPECT_EQ(recognise_codec(bytes_of("\x5D\x00\x00\x80\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00"sv)),
            Codec::LzmaAlone);
  EXPECT_EQ(recognise_codec(bytes_of("plain text, no codec"sv)), std::nullopt);
  EXPECT_EQ(recognise_codec({}), std::nullopt);
}

TEST(Decompress, RefusesADictionaryOfFourGigabytes) {
  using namespace std::string_view_literals;
  const std::string_view header =
      "\x5D\x00\x00\x00\x80\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x34\x19\x49\xEE"sv;
  const auto done = unpack(Codec::LzmaAlone, header);
  ASSERT_TRUE(done);
  ASSERT_TRUE(done->stopped);
  EXPECT_EQ(done->stopped->code, Code::LimitReached);
}

}  // namespace
}  // namespace bulwark::scan
