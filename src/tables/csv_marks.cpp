#include "tables/csv_marks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace bulwark::tables::csv {
namespace {

constexpr std::size_t kBlock = 64;
// Blocks whose bits are computed at once: 2 KiB of bits stay in the first-level cache.
constexpr std::size_t kBatch = 64;
constexpr char kQuote = '"';

// One bit per byte of 64.
struct Bits {
  std::uint64_t quotes = 0;
  std::uint64_t delimiters = 0;
  std::uint64_t feeds = 0;    // LF
  std::uint64_t returns = 0;  // CR
  std::uint64_t high = 0;
  std::uint64_t zeros = 0;
};
using Batch = std::array<Bits, kBatch>;

void bits_portable(const char* text, std::size_t blocks, char delimiter, Batch& batch) {
  for (std::size_t b = 0; b < blocks; ++b) {
    Bits bits;
    for (std::size_t i = 0; i < kBlock; ++i) {
      const char c = text[b * kBlock + i];
      const std::uint64_t bit = std::uint64_t{1} << i;
      bits.quotes |= c == kQuote ? bit : 0;
      bits.delimiters |= c == delimiter ? bit : 0;
      bits.feeds |= c == '\n' ? bit : 0;
      bits.returns |= c == '\r' ? bit : 0;
      bits.high |= (static_cast<unsigned char>(c) & 0x80U) != 0 ? bit : 0;
      bits.zeros |= c == '\0' ? bit : 0;
    }
    batch[b] = bits;
  }
}

#if defined(__x86_64__)
void bits_sse2(const char* text, std::size_t blocks, char delimiter, Batch& batch) {
  const __m128i quote = _mm_set1_epi8(kQuote);
  const __m128i comma = _mm_set1_epi8(delimiter);
  const __m128i feed = _mm_set1_epi8('\n');
  const __m128i carriage = _mm_set1_epi8('\r');
  const __m128i zero = _mm_setzero_si128();
  for (std::size_t b = 0; b < blocks; ++b) {
    Bits bits;
    for (unsigned i = 0; i < 4; ++i) {
      __m128i bytes;
      std::memcpy(&bytes, text + b * kBlock + i * 16U, sizeof bytes);
      const unsigned at = i * 16;
      const auto equal = [&](__m128i what) {
        return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, what)))} << at;
      };
      bits.quotes |= equal(quote);
      bits.delimiters |= equal(comma);
      bits.feeds |= equal(feed);
      bits.returns |= equal(carriage);
      bits.zeros |= equal(zero);
      bits.high |= std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(bytes))} << at;
    }
    batch[b] = bits;
  }
}

struct Halves {
  __m256i low;
  __m256i high;
};
[[gnu::target("avx2"), gnu::always_inline]] inline std::uint64_t joined(__m256i low, __m256i high) {
  return std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(low))} |
         std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(high))} << 32;
}
[[gnu::target("avx2"), gnu::always_inline]] inline std::uint64_t equal_avx2(const Halves& bytes,
                                                                            __m256i what) {
  return joined(_mm256_cmpeq_epi8(bytes.low, what), _mm256_cmpeq_epi8(bytes.high, what));
}
[[gnu::target("avx2")]] void bits_avx2(const char* text, std::size_t blocks, char delimiter, Batch& batch) {
  const __m256i quote = _mm256_set1_epi8(kQuote);
  const __m256i comma = _mm256_set1_epi8(delimiter);
  const __m256i feed = _mm256_set1_epi8('\n');
  const __m256i carriage = _mm256_set1_epi8('\r');
  const __m256i zero = _mm256_setzero_si256();
  for (std::size_t b = 0; b < blocks; ++b) {
    Halves bytes;
    std::memcpy(&bytes, text + b * kBlock, sizeof bytes);
    batch[b] = {.quotes = equal_avx2(bytes, quote),
                .delimiters = equal_avx2(bytes, comma),
                .feeds = equal_avx2(bytes, feed),
                .returns = equal_avx2(bytes, carriage),
                .high = joined(bytes.low, bytes.high),
                .zeros = equal_avx2(bytes, zero)};
  }
}
#endif

