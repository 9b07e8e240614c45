// Every compressor behind one loop. A codec only knows how to step; growing the output, the ceiling,
// concatenated members and defects are the same for all of them, so they are written once.
//
// Threats: output without end (the ceiling), windows of 4 GiB (Limits::kWindowBytes), defects placed after
// the payload so that a strict reader throws away what a loader has already used (what came out is kept).

#include "scan/formats/decompress.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/limits.h"

namespace bulwark::scan {
namespace {

using Space = std::span<std::uint8_t>;

constexpr std::array<std::string_view, 8> kNames = {"zlib", "deflate", "gzip", "bzip2",
                                                    "xz",   "lzma",    "zstd", "lz4"};
// First piece of output; doubled until the ceiling.
constexpr std::uint64_t kFirstPiece = std::uint64_t{64} << 10;
// Libraries count in 32 bits.
constexpr std::size_t kMaxStep = std::size_t{1} << 30;

enum class Step : std::uint8_t { More, End };

// One library decoder. step() consumes from the front of `in` and fills the front of `out`, shrinking both.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;
  // Prepares for the next member.
  [[nodiscard]] virtual Result<void> start() = 0;
  [[nodiscard]] virtual Result<Step> step(Bytes& in, Space& out) = 0;
};

std::unexpected<Error> defect(std::string_view what) {
  return fail(Code::Corrupt, "compressed data: " + std::string(what));
}

std::unexpected<Error> window_too_large() {
  return fail(Code::LimitReached,
              "decoder window: limit of " + std::to_string(Limits::kWindowBytes) + " bytes reached");
}

class Inflate : public Decoder {
 public:
  explicit Inflate(int window_bits) : window_bits_(window_bits) {}
  ~Inflate() override {
    if (ready_) inflateEnd(&stream_);
  }
  Result<void> start() override {
    const int code = ready_ ? inflateReset(&stream_) : inflateInit2(&stream_, window_bits_);
    if (code != Z_OK) return fail(Code::Unavailable, "zlib: out of memory");
    ready_ = true;
    return {};
  }
  Result<Step> step(Bytes& in, Space& out) override {
    const auto in_now = std::min(in.size(), kMaxStep);
    const auto out_now = std::min(out.size(), kMaxStep);
    // zlib does not write through next_in but its type is not const (ZLIB_CONST is off in Debian's header).
    stream_.next_in = const_cast<Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(in_now);
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out_now);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    in = in.subspan(in_now - stream_.avail_in);
    out = out.subspan(out_now - stream_.avail_out);
    if (code == Z_STREAM_END) return Step::End;
    if (code == Z_OK || code == Z_BUF_ERROR) return Step::More;
    if (code == Z_NEED_DICT) return fail(Code::Unsupported, "compressed data: needs a preset dictionary");
    return defect(stream_.msg != nullptr ? stream_.msg : "invalid deflate data");
  }

 private:
  int window_bits_;
  bool ready_ = false;
  z_stream stream_{};
};

class Bunzip : public Decoder {
 public:
  ~Bunzip() override { finish(); }
  Result<void> start() override {
    finish();
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) return fail(Code::Unavailable, "bzip2: out of memory");
    ready_ = true;
    return {};
  }
  Result<Step> step(Bytes& in, Space& out) override {
    const auto in_now = std::min(in.size(), kMaxStep);
    const auto out_now = std::min(out.size(), kMaxStep);
    // bzlib speaks `char*`; it reads only.
    stream_.next_in = const_cast<char*>(text_of(in).data());
    stream_.avail_in = static_cast<unsigned>(in_now);
    stream_.next_out = static_cast<char*>(static_cast<void*>(out.data()));
    stream_.avail_out = static_cast<unsigned>(out_now);
    const int code = BZ2_bzDecompress(&stream_);
    in = in.subspan(in_now - stream_.avail_in);
    out = out.subspan(out_now - stream_.avail_out);
    if (code == BZ_STREAM_END) return Step::End;
    if (code == BZ_OK) return Step::More;
    if (code == BZ_MEM_ERROR) return fail(Code::Unavailable, "bzip2: out of memory");
    return defect("invalid bzip2 data");
  }

 private:
  void finish() {
    if (ready_) BZ2_bzDecompressEnd(&stream_);
    ready_ = false;
  }
  bool ready_ = false;
  bz_stream stream_{};
};

