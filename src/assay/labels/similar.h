#pragma once
// What distances between rows say: which rows lie far from all others, which are almost copies, and whether
// neighbours in the file are neighbours in content.

#include <cstdint>
#include <string>
#include <vector>

#include "assay/labels/equal_rows.h"
#include "assay/parts.h"
#include "stats/neighbours.h"

namespace bulwark::assay::labels {

inline constexpr std::size_t kNeighbours = 10;
inline constexpr double kNearShare =
    0.13;  // of the median distance to the nearest: closer is a near duplicate

struct OrderTest {
  double effect = 0;  // largest gap between the distributions of |i - j| of neighbours and of random pairs
  double p = 1;       // of 199 permutations
};

struct Similarity {
  std::string why_not;  // not empty: nothing was compared
  std::string space;    // "embeddings", "features", "features scaled to deviation 1"
  stats::Distance distance = stats::Distance::Cosine;
  std::size_t rows = 0;
  std::size_t width = 0;
  std::vector<float> values;            // of all rows of the frame, rows × width
  std::vector<std::uint32_t> compared;  // rows of the frame, ascending
  std::vector<double> scores;  // of `compared`: exp(-mean distance to 10 neighbours / its median); low: far
  std::vector<std::uint32_t> outliers;  // rows that the null distribution does not explain, furthest first
  std::size_t above_quartile_cut = 0;   // rows beyond Q3 + 1.7 IQR, a ranking aid
  double median_nearest = 0;
  double near_by_chance = 0;   // share of rows that come that close without being copies
  std::vector<RowGroup> near;  // clusters with rows that are not all equal
  std::vector<std::uint32_t>
      cluster;  // of each row of the frame: first row of its cluster, equal rows included
  OrderTest order;

  [[nodiscard]] stats::MatrixView points() const { return {.values = values, .rows = rows, .width = width}; }
};

// Compares rows as far as kOperations go; beyond, a sample of them is drawn by the seed.
[[nodiscard]] Similarity compare_rows(const Frame& frame, const Extras& extras, const Settings& settings,
                                      const std::vector<RowGroup>& equal);

}  // namespace bulwark::assay::labels
