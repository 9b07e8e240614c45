#pragma once
// A fast 64-bit hash of bytes for sketches and tables: the same on every machine and in every run, so that
// sketches of two runs can be merged. Not for secrets, and no defence against made collisions: whoever keeps
// a table by it bounds its probes.
//
// Method: folded 64 × 64 -> 128-bit products (Wang Yi, wyhash, public domain).

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace bulwark::stats {

__extension__ using Wide = unsigned __int128;

inline std::uint64_t folded(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
inline std::uint64_t little_endian(const char* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof word);
  if constexpr (std::endian::native == std::endian::big) {
    std::uint64_t turned = 0;
    for (std::size_t i = 0; i < sizeof word; ++i)
      turned |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
    return turned;
  }
  return word;
}

// The first 16 bytes of a text, zeros behind its end: byte i is bits 8 i to 8 i + 7. Reads no byte outside.
struct Leading {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};
inline Leading leading(std::string_view text) {
  const char* const at = text.data();
  const std::size_t n = text.size();
  if (n >= 16) return {little_endian<std::uint64_t>(at), little_endian<std::uint64_t>(at + 8)};
  if (n > 8)
    return {little_endian<std::uint64_t>(at), little_endian<std::uint64_t>(at + n - 8) >> (8 * (16 - n))};
  if (n == 8) return {little_endian<std::uint64_t>(at), 0};
  if (n >= 4)
    return {little_endian<std::uint32_t>(at) | little_endian<std::uint32_t>(at + n - 4) << (8 * (n - 4)), 0};
  if (n == 0) return {};
  const auto byte = [&](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  };
  return {byte(0) | byte(n / 2) | byte(n - 1), 0};
}

// The same at one price for all lengths. It may load bytes behind the text, from the same page of memory
// only, which cannot fail, and drops them; where memory is watched byte by byte it does not.
#if defined(__has_feature)
#define BULWARK_WATCHED __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#else
#define BULWARK_WATCHED 0
#endif
inline Leading leading_of_page(std::string_view text) {
#if defined(__SSE2__) && !defined(__SANITIZE_ADDRESS__) && !(BULWARK_WATCHED)
  constexpr std::uintptr_t kLeastPage = 4'096;
  static constexpr std::array<std::uint8_t, 32> kKept = {255, 255, 255, 255, 255, 255, 255, 255,
                                                         255, 255, 255, 255, 255, 255, 255, 255};
  if (std::bit_cast<std::uintptr_t>(text.data()) % kLeastPage <= kLeastPage - 16) {
    const std::size_t size = text.size() < 16 ? text.size() : 16;
    const __m128i kept = _mm_and_si128(
        _mm_loadu_si128(static_cast<const __m128i_u*>(static_cast<const void*>(text.data()))),
        _mm_loadu_si128(static_cast<const __m128i_u*>(static_cast<const void*>(kKept.data() + 16 - size))));
    return {static_cast<std::uint64_t>(_mm_cvtsi128_si64(kept)),
            static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(kept, kept)))};
  }
#endif
  return leading(text);
}
#undef BULWARK_WATCHED

// Of at most 16 bytes, given as their words.
inline std::uint64_t hash_of(const Leading& words, std::size_t size) {
  const std::uint64_t mixed = folded(words.low ^ 0xA0761D6478BD642F, words.high ^ 0xE7037ED1A0B428DB ^ size);
  return folded(mixed ^ 0x8EBC6AF09C88C6E3, size ^ 0x589965CC75374CC3);
}
inline std::uint64_t hash_of(std::uint64_t bits) {
  return hash_of(Leading{.low = bits, .high = 0}, 8);
}
[[nodiscard]] std::uint64_t hash_of_long(std::string_view text);  // more than 16 bytes
inline std::uint64_t hash_of(std::string_view text) {
  return text.size() <= 16 ? hash_of(leading(text), text.size()) : hash_of_long(text);
}

}  // namespace bulwark::stats
