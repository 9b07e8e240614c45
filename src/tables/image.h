#pragma once
// One picture out of a file that somebody hostile may have made: PNG, JPEG and PNM as 8-bit samples.
//
// The content decides what a file is, never its name. The size is read and bounded before anything is
// decoded. Colours are taken as they are stored: no gamma, no colour profile, no turning by EXIF; 16-bit
// samples are scaled to 8, palettes are resolved, an alpha channel is the last channel, bits (PBM) become 0
// and 255. Of an animation or a PNM with several pictures it is the first.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::tables {

struct ImageShape {
  std::uint32_t width = 0;     // 1 and more
  std::uint32_t height = 0;    // 1 and more
  std::uint32_t channels = 0;  // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha

  [[nodiscard]] std::uint64_t pixels() const { return std::uint64_t{width} * height; }
  [[nodiscard]] std::uint64_t samples() const { return pixels() * channels; }
  friend auto operator<=>(const ImageShape&, const ImageShape&) = default;
};

// Reads the header only. Errors: Unsupported (no such format, CMYK), LimitReached (more than `most` pixels),
// Corrupt.
[[nodiscard]] Result<ImageShape> measure_image(Bytes file, std::uint64_t most_pixels);

// Decodes into channels × height × width. `planes` has shape.samples() bytes; after an error its content is
// of no use. Errors: Corrupt (damaged, cut, or of another shape), Unsupported, LimitReached.
// Threads: safe from many at once.
[[nodiscard]] Result<void> decode_image(Bytes file, const ImageShape& shape, std::span<std::uint8_t> planes);

}  // namespace bulwark::tables
