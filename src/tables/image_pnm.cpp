// PBM, PGM and PPM, plain and raw (netpbm's pbm(5), pgm(5), ppm(5)).

#include <algorithm>
#include <string>

#include "tables/image_formats.h"

namespace bulwark::tables {
namespace {

bool is_blank(std::uint8_t byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct Header {
  char kind = 0;  // '1' … '6'
  ImageShape shape;
  std::uint32_t most = 1;       // value of white
  std::uint64_t pixels_at = 0;  // offset of the first sample

  [[nodiscard]] bool is_plain() const { return kind <= '3'; }
  [[nodiscard]] bool is_bits() const { return kind == '1' || kind == '4'; }
  // 0 … most becomes 0 … 255, rounded; larger values are an error of the file and white.
  [[nodiscard]] std::uint8_t scaled(std::uint32_t value) const {
    const std::uint32_t kept = std::min(value, most);
    return static_cast<std::uint8_t>(most == 255 ? kept : (kept * 255 + most / 2) / most);
  }
};

class Scanner {
 public:
  Scanner(Bytes file, std::uint64_t at) : file_(file), at_(at) {}

  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ >= file_.size(); }

  // Blanks, and comments to the end of their line.
  void skip_blanks() {
    while (at_ < file_.size()) {
      if (file_[at_] == '#') {
        while (at_ < file_.size() && file_[at_] != '\n' && file_[at_] != '\r') ++at_;
      } else if (is_blank(file_[at_])) {
        ++at_;
      } else {
        return;
      }
    }
  }

  Result<std::uint32_t> number(std::string_view what, std::uint32_t most) {
    skip_blanks();
    std::uint32_t value = 0;
    const std::uint64_t start = at_;
    for (; at_ < file_.size() && file_[at_] >= '0' && file_[at_] <= '9'; ++at_) {
      value = value * 10 + (file_[at_] - '0');
      if (value > most) return fail(Code::Corrupt, std::string(what) + " is too large", start);
    }
    if (at_ == start) return fail(Code::Corrupt, "no " + std::string(what) + " where one belongs", start);
    return value;
  }

  // A bit of plain PBM: its digits may stand together.
  Result<bool> bit() {
    skip_blanks();
    if (at_end() || (file_[at_] != '0' && file_[at_] != '1'))
      return fail(Code::Corrupt, "no bit where one belongs", at_);
    return file_[at_++] == '1';
  }

  bool skip_blank() {
    if (at_end() || !is_blank(file_[at_])) return false;
    ++at_;
    return true;
  }

 private:
  Bytes file_;
  std::uint64_t at_;
};

constexpr std::uint32_t kLongestSide = 1U << 24;  // times 255 it still fits 32 bits

Result<Header> read_header(Bytes file) {
  Header header{.kind = static_cast<char>(file[1]), .shape = {}};
  Scanner scanner(file, 2);
  header.shape.width = TRY(scanner.number("width", kLongestSide));
  header.shape.height = TRY(scanner.number("height", kLongestSide));
  header.shape.channels = header.kind == '3' || header.kind == '6' ? 3 : 1;
  if (!header.is_bits()) header.most = TRY(scanner.number("largest value", 65'535));
  if (header.shape.pixels() == 0 || header.most == 0)
    return fail(Code::Corrupt, "width, height or largest value is 0");
  if (!scanner.skip_blank()) return fail(Code::Corrupt, "no blank behind the header", scanner.at());
  header.pixels_at = scanner.at();
  return header;
}

bool recognises(Bytes file) {
  return file.size() >= 3 && file[0] == 'P' && file[1] >= '1' && file[1] <= '6' &&
         (is_blank(file[2]) || file[2] == '#');
}

// Bytes that the pixels take at least; so a header of a few bytes cannot claim much memory.
std::uint64_t least_bytes(const Header& header) {
  if (header.kind == '4') return (std::uint64_t{header.shape.width} + 7) / 8 * header.shape.height;
  if (header.kind == '1') return header.shape.samples();
  return header.is_plain() || header.most > 255 ? 2 * header.shape.samples() - (header.is_plain() ? 1 : 0)
                                                : header.shape.samples();
}

Result<Header> checked_header(Bytes file) {
  const Header header = TRY(read_header(file));
  const std::uint64_t there = file.size() - header.pixels_at;
  if (there < least_bytes(header)) {
    return fail(Code::Corrupt, "its pixels need " + std::to_string(least_bytes(header)) + " bytes, " +
                                   std::to_string(there) + " are there");
  }
  return header;
}

Result<ImageShape> measure(Bytes file) {
  const Header header = TRY(checked_header(file));
  return header.shape;
}

Result<void> decode_plain(Bytes file, const Header& header, std::span<std::uint8_t> samples) {
  Scanner scanner(file, header.pixels_at);
  for (std::uint8_t& sample : samples) {
    if (header.is_bits()) {
      const bool black = TRY(scanner.bit());
      sample = black ? 0 : 255;
    } else {
      const std::uint32_t value = TRY(scanner.number("sample", 65'535));
      sample = header.scaled(value);
    }
  }
  return {};
}

// Each row starts on a byte of its own.
void decode_bits(Bytes rows, const ImageShape& shape, std::span<std::uint8_t> samples) {
  const std::uint64_t stride = (std::uint64_t{shape.width} + 7) / 8;
  for (std::uint64_t i = 0; i < samples.size(); ++i) {
    const std::uint64_t x = i % shape.width;
    const bool black = (rows[i / shape.width * stride + x / 8] >> (7 - x % 8) & 1) != 0;
    samples[i] = black ? 0 : 255;
  }
}

void decode_raw(Bytes rows, const Header& header, std::span<std::uint8_t> samples) {
  if (header.is_bits()) return decode_bits(rows, header.shape, samples);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = header.scaled(header.most > 255 ? load_big_endian<std::uint16_t>(&rows[2 * i])
                                                 : std::uint32_t{rows[i]});
  }
}

Result<void> decode(Bytes file, const ImageShape& shape, std::span<std::uint8_t> samples) {
  const Header header = TRY(checked_header(file));
  if (header.shape != shape) return fail(Code::Corrupt, "another shape than its header's");
  if (header.is_plain()) return decode_plain(file, header, samples);
  decode_raw(file.subspan(header.pixels_at), header, samples);
  return {};
}

}  // namespace

const ImageFormat kPnm{.name = "PNM", .recognises = recognises, .measure = measure, .decode = decode};

}  // namespace bulwark::tables
