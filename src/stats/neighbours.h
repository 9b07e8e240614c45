#pragma once
// Exact nearest neighbours by blocked matrix products (stats/products.h), fp32, norms cached.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bulwark::stats {

enum class Distance : std::uint8_t { Cosine, Euclidean };  // 1 - cos, and the square root of the sum

// Row-major view of rows × width values; all finite.
struct MatrixView {
  std::span<const float> values;
  std::size_t rows = 0;
  std::size_t width = 0;
  [[nodiscard]] std::span<const float> row(std::size_t i) const { return values.subspan(i * width, width); }
};

// Of each query the k nearest, nearest first; equal distances in order of row.
struct Neighbours {
  std::size_t k = 0;
  std::vector<std::uint32_t> rows;  // queries × k
  std::vector<float> distances;     // queries × k; refined in double for the pairs that are kept
};

// Neighbours of every row among the others (itself excluded). k is clipped to rows - 1.
// Deterministic whatever `jobs` and processor. Memory: O(rows × k + blocks of 512 KiB).
[[nodiscard]] Neighbours nearest_neighbours(const MatrixView& points, std::size_t k, Distance distance,
                                            std::size_t jobs);
// Neighbours of each query among the points.
[[nodiscard]] Neighbours nearest_neighbours(const MatrixView& queries, const MatrixView& points,
                                            std::size_t k, Distance distance, std::size_t jobs);

}  // namespace bulwark::stats
