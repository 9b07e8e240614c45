#include "scan/formats/lzma_raw.h"

#include <lzma.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/limits.h"

namespace bulwark::scan {
namespace {

constexpr std::array<lzma_vli, 9> kFilterIds = {LZMA_FILTER_LZMA1,    LZMA_FILTER_LZMA2, LZMA_FILTER_X86,
                                                LZMA_FILTER_POWERPC,  LZMA_FILTER_IA64,  LZMA_FILTER_ARM,
                                                LZMA_FILTER_ARMTHUMB, LZMA_FILTER_SPARC, LZMA_FILTER_DELTA};
constexpr std::size_t kFirstPiece = std::size_t{64} << 10;

// Owns the option blocks that liblzma allocates while it decodes properties.
struct Chain {
  std::array<lzma_filter, LZMA_FILTERS_MAX + 1> filters{};
  Chain() = default;
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  ~Chain() {
    for (const lzma_filter& filter : filters) std::free(filter.options);  // liblzma asks for this one
  }
};

struct Stream {
  lzma_stream stream = LZMA_STREAM_INIT;
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { lzma_end(&stream); }
};

Result<void> build(const std::vector<RawFilter>& filters, Chain& chain) {
  if (filters.empty() || filters.size() > LZMA_FILTERS_MAX)
    return fail(Code::Unsupported, "chain of " + std::to_string(filters.size()) + " filters");
  for (std::size_t i = 0; i < filters.size(); ++i) {
    chain.filters[i].id = kFilterIds[std::to_underlying(filters[i].kind)];
    chain.filters[i + 1].id = LZMA_VLI_UNKNOWN;
    const lzma_ret code = lzma_properties_decode(&chain.filters[i], nullptr, filters[i].properties.data(),
                                                 filters[i].properties.size());
    if (code != LZMA_OK) return fail(Code::InvalidInput, "filter properties are invalid");
  }
  const std::uint64_t memory = lzma_raw_decoder_memusage(chain.filters.data());
  if (memory == ~std::uint64_t{0}) return fail(Code::Unsupported, "filter chain is not supported");
  if (memory > Limits::kWindowBytes + (std::uint64_t{1} << 20))
    return fail(Code::LimitReached, "decoder window: limit of " + std::to_string(Limits::kWindowBytes) +
                                        " bytes reached (" + std::to_string(memory) + " asked for)");
  return {};
}

}  // namespace

Result<Decompressed> decompress_raw(const std::vector<RawFilter>& filters, Bytes input, std::uint64_t size,
                                    std::uint64_t max_output) {
  Chain chain;
  TRY(build(filters, chain));
  Stream owner;
  lzma_stream& stream = owner.stream;
  if (lzma_raw_decoder(&stream, chain.filters.data()) != LZMA_OK)
    return fail(Code::Unsupported, "filter chain is not supported");
  const std::uint64_t ceiling = std::min(size, max_output);
  Decompressed done;
  stream.next_in = input.data();
  stream.avail_in = input.size();
  lzma_ret code = LZMA_OK;
  while (code == LZMA_OK && done.bytes.size() < ceiling) {
    const std::size_t before = done.bytes.size();
    done.bytes.resize(std::min<std::uint64_t>(ceiling, std::max(kFirstPiece, before * 2)));
    stream.next_out = done.bytes.data() + before;
    stream.avail_out = done.bytes.size() - before;
    code = lzma_code(&stream, LZMA_RUN);
    // Filters such as BCJ hold bytes back until they are told that no more input comes.
    if (code == LZMA_OK && stream.avail_in == 0 && stream.avail_out > 0)
      code = lzma_code(&stream, LZMA_FINISH);
    done.bytes.resize(done.bytes.size() - stream.avail_out);
  }
  done.consumed = input.size() - stream.avail_in;
  done.truncated = code == LZMA_BUF_ERROR && stream.avail_in == 0 && done.bytes.size() < size;
  if (done.truncated) {
    done.stopped = Error{Code::Corrupt, "compressed data ends too early", done.consumed};
  } else if (code != LZMA_OK && code != LZMA_STREAM_END && code != LZMA_BUF_ERROR) {
    done.stopped = Error{Code::Corrupt, "compressed data: invalid lzma data", done.consumed};
  } else if (done.bytes.size() == ceiling && ceiling < size && code != LZMA_STREAM_END) {
    done.stopped =
        Error{Code::LimitReached, "decompression: limit of " + std::to_string(ceiling) + " bytes reached",
              done.consumed};
  }
  return done;
}

}  // namespace bulwark::scan