class Lzma : public Decoder {
 public:
  explicit Lzma(bool alone) : alone_(alone) {}
  ~Lzma() override { lzma_end(&stream_); }
  Result<void> start() override {
    const lzma_ret code = alone_ ? lzma_alone_decoder(&stream_, Limits::kWindowBytes)
                                 : lzma_stream_decoder(&stream_, Limits::kWindowBytes, 0);
    if (code != LZMA_OK) return fail(Code::Unavailable, "liblzma: out of memory");
    return {};
  }
  Result<Step> step(Bytes& in, Space& out) override {
    stream_.next_in = in.data();
    stream_.avail_in = in.size();
    stream_.next_out = out.data();
    stream_.avail_out = out.size();
    const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
    in = in.subspan(in.size() - stream_.avail_in);
    out = out.subspan(out.size() - stream_.avail_out);
    switch (code) {
      case LZMA_STREAM_END: return Step::End;
      case LZMA_OK:
      case LZMA_BUF_ERROR: return Step::More;
      case LZMA_MEMLIMIT_ERROR: return window_too_large();
      case LZMA_MEM_ERROR: return fail(Code::Unavailable, "liblzma: out of memory");
      case LZMA_OPTIONS_ERROR: return fail(Code::Unsupported, "compressed data: unsupported xz filter");
      default: return defect("invalid lzma data");
    }
  }

