#include "support/images.h"

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
#include <zlib.h>

#include <array>

#include "base/byte_reader.h"

namespace bulwark::test {
namespace {

std::string big_endian(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xFF);
  return text;
}

std::string deflated(std::string_view content) {
  std::string packed(compressBound(content.size()), '\0');
  uLongf size = packed.size();
  (void)compress(reinterpret_cast<Bytef*>(packed.data()), &size, bytes_of(content).data(), content.size());
  packed.resize(size);
  return packed;
}

struct Pass {
  std::uint32_t x, y, dx, dy;
};
constexpr std::array<Pass, 7> kAdam7 = {
    {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};

std::string scan_lines(const Png& image) {
  constexpr std::array<std::uint32_t, 7> kSamples = {1, 0, 3, 1, 2, 0, 4};
  const std::uint32_t bits = kSamples.at(image.colour) * image.depth;
  const std::size_t stride = (std::size_t{image.width} * bits + 7) / 8;
  std::string lines;
  if (!image.interlaced) {
    for (std::size_t at = 0; at + stride <= image.pixels.size(); at += stride)
      lines += '\0' + image.pixels.substr(at, stride);
    return lines;
  }
  for (const Pass& pass : kAdam7) {
    for (std::uint32_t y = pass.y; y < image.height; y += pass.dy) {
      if (pass.x < image.width) lines += '\0';
      for (std::uint32_t x = pass.x; x < image.width; x += pass.dx)
        lines += image.pixels.substr(y * stride + x * bits / 8, bits / 8);
    }
  }
  return lines;
}

}  // namespace

std::string png_chunk(std::string_view type, std::string_view content) {
  const std::string body = std::string(type) + std::string(content);
  const uLong sum = crc32(0, bytes_of(body).data(), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(content.size())) + body +
         big_endian(static_cast<std::uint32_t>(sum));
}

std::string png_file(const Png& image) {
  std::string header = big_endian(image.width) + big_endian(image.height);
  header += static_cast<char>(image.depth);
  header += static_cast<char>(image.colour);
  header += std::string(2, '\0');
  header += static_cast<char>(image.interlaced ? 1 : 0);
  std::string file = "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", header);
  if (!image.palette.empty()) file += png_chunk("PLTE", image.palette);
  if (!image.transparency.empty()) file += png_chunk("tRNS", image.transparency);
  return file + image.before_pixels + png_chunk("IDAT", deflated(scan_lines(image))) + png_chunk("IEND", "");
}

std::string jpeg_file(std::uint32_t width, std::uint32_t height, int channels, std::string_view samples,
                      JpegKind kind) {
  jpeg_error_mgr errors{};
  jpeg_compress_struct image{};
  image.err = jpeg_std_error(&errors);
  jpeg_create_compress(&image);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&image, &bytes, &size);
  image.image_width = width;
  image.image_height = height;
  image.input_components = channels;
  image.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&image);
  jpeg_set_quality(&image, 100, TRUE);
  if (kind == JpegKind::Progressive) jpeg_simple_progression(&image);
  jpeg_start_compress(&image, TRUE);
  std::string copy(samples);
  const std::size_t stride = std::size_t{width} * static_cast<std::size_t>(channels);
  while (image.next_scanline < image.image_height) {
    JSAMPROW row = reinterpret_cast<JSAMPROW>(copy.data() + image.next_scanline * stride);
    (void)jpeg_write_scanlines(&image, &row, 1);
  }
  jpeg_finish_compress(&image);
  std::string file(text_of(Bytes(bytes, size)));
  std::free(bytes);
  jpeg_destroy_compress(&image);
  return file;
}

}  // namespace bulwark::test
