#include "stats/neighbours.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "stats/products.h"
#include "stats/random.h"

namespace bulwark::stats {
namespace {

struct Points {
  std::vector<float> values;
  std::size_t rows = 0;
  std::size_t width = 0;
  [[nodiscard]] MatrixView view() const { return {.values = values, .rows = rows, .width = width}; }
};

template <class Draw>
Points drawn(std::size_t rows, std::size_t width, const Draw& draw) {
  Philox random(7, stream_key("neighbours test"));
  Points points{.values = std::vector<float>(rows * width), .rows = rows, .width = width};
  for (float& value : points.values) value = draw(random);
  return points;
}

double apart(std::span<const float> a, std::span<const float> b, Distance distance) {
  double squares = 0;
  double products = 0;
  double left = 0;
  double right = 0;
  for (std::size_t v = 0; v < a.size(); ++v) {
    squares += (double{a[v]} - double{b[v]}) * (double{a[v]} - double{b[v]});
    products += double{a[v]} * double{b[v]};
    left += double{a[v]} * double{a[v]};
    right += double{b[v]} * double{b[v]};
  }
  if (distance == Distance::Euclidean) return std::sqrt(squares);
  if (left * right > 0) return std::max(0.0, 1 - products / std::sqrt(left * right));
  return left == right ? 0 : 1;
}

// Distances must be those of a plain search, and each must be the distance of the row beside it.
void expect_nearest(const Points& queries, const Points& points, std::size_t k, Distance distance,
                    const Neighbours& found, bool self) {
  ASSERT_EQ(found.rows.size(), queries.rows * found.k);
  ASSERT_EQ(found.k, std::min(k, points.rows - (self ? 1 : 0)));
  for (std::size_t i = 0; i < queries.rows; ++i) {
    std::vector<double> all;
    for (std::size_t j = 0; j < points.rows; ++j)
      if (!self || i != j) all.push_back(apart(queries.view().row(i), points.view().row(j), distance));
    std::ranges::sort(all);
    for (std::size_t n = 0; n < found.k; ++n) {
      const std::uint32_t row = found.rows[i * found.k + n];
      const double told = found.distances[i * found.k + n];
      EXPECT_NEAR(told, all[n], 1e-6 * (1 + all[n])) << "row " << i << ", neighbour " << n;
      EXPECT_NEAR(told, apart(queries.view().row(i), points.view().row(row), distance), 1e-6 * (1 + told));
      EXPECT_FALSE(self && row == i);
    }
  }
}

TEST(Neighbours, AreThoseOfAPlainSearch) {
  const Points points = drawn(331, 23, [](Philox& r) { return static_cast<float>(r.normal()); });
  const Points queries = drawn(50, 23, [](Philox& r) { return static_cast<float>(r.uniform()); });
  for (const Distance distance : {Distance::Cosine, Distance::Euclidean}) {
    expect_nearest(points, points, 10, distance, nearest_neighbours(points.view(), 10, distance, 1), true);
    expect_nearest(queries, points, 5, distance,
                   nearest_neighbours(queries.view(), points.view(), 5, distance, 1), false);
  }
}

TEST(Neighbours, AreExactWhereSinglePrecisionSeesNoDifference) {
  // Two clusters far apart: a product in single precision rounds by more than a cluster is wide.
  Points points = drawn(200, 8, [](Philox& r) { return static_cast<float>(1e-3 * r.normal()); });
  for (std::size_t i = 0; i < points.values.size(); ++i)
    if (i / points.width % 2 == 1) points.values[i] += 1e4F;
  expect_nearest(points, points, 10, Distance::Euclidean,
                 nearest_neighbours(points.view(), 10, Distance::Euclidean, 1), true);
}

TEST(Neighbours, ManyAtTheSameDistanceComeInOrderOfRow) {
  const Points corners = drawn(600, 7, [](Philox& r) { return static_cast<float>(r.below(2)); });
  const Neighbours found = nearest_neighbours(corners.view(), 12, Distance::Euclidean, 1);
  expect_nearest(corners, corners, 12, Distance::Euclidean, found, true);
  for (std::size_t i = 0; i < corners.rows; ++i)
    for (std::size_t n = 1; n < found.k; ++n)
      if (found.distances[i * found.k + n] == found.distances[i * found.k + n - 1]) {
        EXPECT_GT(found.rows[i * found.k + n], found.rows[i * found.k + n - 1]);
      }
}

TEST(Neighbours, EqualRowsAreNearestAndAtDistanceZero) {
  Points points = drawn(90, 5, [](Philox& r) { return static_cast<float>(r.normal()); });
  for (std::size_t i = 0; i < 40; ++i)
    std::copy_n(points.values.begin(), points.width,
                points.values.begin() + static_cast<std::ptrdiff_t>(i * 5));
  const Neighbours found = nearest_neighbours(points.view(), 3, Distance::Cosine, 1);
  EXPECT_EQ((std::vector(found.rows.begin(), found.rows.begin() + 6)),
            (std::vector<std::uint32_t>{1, 2, 3, 0, 2, 3}));
  EXPECT_EQ(found.distances[0], 0.0F);
}

TEST(Neighbours, DoNotDependOnThreads) {
  const Points points = drawn(2500, 70, [](Philox& r) { return static_cast<float>(r.below(3)); });
  const Neighbours one = nearest_neighbours(points.view(), 6, Distance::Cosine, 1);
  for (const std::size_t jobs : {2U, 3U}) {
    const Neighbours more = nearest_neighbours(points.view(), 6, Distance::Cosine, jobs);
    EXPECT_EQ(one.rows, more.rows);
    EXPECT_EQ(one.distances, more.distances);
  }
}

TEST(Neighbours, FewRowsHaveFewNeighbours) {
  const Points points = drawn(3, 2, [](Philox& r) { return static_cast<float>(r.normal()); });
  EXPECT_EQ(nearest_neighbours(points.view(), 10, Distance::Euclidean, 1).k, 2U);
  EXPECT_EQ(
      nearest_neighbours(Points{.values = {1, 2}, .rows = 1, .width = 2}.view(), 10, Distance::Cosine, 1).k,
      0U);
  EXPECT_EQ(nearest_neighbours(Points{}.view(), 10, Distance::Cosine, 1).rows.size(), 0U);
  EXPECT_EQ(nearest_neighbours(points.view(), Points{.width = 2}.view(), 4, Distance::Euclidean, 1).k, 0U);
}

TEST(Neighbours, ZeroRowsAndHugeValuesAreNoTrap) {
  Points points = drawn(120, 4, [](Philox& r) { return 3e38F * static_cast<float>(2 * r.uniform() - 1); });
  std::fill_n(points.values.begin(), 4, 0.0F);
  for (const Distance distance : {Distance::Cosine, Distance::Euclidean}) {
    const Neighbours found = nearest_neighbours(points.view(), 3, distance, 1);
    EXPECT_TRUE(std::ranges::all_of(found.rows, [](std::uint32_t row) { return row < 120; }));
    EXPECT_TRUE(std::ranges::none_of(found.distances, [](float d) { return std::isnan(d); }));
  }
}

TEST(Products, KernelsAgreeUpToRounding) {
  const std::size_t width = 19;
  const Points rows = drawn(kTileRows, width, [](Philox& r) { return static_cast<float>(r.normal()); });
  const Points panel = drawn(kPanelWidth, width, [](Philox& r) { return static_cast<float>(r.normal()); });
  const std::vector<float> halves(kPanelWidth, 1.0F);
  const std::vector<float> limits(kPanelWidth, 0.25F);
  const Tile tile{.rows = rows.values.data(),
                  .panel = panel.values.data(),
                  .width = width,
                  .row_halves = halves.data(),
                  .row_limits = limits.data(),
                  .panel_halves = halves.data(),
                  .panel_limits = limits.data()};
  TileResult plain;
  tile_kernel(Registers::Plain)(tile, plain);
  for (const Registers registers : {Registers::Avx2, Registers::Avx512}) {
    TileResult wide;
    tile_kernel(registers)(tile, wide);
    for (std::size_t i = 0; i < plain.products.size(); ++i)
      EXPECT_NEAR(plain.products[i], wide.products[i], 1e-5);
    EXPECT_EQ(plain.row_hits, wide.row_hits);
    EXPECT_EQ(plain.panel_hits, wide.panel_hits);
  }
  for (std::size_t r = 0; r < kTileRows; ++r)
    for (std::size_t c = 0; c < kPanelWidth; ++c) {
      double sum = 0;
      for (std::size_t v = 0; v < width; ++v)
        sum += double{rows.values[v * kTileRows + r]} * double{panel.values[v * kPanelWidth + c]};
      EXPECT_NEAR(plain.products[r * kPanelWidth + c], sum, 1e-5);
      EXPECT_EQ((plain.row_hits[r] >> c & 1) != 0, 1 - plain.products[r * kPanelWidth + c] < 0.25F);
    }
}

}  // namespace
}  // namespace bulwark::stats