 private:
  bool alone_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class Zstd : public Decoder {
 public:
  Result<void> start() override {
    if (context_ == nullptr) context_.reset(ZSTD_createDCtx());
    if (context_ == nullptr) return fail(Code::Unavailable, "zstd: out of memory");
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, std::countr_zero(Limits::kWindowBytes));
    return {};
  }
  Result<Step> step(Bytes& in, Space& out) override {
    // Block by block, as the decoder asks for it: after an error a call has lost all that it produced.
    ZSTD_inBuffer input{in.data(), std::min(in.size(), wanted_), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    const std::size_t code = ZSTD_decompressStream(context_.get(), &output, &input);
    in = in.subspan(input.pos);
    out = out.subspan(output.pos);
    wanted_ = std::max<std::size_t>(ZSTD_isError(code) == 0 ? code : 0, 1);
    if (ZSTD_isError(code) == 0) return code == 0 ? Step::End : Step::More;
    const std::string_view name = ZSTD_getErrorName(code);
    if (name.find("too much memory") != std::string_view::npos) return window_too_large();
    return defect(name);
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::size_t wanted_ = 1;
  std::unique_ptr<ZSTD_DCtx, Free> context_;
};

class Lz4 : public Decoder {
 public:
  Result<void> start() override {
    if (context_ != nullptr) {
      LZ4F_resetDecompressionContext(context_.get());
      return {};
    }
    LZ4F_dctx* context = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0)
      return fail(Code::Unavailable, "lz4: out of memory");
    context_.reset(context);
    return {};
  }
  Result<Step> step(Bytes& in, Space& out) override {
    // Block by block, see Zstd.
    std::size_t in_now = std::min(in.size(), wanted_);
    std::size_t out_now = out.size();
    const std::size_t code =
        LZ4F_decompress(context_.get(), out.data(), &out_now, in.data(), &in_now, nullptr);
    if (LZ4F_isError(code) != 0) return defect(LZ4F_getErrorName(code));
    in = in.subspan(in_now);
    out = out.subspan(out_now);
    wanted_ = std::max<std::size_t>(code, 1);
    return code == 0 ? Step::End : Step::More;
  }

 private:
  struct Free {
    void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
  };
  std::size_t wanted_ = 1;
  std::unique_ptr<LZ4F_dctx, Free> context_;
};

std::unique_ptr<Decoder> decoder_for(Codec codec) {
  switch (codec) {
    case Codec::Zlib: return std::make_unique<Inflate>(MAX_WBITS);
    case Codec::RawDeflate: return std::make_unique<Inflate>(-MAX_WBITS);
    case Codec::Gzip: return std::make_unique<Inflate>(MAX_WBITS + 16);
    case Codec::Bzip2: return std::make_unique<Bunzip>();
    case Codec::Xz: return std::make_unique<Lzma>(false);
    case Codec::LzmaAlone: return std::make_unique<Lzma>(true);
    case Codec::Zstd: return std::make_unique<Zstd>();
    case Codec::Lz4Frame: return std::make_unique<Lz4>();
  }
  return nullptr;
}

bool is_zlib(Bytes content) {
  return content.size() >= 2 && (content[0] & 0x0F) == 8 && (content[0] >> 4) <= 7 &&
         ((content[0] << 8) | content[1]) % 31 == 0 && (content[1] & 0x20) == 0;
}

// Properties byte, a dictionary size that encoders write (2^n or 2^n + 2^(n-1)), and a size below 2^40 or
// unknown.
bool is_lzma_alone(Bytes content) {
  if (content.size() < 14 || content[0] >= 9 * 5 * 5 || content[13] != 0) return false;
  const auto dictionary = load_little_endian<std::uint32_t>(content.data() + 1);
  const auto size = load_little_endian<std::uint64_t>(content.data() + 5);
  const bool round = dictionary == ~std::uint32_t{0} || std::popcount(dictionary) == 1 ||
                     (std::popcount(dictionary) == 2 && (dictionary & (dictionary >> 1)) != 0);
  return round && dictionary >= 4096 && (size == ~std::uint64_t{0} || size < std::uint64_t{1} << 40);
}

// 0x184D2A50 … 0x184D2A5F: a frame that zstd and lz4 decoders skip.
bool is_skippable(Bytes content) {
  return content.size() >= 8 && (content[0] & 0xF0) == 0x50 && has_magic(content, "\x2A\x4D\x18", 1);
}

// A skippable frame may stand before the first real one; look behind a few of them.
Bytes behind_skippable(Bytes content) {
  for (int frames = 0; frames < 16 && is_skippable(content); ++frames) {
    const std::uint64_t frame = std::uint64_t{load_little_endian<std::uint32_t>(content.data() + 4)} + 8;
    if (frame > content.size()) return {};
    content = content.subspan(frame);
  }
  return content;
}

bool starts(Codec codec, Bytes content) {
  using namespace std::string_view_literals;
  switch (codec) {
    case Codec::Zlib: return is_zlib(content);
    case Codec::RawDeflate: return true;
    case Codec::Gzip:
      return has_magic(content, "\x1f\x8b\x08") && content.size() >= 4 && (content[3] & 0xE0) == 0;
    case Codec::Bzip2:
      return has_magic(content, "BZh") && content.size() >= 10 && content[3] >= '1' && content[3] <= '9' &&
             (has_magic(content, "1AY&SY", 4) || has_magic(content, "\x17\x72\x45\x38\x50\x90", 4));
    case Codec::Xz: return has_magic(content, "\xFD\x37zXZ\0"sv);
    case Codec::LzmaAlone: return is_lzma_alone(content);
    case Codec::Zstd: return has_magic(behind_skippable(content), "\x28\xB5\x2F\xFD");
    case Codec::Lz4Frame: return has_magic(behind_skippable(content), "\x04\x22\x4D\x18");
  }
  return false;
}

// Where the next member starts, as the usual readers look for it: gzip after zeros (tape padding), xz after
// zeros in fours, the others at once.
std::optional<Bytes> next_member(Codec codec, Bytes rest) {
  if (codec == Codec::Zlib || codec == Codec::RawDeflate || codec == Codec::LzmaAlone) return std::nullopt;
  if (codec == Codec::Gzip || codec == Codec::Xz) {
    std::size_t zeros = 0;
    while (zeros < rest.size() && rest[zeros] == 0) ++zeros;
    if (codec == Codec::Gzip || zeros % 4 == 0) rest = rest.subspan(zeros);
  }
  const bool skippable = (codec == Codec::Zstd || codec == Codec::Lz4Frame) && is_skippable(rest);
  if (!skippable && !starts(codec, rest)) return std::nullopt;
  return rest;
}

// The output, grown by doubling up to the ceiling. At the ceiling one byte of scratch shows whether more
// would come.
class Output {
 public:
  explicit Output(std::uint64_t ceiling) : ceiling_(ceiling) {}
  [[nodiscard]] Space space() {
    if (produced_ == bytes_.size() && bytes_.size() < ceiling_)
      bytes_.resize(
          std::min<std::uint64_t>(ceiling_, std::max<std::uint64_t>(kFirstPiece, bytes_.size() * 2)));
    return produced_ < bytes_.size() ? Space(bytes_).subspan(produced_) : Space(scratch_);
  }
  // False if the bytes went beyond the ceiling.
  [[nodiscard]] bool add(std::size_t count) {
    if (count > 0 && produced_ == bytes_.size()) return false;
    produced_ += count;
    return true;
  }
  [[nodiscard]] std::vector<std::uint8_t> take() {
    bytes_.resize(produced_);
    return std::move(bytes_);
  }

