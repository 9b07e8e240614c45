#pragma once
// Scalar products of a few rows with a panel of points, and which of them are small enough to matter: the
// inner loop of the search for neighbours. In the widest registers that the processor has.

#include <array>
#include <cstddef>
#include <cstdint>

namespace bulwark::stats {

inline constexpr std::size_t kTileRows = 12;    // 12 × 2 registers of sums leave 8 for operands in AVX-512
inline constexpr std::size_t kPanelWidth = 32;  // value v of point p lies at v * kPanelWidth + p

// Half of the squared distance, less half the row's own squared norm, is half the norm of the point less the
// product: that is compared with the limit of the row; and the other way round.
struct Tile {
  const float* rows = nullptr;   // width × kTileRows: interleaved like the panel's points
  const float* panel = nullptr;  // width × kPanelWidth
  std::size_t width = 0;
  const float* row_halves = nullptr;    // kTileRows: half the squared norm of each row
  const float* row_limits = nullptr;    // kTileRows
  const float* panel_halves = nullptr;  // kPanelWidth
  const float* panel_limits = nullptr;  // kPanelWidth; null: only the rows look for neighbours
};
struct TileResult {
  alignas(64) std::array<float, kTileRows * kPanelWidth> products{};
  std::array<std::uint32_t, kTileRows> row_hits{};    // bit c: point c lies below the limit of the row
  std::array<std::uint32_t, kTileRows> panel_hits{};  // bit c: the row lies below the limit of point c
};

enum class Registers : std::uint8_t { Plain, Avx2, Avx512 };
[[nodiscard]] Registers widest_registers();  // of this processor
using TileKernel = void (*)(const Tile&, TileResult&);
// Kernels differ in the last bits of the products only. Never one that the processor cannot run.
[[nodiscard]] TileKernel tile_kernel(Registers registers);

}  // namespace bulwark::stats
