#pragma once
// Image files as bytes, made as an encoder makes them and as none would.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::test {

struct Png {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
  std::uint8_t depth = 8;
  std::uint8_t colour = 0;  // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  bool interlaced = false;  // Adam7; whole bytes per pixel only
  std::string pixels = {};  // packed rows, without filter bytes
  std::string palette = {};
  std::string transparency = {};
  std::string before_pixels = {};  // chunks
};
[[nodiscard]] std::string png_chunk(std::string_view type, std::string_view content);
[[nodiscard]] std::string png_file(const Png& image);

enum class JpegKind { Baseline, Progressive };
// `channels`: 1 grey, 3 RGB, 4 CMYK; samples together, rows from the top.
[[nodiscard]] std::string jpeg_file(std::uint32_t width, std::uint32_t height, int channels,
                                    std::string_view samples, JpegKind kind = JpegKind::Baseline);

}  // namespace bulwark::test
