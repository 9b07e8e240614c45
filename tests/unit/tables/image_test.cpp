// One picture: what its samples are, and what is refused before and while it is decoded.

#include "tables/image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/images.h"

namespace bulwark::tables {
namespace {

using test::jpeg_file;
using test::JpegKind;
using test::Png;
using test::png_chunk;
using test::png_file;

constexpr std::uint64_t kPixels = 1 << 20;

struct Decoded {
  ImageShape shape;
  std::vector<int> samples;
};

Result<Decoded> decoded(std::string_view file) {
  const ImageShape shape = TRY(measure_image(bytes_of(file), kPixels));
  std::vector<std::uint8_t> planes(shape.samples());
  TRY(decode_image(bytes_of(file), shape, planes));
  return Decoded{shape, {planes.begin(), planes.end()}};
}

void expect(std::string_view file, const ImageShape& shape, const std::vector<int>& samples) {
  const auto got = decoded(file);
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->shape, shape);
  EXPECT_EQ(got->samples, samples);
}

void expect_error(std::string_view file, Code code, std::string_view part) {
  const auto got = decoded(file);
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, code) << got.error().message;
  EXPECT_NE(got.error().message.find(part), std::string::npos) << got.error().message;
}

TEST(Pnm, EveryKindIsRead) {
  expect("P1\n# a comment\n3 2\n101\n0 1 0", {3, 2, 1}, {0, 255, 0, 255, 0, 255});
  expect("P2 2 1 15 0\n15", {2, 1, 1}, {0, 255});
  expect("P3 1 2 255 1 2 3 4 5 6", {1, 2, 3}, {1, 4, 2, 5, 3, 6});
  expect(std::string("P4 9 1\n\xA0\x80", 9), {9, 1, 1}, {0, 255, 0, 255, 255, 255, 255, 255, 0});
  expect("P5 2 1 255\n\x07\xFF", {2, 1, 1}, {7, 255});
  expect(std::string("P5 2 1 65535\n\xFF\xFF\x00\x00", 17), {2, 1, 1}, {255, 0});
  expect("P6 1 2 255\nabcdef", {1, 2, 3}, {'a', 'd', 'b', 'e', 'c', 'f'});
  expect(std::string("P5 3 1 16\n\x00\x08\x10", 13), {3, 1, 1}, {0, 128, 255});
}

TEST(Pnm, BrokenHeadersAndMissingPixelsAreErrors) {
  for (const std::string_view file :
       {"P5", "P5 ", "P5 1", "P5 1 1", "P5 1 1 255", "P5 1 1 255\n", "P5 0 1 255\n", "P5 1 1 0\n.",
        "P5 1 1 65536\n..", "P5 99999999999999999999 1 255\n.", "P5 -1 1 255\n.", "P6 1 1 255\nab",
        "P2 1 1 255 x", "P2 2 1 255 1", "P1 1 1 2", "P3 2 2 9 1 2 3", "P4 9 1\n."})
    EXPECT_FALSE(decoded(file).has_value()) << file;
  // 100 million pixels in 20 bytes.
  expect_error("P5 1000 1000 255\n....", Code::Corrupt, "need 1000000 bytes, 4 are there");
}

TEST(PngImage, GreyColoursPaletteAlphaAndSixteenBits) {
  expect(png_file({.width = 2, .pixels = "\x05\xF0"}), {2, 1, 1}, {5, 240});
  expect(png_file({.width = 2, .colour = 2, .pixels = "abcdef"}), {2, 1, 3}, {'a', 'd', 'b', 'e', 'c', 'f'});
  expect(png_file({.width = 2, .colour = 3, .pixels = std::string("\1\0", 2), .palette = "abcdef"}),
         {2, 1, 3}, {'d', 'a', 'e', 'b', 'f', 'c'});
  expect(png_file({.colour = 3, .pixels = std::string(1, '\0'), .palette = "abc", .transparency = "\x10"}),
         {1, 1, 4}, {'a', 'b', 'c', 16});
  expect(png_file({.colour = 6, .pixels = "abcd"}), {1, 1, 4}, {'a', 'b', 'c', 'd'});
  expect(png_file({.width = 2, .depth = 16, .pixels = std::string("\xFF\xFF\x80\x00", 4)}), {2, 1, 1},
         {255, 128});
  expect(png_file({.width = 3, .depth = 1, .pixels = "\xA0"}), {3, 1, 1}, {255, 0, 255});
}

TEST(PngImage, InterlacedIsTheSameAsPlain) {
  std::string pixels;
  for (int i = 0; i < 9 * 11; ++i) pixels += static_cast<char>(i * 7);
  const auto plain = decoded(png_file({.width = 9, .height = 11, .pixels = pixels}));
  const auto woven = decoded(png_file({.width = 9, .height = 11, .interlaced = true, .pixels = pixels}));
  ASSERT_TRUE(plain.has_value());
  ASSERT_TRUE(woven.has_value()) << woven.error().message;
  EXPECT_EQ(plain->samples, woven->samples);
}

// What is stored counts, so that a trigger cannot hide behind a colour profile that only we would apply.
TEST(PngImage, GammaIsNotApplied) {
  const std::string gamma = png_chunk("gAMA", std::string("\x00\x01\x86\xA0", 4));
  expect(png_file({.pixels = "\x40", .before_pixels = gamma}), {1, 1, 1}, {0x40});
}