void bits_of(Lanes lanes, const char* text, std::size_t blocks, char delimiter, Batch& batch) {
#if defined(__x86_64__)
  if (lanes == Lanes::Avx2) return bits_avx2(text, blocks, delimiter, batch);
  if (lanes == Lanes::Sse2) return bits_sse2(text, blocks, delimiter, batch);
#endif
  (void)lanes;
  bits_portable(text, blocks, delimiter, batch);
}

// Bit i: whether the bits up to and including i are odd in number.
std::uint64_t parity(std::uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// Inline, because the instruction is not in plain x86-64 and the library's function is slower than the rest
// here.
std::size_t count_of(std::uint64_t bits) {
  bits -= bits >> 1 & 0x5555555555555555;
  bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
  bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return bits * 0x0101010101010101 >> 56;
}

// Writes the positions of the set bits; up to seven entries behind them are overwritten with anything.
std::uint32_t* positions(std::uint64_t bits, std::uint32_t base, std::uint32_t* out) {
  const std::size_t count = count_of(bits);
  std::uint32_t* at = out;
  for (std::size_t done = 0; done < count; done += 8) {
    for (std::size_t i = 0; i < 8; ++i) {
      // countr_zero(0) is 64: written, and overwritten later.
      at[i] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
    at += 8;
  }
  return out + count;
}

// One call of Marker::mark.
class Pass {
 public:
  Pass(const char* text, std::size_t size, char delimiter, Within within, Marks& marks)
      : text_(text),
        size_(size),
        delimiter_(delimiter),
        within_(within),
        marks_(marks),
        cells_(marks.cell_ends.get()),
        rows_(marks.row_ends.get()) {}

  // `count` bytes of the text from `at` on.
  void block(std::size_t at, std::size_t count, Bits bits) {
    const std::uint64_t valid = count == kBlock ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    bits.quotes &= valid;
    bits.delimiters &= valid;
    bits.feeds &= valid;
    bits.returns &= valid;
    seen_.quotes |= bits.quotes;
    seen_.returns |= bits.returns;
    seen_.high |= bits.high & valid;
    seen_.zeros |= bits.zeros & valid;
    std::uint64_t lines = bits.feeds;
    std::uint64_t before_feed = 0;
    if (bits.returns != 0) {
      const bool feed_next = at + count < size_ && text_[at + count] == '\n';
      before_feed = bits.returns & (bits.feeds >> 1 | std::uint64_t{feed_next} << (count - 1));
      lines |= bits.returns & ~before_feed;
    }
    if ((bits.quotes | std::uint64_t{within_ == Within::Quoted || within_ == Within::Behind}) == 0) {
      emit(at, bits.delimiters | lines, lines);
      within_ = (bits.delimiters | lines) >> (count - 1) != 0 ? Within::Start : Within::Plain;
      return;
    }
    quoted_block(at, count, bits, lines, before_feed);
  }

  void finish() {
    marks_.cell_count = static_cast<std::size_t>(cells_ - marks_.cell_ends.get());
    marks_.row_count = static_cast<std::size_t>(rows_ - marks_.row_ends.get());
    marks_.quotes = seen_.quotes != 0;
    marks_.returns = seen_.returns != 0;
    marks_.high = seen_.high != 0;
    marks_.zeros = seen_.zeros != 0;
  }
  [[nodiscard]] Within within() const { return within_; }

 private:
  void emit(std::size_t at, std::uint64_t cell_ends, std::uint64_t row_ends) {
    const auto base = static_cast<std::uint32_t>(at);
    cells_ = positions(cell_ends, base, cells_);
    for (; row_ends != 0; row_ends &= row_ends - 1)
      *rows_++ = base + static_cast<std::uint32_t>(std::countr_zero(row_ends));
  }

  void quoted_block(std::size_t at, std::size_t count, const Bits& bits, std::uint64_t lines,
                    std::uint64_t before_feed) {
    const std::uint64_t valid = count == kBlock ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    const std::uint64_t odd = parity(bits.quotes);
    const std::uint64_t inside = (within_ == Within::Quoted ? ~odd : odd) & valid;
    const std::uint64_t ends = (bits.delimiters | lines) & ~inside;
    const std::uint64_t opening = bits.quotes & inside;
    const std::uint64_t closing = bits.quotes & ~inside;
    const std::uint64_t starts = ends << 1 | std::uint64_t{within_ == Within::Start};
    const std::uint64_t behind = (closing << 1 | std::uint64_t{within_ == Within::Behind}) & valid;
    // A quote opens at the start of a cell or doubles the one before it; nothing but an end follows a closing
    // one.
    const std::uint64_t wrong =
        (opening & ~(starts | behind)) | (behind & ~(ends | bits.quotes | before_feed));
    if (wrong != 0) return automaton(at, count);
    emit(at, ends, lines & ends);
    remember_inner_lines(at, lines & inside);
    const std::size_t last = count - 1;
    if ((inside >> last & 1) != 0) {
      within_ = Within::Quoted;
    } else if ((ends >> last & 1) != 0) {
      within_ = Within::Start;
    } else if ((closing >> last & 1) != 0 || (behind & before_feed) >> last != 0) {
      within_ = Within::Behind;
    } else {
      within_ = Within::Plain;
    }
  }

  void remember_inner_lines(std::size_t at, std::uint64_t lines) {
    for (; lines != 0; lines &= lines - 1)
      marks_.inner_lines.push_back(static_cast<std::uint32_t>(at) +
                                   static_cast<std::uint32_t>(std::countr_zero(lines)));
  }

  void automaton(std::size_t at, std::size_t count) {
    for (std::size_t i = at; i < at + count; ++i) {
      const char c = text_[i];
      const bool before_feed = c == '\r' && i + 1 < size_ && text_[i + 1] == '\n';
      const bool line = c == '\n' || (c == '\r' && !before_feed);
      step(static_cast<std::uint32_t>(i), c, line, before_feed);
    }
  }
  void step(std::uint32_t at, char c, bool line, bool before_feed) {
    if (within_ == Within::Quoted) {
      if (line) marks_.inner_lines.push_back(at);
      if (c == kQuote) within_ = Within::Behind;
    } else if (line || c == delimiter_) {
      *cells_++ = at;
      if (line) *rows_++ = at;
      within_ = Within::Start;
    } else if (c == kQuote && within_ != Within::Plain) {
      within_ = Within::Quoted;  // opens, or doubles
    } else if (within_ == Within::Behind && !before_feed) {
      if (!marks_.stray) marks_.stray = at;
      within_ = Within::Plain;
    } else if (within_ == Within::Start) {
      within_ = Within::Plain;
    }
  }

  const char* text_;
  std::size_t size_;
  char delimiter_;
  Within within_;
  Marks& marks_;
  std::uint32_t* cells_;
  std::uint32_t* rows_;
  Bits seen_;
};

}  // namespace

Lanes best_lanes() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") ? Lanes::Avx2 : Lanes::Sse2;
#else
  return Lanes::Portable;
#endif
}

std::size_t Marker::mark(const char* text, std::size_t size, bool last, Marks& marks) {
  const std::size_t whole = size;
  if (!last && size > 0 && text[size - 1] == '\r') --size;
  if (marks.capacity_ < whole + 8) {
    marks.capacity_ = whole + 8;
    marks.cell_ends = std::make_unique_for_overwrite<std::uint32_t[]>(marks.capacity_);
    marks.row_ends = std::make_unique_for_overwrite<std::uint32_t[]>(marks.capacity_);
  }
  marks.inner_lines.clear();
  marks.stray.reset();
  Pass pass(text, size, delimiter_, within_, marks);
  Batch batch;
  for (std::size_t at = 0; at < size; at += kBatch * kBlock) {
    const std::size_t blocks = std::min(kBatch, (size - at + kBlock - 1) / kBlock);
    bits_of(lanes_, text + at, blocks, delimiter_, batch);
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t start = at + b * kBlock;
      pass.block(start, std::min(kBlock, size - start), batch[b]);
    }
  }
  pass.finish();
  within_ = pass.within();
  return size;
}

}  // namespace bulwark::tables::csv
