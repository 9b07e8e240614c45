#pragma once
// Plain decimals of up to 16 bytes, read eight digits at a time: the cells that data sets mostly consist of.

#include <array>
#include <bit>
#include <cstdint>

#include "assay/profile/cell.h"
#include "stats/hash.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace bulwark::assay::profile {

inline constexpr std::array<double, 20> kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
                                                   1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
                                                   1e14, 1e15, 1e16, 1e17, 1e18, 1e19};
inline constexpr std::uint64_t kExactInteger = std::uint64_t{1} << 53;

// Which of the first 16 bytes are digits, and which are points; bit i is byte i.
struct Masks {
  unsigned digits = 0;
  unsigned points = 0;
};

inline Masks masks_plainly(const stats::Leading& words) {
  Masks masks;
  for (unsigned i = 0; i < 16; ++i) {
    const auto byte = static_cast<unsigned char>((i < 8 ? words.low : words.high) >> (8 * (i % 8)));
    masks.digits |= static_cast<unsigned>(byte >= '0' && byte <= '9') << i;
    masks.points |= static_cast<unsigned>(byte == '.') << i;
  }
  return masks;
}

#ifdef __SSE2__
inline __m128i vector_of(const stats::Leading& words) {
  return _mm_set_epi64x(static_cast<std::int64_t>(words.high), static_cast<std::int64_t>(words.low));
}
inline Masks masks_of(const stats::Leading& words) {
  const __m128i bytes = vector_of(words);
  const __m128i above = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8(9)), above);
  const __m128i points = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'));
  return {.digits = static_cast<unsigned>(_mm_movemask_epi8(digits)),
          .points = static_cast<unsigned>(_mm_movemask_epi8(points))};
}
#else
inline Masks masks_of(const stats::Leading& words) {
  return masks_plainly(words);
}
#endif

// Eight digits at once, the first in the lowest byte; bytes of zero count as the digit 0.
inline std::uint64_t eight_digits(std::uint64_t word) {
  word &= 0x0F0F0F0F0F0F0F0F;
  word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FF;
  word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFF;
  return (word * 10'000 + (word >> 32)) & 0xFFFFFFFF;
}

// The number that `count` digits (at most 16) make, the first in the lowest byte.
inline std::uint64_t digits_of(stats::Wide bytes, unsigned count) {
  if (count <= 8)
    return count == 0 ? 0 : eight_digits(static_cast<std::uint64_t>(bytes) << (8 * (8 - count)));
  return eight_digits(static_cast<std::uint64_t>(bytes) << (8 * (16 - count))) * 100'000'000 +
         eight_digits(static_cast<std::uint64_t>(bytes >> (8 * (count - 8))));
}

// "-12.50", "7", ".5": decimals up to 16 bytes that a double can be computed of by one exact division.
inline bool read_decimal(std::size_t size, const stats::Leading& words, const Masks& masks, Cell& cell) {
  const auto first = static_cast<unsigned char>(words.low);
  const unsigned sign = first == '-' || first == '+' ? 1 : 0;
  const unsigned all = (1U << size) - 1;
  if ((masks.digits | masks.points | sign) != all || (masks.points & (masks.points - 1)) != 0) return false;
  const bool point = masks.points != 0;
  const unsigned end = static_cast<unsigned>(size);
  const unsigned before = (point ? static_cast<unsigned>(std::countr_zero(masks.points)) : end) - sign;
  const unsigned after = point ? end - sign - before - 1 : 0;
  if (before + after == 0) return false;
  std::uint64_t mantissa = 0;
  if (size <= 8) {
    // The digits behind the point move up to those before it.
    const std::uint64_t digits = words.low >> (8 * sign);
    const std::uint64_t whole = before == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * before)) - 1;
    mantissa = digits_of(point ? (digits & whole) | (digits >> 8 & ~whole) : digits, before + after);
  } else {
    const stats::Wide digits = (static_cast<stats::Wide>(words.high) << 64 | words.low) >> (8 * sign);
    if (point) {
      const stats::Wide whole = (static_cast<stats::Wide>(1) << (8 * before)) - 1;
      mantissa = digits_of((digits & whole) | (digits >> 8 & ~whole), before + after);
    } else {
      mantissa = digits_of(digits, before);
    }
  }
  if (mantissa > kExactInteger && after != 0) return false;
  const auto whole_number = static_cast<double>(static_cast<std::int64_t>(mantissa));
  const double value = point ? whole_number / kPowers.data()[after] : whole_number;
  cell.number = first == '-' ? -value : value;
  cell.kind = point ? CellKind::Real : CellKind::Integer;
  cell.length = end;
  cell.shape = 1U << 31 | (sign != 0 ? 1U << 16 : 0) | (point ? 1U << 17 : 0) | before << 8 | after;
  if (before > 1 && static_cast<unsigned char>(words.low >> (8 * sign)) == '0') cell.marks |= kLeadingZero;
  return true;
}

}  // namespace bulwark::assay::profile