TEST(PngImage, BombsAreRefusedBeforeDecoding) {
  expect_error(png_file({.width = 60'000, .height = 60'000, .pixels = {}}), Code::Corrupt,
               "more pixels than its bytes");
  const auto large = measure_image(
      bytes_of(png_file({.width = 100, .height = 100, .pixels = std::string(10'000, 'a')})), 9'999);
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, Code::LimitReached);
  EXPECT_NE(large.error().message.find("100 x 100"), std::string::npos);
}

TEST(PngImage, CutAnywhereItIsAnErrorAndNeverACrash) {
  const std::string file = png_file({.width = 5, .height = 5, .colour = 2, .pixels = std::string(75, 'q')});
  for (std::size_t cut = 0; cut < file.size(); ++cut)
    EXPECT_FALSE(decoded(file.substr(0, cut)).has_value()) << cut;
  EXPECT_TRUE(decoded(file).has_value());
}

TEST(PngImage, AWrongChecksumIsAnError) {
  std::string file = png_file({.width = 2, .pixels = "\x05\xF0"});
  file[29] = static_cast<char>(file[29] ^ 1);  // of IHDR
  expect_error(file, Code::Corrupt, "CRC");
}

std::string ramp(std::size_t samples) {
  std::string text;
  for (std::size_t i = 0; i < samples; ++i) text += static_cast<char>(i * 3);
  return text;
}

TEST(JpegImage, GreyAndColours) {
  const auto grey = decoded(jpeg_file(16, 8, 1, std::string(128, '\x50')));
  ASSERT_TRUE(grey.has_value()) << grey.error().message;
  EXPECT_EQ(grey->shape, (ImageShape{16, 8, 1}));
  EXPECT_TRUE(std::ranges::all_of(grey->samples, [](int sample) { return sample == 0x50; }));
  const auto colours = decoded(jpeg_file(8, 8, 3, ramp(192)));
  ASSERT_TRUE(colours.has_value()) << colours.error().message;
  EXPECT_EQ(colours->shape, (ImageShape{8, 8, 3}));
}

TEST(JpegImage, ProgressiveIsTheSameAsBaseline) {
  const auto baseline = decoded(jpeg_file(24, 24, 3, ramp(24 * 24 * 3)));
  const auto progressive = decoded(jpeg_file(24, 24, 3, ramp(24 * 24 * 3), JpegKind::Progressive));
  ASSERT_TRUE(baseline.has_value());
  ASSERT_TRUE(progressive.has_value()) << progressive.error().message;
  EXPECT_EQ(baseline->samples, progressive->samples);
}

TEST(JpegImage, CmykIsUnsupported) {
  expect_error(jpeg_file(8, 8, 4, ramp(256)), Code::Unsupported, "4 components");
}

TEST(JpegImage, CutAnywhereItIsAnErrorAndNeverACrash) {
  const std::string file = jpeg_file(16, 16, 1, ramp(256));
  // The last two bytes are the end marker, without which all pixels are there.
  for (std::size_t cut = 0; cut + 2 < file.size(); cut += 3)
    EXPECT_FALSE(decoded(file.substr(0, cut)).has_value()) << cut;
}

TEST(JpegImage, TooManyPassesAreRefused) {
  const std::string file = jpeg_file(16, 16, 1, ramp(256), JpegKind::Progressive);
  const std::size_t scan = file.find("\xFF\xDA");
  ASSERT_NE(scan, std::string::npos);
  const std::size_t next = file.find("\xFF\xDA", scan + 1);
  ASSERT_NE(next, std::string::npos);
  std::string bomb = file.substr(0, scan);
  for (int i = 0; i < 200; ++i) bomb += file.substr(scan, next - scan);
  const auto got = decoded(bomb + "\xFF\xD9");
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, Code::Corrupt);
}

TEST(Image, OtherFormatsAreNamed) {
  expect_error("GIF89a..........", Code::Unsupported, "GIF is not read");
  expect_error("RIFF....WEBPVP8 ", Code::Unsupported, "WebP is not read");
  expect_error("id,label\n1,a\n", Code::Unsupported, "no PNG, JPEG or PNM image");
  expect_error("", Code::Unsupported, "no PNG, JPEG or PNM image");
}

TEST(Image, AFileOfAnotherShapeThanExpectedIsAnError) {
  std::vector<std::uint8_t> planes(4);
  for (const std::string& file :
       {png_file({.width = 2, .pixels = "ab"}), std::string("P5 2 1 255\nab"), jpeg_file(2, 1, 1, "ab")}) {
    EXPECT_FALSE(decode_image(bytes_of(file), {4, 1, 1}, planes).has_value());
    EXPECT_FALSE(decode_image(bytes_of(file), {2, 1, 1}, planes).has_value());  // no such room
  }
}

TEST(Image, FlippedBitsNeverCrash) {
  std::mt19937 random(7);
  for (std::string file :
       {png_file(
            {.width = 9, .height = 9, .colour = 3, .pixels = std::string(81, '\1'), .palette = "abcdef"}),
        jpeg_file(16, 16, 3, ramp(768), JpegKind::Progressive), jpeg_file(16, 16, 1, ramp(256)),
        std::string("P2 4 1 255 1 2 3 4")}) {
    for (int i = 0; i < 500; ++i) {
      std::string broken = file;
      for (int flips = 0; flips < 3; ++flips)
        broken[random() % broken.size()] ^= static_cast<char>(1 << random() % 8);
      (void)decoded(broken);
    }
  }
}

}  // namespace
}  // namespace bulwark::tables
