// JPEG through libjpeg. Its errors are long jumps: they stay between the functions of Decoder, which hold
// nothing that has a destructor.

#include <cstddef>
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <string>

#include "tables/image_formats.h"

namespace bulwark::tables {
namespace {

// A progressive file may pass over all its pixels as often as it likes; encoders need about ten passes.
constexpr int kScans = 100;
// Coefficients of a progressive file with the largest allowed number of pixels need 400 MiB.
constexpr long kMemory = 1L << 30;

// What the callbacks reach through the library's struct.
struct Trouble {
  jpeg_error_mgr library{};  // first: `err` of the library points at both
  jpeg_progress_mgr progress{};
  std::jmp_buf back{};
  std::array<char, JMSG_LENGTH_MAX> text{};
  bool cut = false;
};

Trouble& trouble_of(j_common_ptr image) {
  return *static_cast<Trouble*>(image->client_data);
}

[[noreturn]] void on_error(j_common_ptr image) {
  Trouble& trouble = trouble_of(image);
  image->err->format_message(image, trouble.text.data());
  std::longjmp(trouble.back, 1);
}

// The library fills what is missing with grey and only warns.
void on_message(j_common_ptr image, int level) {
  const int code = image->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) trouble_of(image).cut = true;
}

void on_progress(j_common_ptr image) {
  if (!image->is_decompressor) return;
  const auto* decoder = static_cast<j_decompress_ptr>(static_cast<void*>(image));
  if (decoder->input_scan_number > kScans) ERREXIT(image, JERR_BAD_PROGRESSION);
}

class Decoder {
 public:
  explicit Decoder(Bytes file) : file_(file) {
    image_.err = jpeg_std_error(&trouble_.library);
    image_.client_data = &trouble_;
    trouble_.library.error_exit = on_error;
    trouble_.library.emit_message = on_message;
    trouble_.progress.progress_monitor = on_progress;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&image_); }

  Result<ImageShape> header() {
    if (!read_header()) return fail(Code::Corrupt, trouble_.text.data());
    if (image_.num_components != 1 && image_.num_components != 3) {
      return fail(Code::Unsupported, std::to_string(image_.num_components) +
                                         " components (CMYK?) are not read; grey and three colours are");
    }
    return ImageShape{.width = image_.image_width,
                      .height = image_.image_height,
                      .channels = image_.num_components == 1 ? 1U : 3U};
  }

  // After header().
  Result<void> pixels(const ImageShape& shape, std::span<std::uint8_t> samples) {
    if (!read_rows(shape, samples.data())) return fail(Code::Corrupt, trouble_.text.data());
    if (trouble_.cut) return fail(Code::Corrupt, "ends too early, or bytes are missing");
    return {};
  }

 private:
  bool read_header() {
    if (setjmp(trouble_.back) != 0) return false;
    jpeg_create_decompress(&image_);
    image_.client_data = &trouble_;
    image_.progress = &trouble_.progress;
    image_.mem->max_memory_to_use = kMemory;
    jpeg_mem_src(&image_, file_.data(), file_.size());
    (void)jpeg_read_header(&image_, TRUE);
    return true;
  }

  bool read_rows(const ImageShape& shape, std::uint8_t* to) {
    if (setjmp(trouble_.back) != 0) return false;
    image_.out_color_space = shape.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    (void)jpeg_start_decompress(&image_);
    while (image_.output_scanline < image_.output_height) {
      JSAMPROW row = to + std::size_t{image_.output_scanline} * shape.width * shape.channels;
      (void)jpeg_read_scanlines(&image_, &row, 1);
    }
    (void)jpeg_finish_decompress(&image_);
    return true;
  }

  Bytes file_;
  jpeg_decompress_struct image_{};
  Trouble trouble_;
};

bool recognises(Bytes file) {
  return has_magic(file, "\xFF\xD8\xFF");
}

Result<ImageShape> measure(Bytes file) {
  return Decoder(file).header();
}

Result<void> decode(Bytes file, const ImageShape& shape, std::span<std::uint8_t> samples) {
  Decoder decoder(file);
  const ImageShape now = TRY(decoder.header());
  if (now != shape) return fail(Code::Corrupt, "another shape than its header's");
  return decoder.pixels(shape, samples);
}

}  // namespace

const ImageFormat kJpeg{.name = "JPEG", .recognises = recognises, .measure = measure, .decode = decode};

}  // namespace bulwark::tables
