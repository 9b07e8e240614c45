#pragma once
// The formats behind image.h: one file each, so that a library's way to fail stays in there.

#include <span>
#include <string_view>

#include "tables/image.h"

namespace bulwark::tables {

struct ImageFormat {
  std::string_view name;
  bool (*recognises)(Bytes file);  // by the first bytes
  // Errors: Unsupported, Corrupt. Any size is told; the caller bounds it.
  Result<ImageShape> (*measure)(Bytes file);
  // Rows from the top, pixels from the left, channels together: shape.samples() bytes.
  Result<void> (*decode)(Bytes file, const ImageShape& shape, std::span<std::uint8_t> samples);
};

extern const ImageFormat kPng;
extern const ImageFormat kJpeg;
extern const ImageFormat kPnm;

}  // namespace bulwark::tables