 private:
  std::uint64_t ceiling_;
  std::vector<std::uint8_t> bytes_;
  std::size_t produced_ = 0;
  std::array<std::uint8_t, 1> scratch_{};
};

void unpack(Codec codec, Decoder& decoder, Bytes input, std::uint64_t max_output, Output& output,
            Decompressed& done) {
  Bytes rest = input;
  const auto stop = [&](Error error) {
    done.consumed = input.size() - rest.size();
    error.offset = done.consumed;
    done.stopped = std::move(error);
  };
  while (true) {
    Space space = output.space();
    const std::size_t room = space.size();
    const std::size_t left = rest.size();
    Result<Step> step = decoder.step(rest, space);
    if (!output.add(room - space.size())) {
      return stop(
          {Code::LimitReached, "decompression: limit of " + std::to_string(max_output) + " bytes reached"});
    }
    if (!step) return stop(std::move(step).error());
    if (*step == Step::More) {
      if (rest.size() != left || space.size() != room) continue;
      done.truncated = rest.empty();
      return stop({Code::Corrupt,
                   done.truncated ? "compressed data ends too early" : "compressed data: no progress"});
    }
    const std::optional<Bytes> next = next_member(codec, rest);
    if (!next) break;
    rest = *next;
    if (auto started = decoder.start(); !started) return stop(std::move(started).error());
    ++done.streams;
  }
  done.consumed = input.size() - rest.size();
}

}  // namespace

std::string_view name_of(Codec codec) {
  return kNames[std::to_underlying(codec)];
}

std::optional<Codec> recognise_codec(Bytes content) {
  for (const Codec codec :
       {Codec::Gzip, Codec::Bzip2, Codec::Xz, Codec::Zstd, Codec::Lz4Frame, Codec::Zlib, Codec::LzmaAlone}) {
    if (starts(codec, content)) return codec;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> declared_size(Codec codec, Bytes content) {
  if (!starts(codec, content)) return std::nullopt;
  if (codec == Codec::Zstd) {
    content = behind_skippable(content);
    const unsigned long long size = ZSTD_getFrameContentSize(content.data(), content.size());
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) return std::nullopt;
    return size;
  }
  if (codec == Codec::Lz4Frame) {
    content = behind_skippable(content);
    // FLG bit 3: the content size follows FLG and BD.
    if (content.size() < 14 || (content[4] & 8) == 0) return std::nullopt;
    return load_little_endian<std::uint64_t>(content.data() + 6);
  }
  if (codec != Codec::LzmaAlone) return std::nullopt;
  const auto size = load_little_endian<std::uint64_t>(content.data() + 5);
  return size == ~std::uint64_t{0} ? std::nullopt : std::optional(size);
}

std::uint32_t crc32_of(Bytes content) {
  return static_cast<std::uint32_t>(crc32_z(0, content.data(), content.size()));
}

Result<Decompressed> decompress(Codec codec, Bytes input, std::uint64_t max_output) {
  if (!starts(codec, input))
    return fail(Code::InvalidInput, "not a " + std::string(name_of(codec)) + " header", 0);
  const auto decoder = decoder_for(codec);
  TRY(decoder->start());
  Output output(max_output);
  Decompressed done;
  unpack(codec, *decoder, input, max_output, output, done);
  done.bytes = output.take();
  return done;
}

}  // namespace bulwark::scan
