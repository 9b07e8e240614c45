// PNG through libpng. Its errors are long jumps: they stay between the functions of Decoder, which hold
// nothing that has a destructor.

#include <png.h>

#include <array>
#include <csetjmp>
#include <cstring>
#include <string>
#include <vector>

#include "tables/image_formats.h"

namespace bulwark::tables {
namespace {

// Colour profiles and texts are decompressed while the header is read; nothing of them is used.
constexpr png_alloc_size_t kChunkBytes = png_alloc_size_t{1} << 20;
constexpr png_uint_32 kChunks = 64;

// Deflate cannot do better.
constexpr std::uint64_t kInflation = 1032;

struct Source {
  Bytes rest;
  std::array<char, 120> trouble{};
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->trouble.data(), text, source->trouble.size() - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep to, std::size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (source->rest.size() < count) png_error(png, "ends too early");
  std::memcpy(to, source->rest.data(), count);
  source->rest = source->rest.subspan(count);
}

class Decoder {
 public:
  explicit Decoder(Bytes file) : source_{.rest = file} {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source_, on_error, on_warning);
    if (png_ != nullptr) about_ = png_create_info_struct(png_);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { png_destroy_read_struct(&png_, &about_, nullptr); }

  Result<ImageShape> header() {
    if (about_ == nullptr) return fail(Code::LimitReached, "no memory for a decoder");
    if (!read_header()) return fail(Code::Corrupt, source_.trouble.data());
    return ImageShape{.width = png_get_image_width(png_, about_),
                      .height = png_get_image_height(png_, about_),
                      .channels = png_get_channels(png_, about_)};
  }

  // After header().
  Result<void> pixels(const ImageShape& shape, std::span<std::uint8_t> samples) {
    const std::size_t stride = std::size_t{shape.width} * shape.channels;
    if (png_get_rowbytes(png_, about_) != stride) return fail(Code::Corrupt, "rows of another size");
    std::vector<png_bytep> rows;
    for (std::size_t y = 0; y < shape.height; ++y) rows.push_back(&samples[y * stride]);
    if (!read_rows(rows.data())) return fail(Code::Corrupt, source_.trouble.data());
    return {};
  }

 private:
  bool read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, &source_, on_read);
    png_set_chunk_malloc_max(png_, kChunkBytes);
    png_set_chunk_cache_max(png_, kChunks);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // the pixels are bounded by the caller
    png_read_info(png_, about_);
    png_set_expand(png_);  // palettes, fewer than 8 bits, transparent colours
    png_set_scale_16(png_);
    (void)png_set_interlace_handling(png_);
    png_read_update_info(png_, about_);
    return true;
  }

  bool read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  Source source_;
  png_structp png_ = nullptr;
  png_infop about_ = nullptr;
};

bool recognises(Bytes file) {
  return has_magic(file, "\x89PNG\r\n\x1A\n");
}

Result<ImageShape> measure(Bytes file) {
  const ImageShape shape = TRY(Decoder(file).header());
  if (shape.pixels() / 8 / kInflation > file.size())  // a pixel has at least one bit
    return fail(Code::Corrupt, "its header claims more pixels than its bytes can hold");
  return shape;
}

Result<void> decode(Bytes file, const ImageShape& shape, std::span<std::uint8_t> samples) {
  Decoder decoder(file);
  const ImageShape now = TRY(decoder.header());
  if (now != shape) return fail(Code::Corrupt, "another shape than its header's");
  return decoder.pixels(shape, samples);
}

}  // namespace

const ImageFormat kPng{.name = "PNG", .recognises = recognises, .measure = measure, .decode = decode};

}  // namespace bulwark::tables
