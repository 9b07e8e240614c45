#include "stats/products.h"

#include <cstring>

// Function attributes instead of files built for other processors: inline functions of such files would be
// merged with everybody's, and crash where the instructions are missing.
#if defined(__x86_64__)
#define BULWARK_FOR(features) __attribute__((target(features)))
#endif

namespace bulwark::stats {
namespace {

template <std::size_t kBytes>
struct Lanes {
  using Floats [[gnu::vector_size(kBytes)]] = float;
  using Bits [[gnu::vector_size(kBytes)]] = std::int32_t;
  using Words [[gnu::vector_size(kBytes)]] = std::uint64_t;
  static constexpr std::size_t kCount = kBytes / sizeof(float);
};

// `kGroup` rows at a time: as many sums as there are registers.
template <std::size_t kBytes, std::size_t kGroup>
[[gnu::always_inline]] inline void multiply(const Tile& tile, std::size_t first, std::size_t column,
                                            TileResult& result) {
  using Floats = typename Lanes<kBytes>::Floats;
  constexpr std::size_t kLanes = Lanes<kBytes>::kCount;
  Floats sums[kGroup][2] = {};
  const float* rows = tile.rows + first;
  const float* points = tile.panel + column;
  for (std::size_t v = 0; v < tile.width; ++v, points += kPanelWidth, rows += kTileRows) {
    Floats left;
    Floats right;
    std::memcpy(&left, points, kBytes);
    std::memcpy(&right, points + kLanes, kBytes);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < kGroup; ++r) {
      sums[r][0] += left * rows[r];
      sums[r][1] += right * rows[r];
    }
  }
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kGroup; ++r) {
    float* const out = result.products.data() + (first + r) * kPanelWidth + column;
    std::memcpy(out, &sums[r][0], kBytes);
    std::memcpy(out + kLanes, &sums[r][1], kBytes);
  }
}

// Bit c of the result: lane c of the panel.
template <std::size_t kBytes>
[[gnu::always_inline]] inline std::uint32_t gather(const typename Lanes<kBytes>::Bits& bits) {
  typename Lanes<kBytes>::Words words;
  std::memcpy(&words, &bits, kBytes);
  std::uint64_t all = 0;
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kBytes / sizeof(all); ++i) all |= words[i];
  return static_cast<std::uint32_t>(all | all >> 32);
}

template <std::size_t kBytes>
[[gnu::always_inline]] inline void compare(const Tile& tile, TileResult& result) {
  using Floats = typename Lanes<kBytes>::Floats;
  using Bits = typename Lanes<kBytes>::Bits;
  constexpr std::size_t kLanes = Lanes<kBytes>::kCount;
  Bits lanes;
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = 1 << i;
  for (std::size_t r = 0; r < kTileRows; ++r) {
    Bits row{};
    Bits panel{};
#pragma GCC unroll 16
    for (std::size_t column = 0; column < kPanelWidth; column += kLanes) {
      Floats product;
      Floats halves;
      std::memcpy(&product, result.products.data() + r * kPanelWidth + column, kBytes);
      std::memcpy(&halves, tile.panel_halves + column, kBytes);
      row |= (halves - product < tile.row_limits[r]) & (lanes << static_cast<int>(column));
      if (tile.panel_limits != nullptr) {
        Floats limits;
        std::memcpy(&limits, tile.panel_limits + column, kBytes);
        panel |= (tile.row_halves[r] - product < limits) & (lanes << static_cast<int>(column));
      }
    }
    result.row_hits[r] = gather<kBytes>(row);
    result.panel_hits[r] = gather<kBytes>(panel);
  }
}

template <std::size_t kBytes, std::size_t kGroup>
[[gnu::always_inline]] inline void run(const Tile& tile, TileResult& result) {
  for (std::size_t column = 0; column < kPanelWidth; column += 2 * Lanes<kBytes>::kCount)
    for (std::size_t first = 0; first < kTileRows; first += kGroup)
      multiply<kBytes, kGroup>(tile, first, column, result);
  compare<(kBytes < 32 ? kBytes : 32)>(tile, result);  // g++ 12 takes comparisons of 64 bytes apart
}

void run_plain(const Tile& tile, TileResult& result) {
  run<16, 6>(tile, result);
}
#ifdef BULWARK_FOR
BULWARK_FOR("avx2,fma") void run_avx2(const Tile& tile, TileResult& result) {
  run<32, 6>(tile, result);
}
BULWARK_FOR("avx512f,avx512dq,avx2,fma") void run_avx512(const Tile& tile, TileResult& result) {
  run<64, 12>(tile, result);
}
#endif

}  // namespace

Registers widest_registers() {
#ifdef BULWARK_FOR
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return Registers::Avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Registers::Avx2;
#endif
  return Registers::Plain;
}

TileKernel tile_kernel(Registers registers) {
#ifdef BULWARK_FOR
  const Registers widest = widest_registers();
  if (registers == Registers::Avx512 && widest == Registers::Avx512) return run_avx512;
  if (registers >= Registers::Avx2 && widest >= Registers::Avx2) return run_avx2;
#else
  static_cast<void>(registers);
#endif
  return run_plain;
}

}  // namespace bulwark::stats
