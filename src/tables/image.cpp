#include "tables/image.h"

#include <array>
#include <string>
#include <vector>

#include "tables/image_formats.h"

namespace bulwark::tables {
namespace {

constexpr std::array kFormats = {&kPng, &kJpeg, &kPnm};

struct Magic {
  std::string_view bytes;
  std::uint64_t offset;
  std::string_view name;
};
// Formats that folders of pictures do hold, so that the gap names them.
constexpr Magic kOthers[] = {
    {"GIF8", 0, "GIF"},        {"BM", 0, "BMP"},          {"WEBP", 8, "WebP"},
    {{"II*\0", 4}, 0, "TIFF"}, {{"MM\0*", 4}, 0, "TIFF"}, {"ftypavif", 4, "AVIF"},
    {"ftypheic", 4, "HEIC"},   {"P7", 0, "PAM"},          {{"\0\0\0\x0CjP  ", 8}, 0, "JPEG 2000"},
};

Result<const ImageFormat*> format_of(Bytes file) {
  for (const ImageFormat* format : kFormats)
    if (format->recognises(file)) return format;
  for (const Magic& other : kOthers) {
    if (has_magic(file, other.bytes, other.offset))
      return fail(Code::Unsupported, std::string(other.name) + " is not read; PNG, JPEG and PNM are");
  }
  return fail(Code::Unsupported, "no PNG, JPEG or PNM image");
}

Result<ImageShape> measured(const ImageFormat& format, Bytes file) {
  auto shape = format.measure(file);
  if (!shape) return std::unexpected(std::move(shape).error().within(format.name));
  return shape;
}

}  // namespace

Result<ImageShape> measure_image(Bytes file, std::uint64_t most_pixels) {
  const ImageFormat* format = TRY(format_of(file));
  const ImageShape shape = TRY(measured(*format, file));
  if (shape.pixels() > most_pixels) {
    return fail(Code::LimitReached, std::string(format->name) + ": " + std::to_string(shape.width) + " x " +
                                        std::to_string(shape.height) + " pixels are more than the limit of " +
                                        std::to_string(most_pixels));
  }
  return shape;
}

Result<void> decode_image(Bytes file, const ImageShape& shape, std::span<std::uint8_t> planes) {
  if (planes.size() != shape.samples())
    return fail(Code::InvalidInput, "room for an image has another size than the image");
  const ImageFormat* format = TRY(format_of(file));
  std::vector<std::uint8_t> together;
  if (shape.channels > 1) together.resize(planes.size());
  const std::span<std::uint8_t> samples = shape.channels > 1 ? std::span(together) : planes;
  if (auto done = format->decode(file, shape, samples); !done)
    return std::unexpected(std::move(done).error().within(format->name));
  for (std::size_t i = 0; i < together.size(); ++i)
    planes[i % shape.channels * shape.pixels() + i / shape.channels] = together[i];
  return {};
}

}  // namespace bulwark::tables
