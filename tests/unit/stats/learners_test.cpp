#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "stats/folds.h"
#include "stats/forest.h"
#include "stats/logistic.h"
#include "stats/random.h"

namespace bulwark::stats {
namespace {

// Three clouds in four columns, one of which says nothing and one of which is constant.
struct Clouds {
  std::vector<float> values;
  std::vector<std::int32_t> labels;
  std::vector<std::uint32_t> rows;
  explicit Clouds(std::size_t count) {
    Philox random(3, stream_key("clouds"));
    for (std::size_t i = 0; i < count; ++i) {
      const auto label = static_cast<std::int32_t>(i % 3);
      values.push_back(static_cast<float>(random.normal() + 4 * (label == 1)));
      values.push_back(static_cast<float>(random.normal() + 4 * (label == 2)));
      values.push_back(static_cast<float>(1000 * random.normal()));
      values.push_back(7);
      labels.push_back(label);
      rows.push_back(static_cast<std::uint32_t>(i));
    }
  }
  [[nodiscard]] MatrixView view() const { return {.values = values, .rows = rows.size(), .width = 4}; }
  [[nodiscard]] Lesson lesson() const {
    return {.points = view(), .labels = labels, .classes = 3, .rows = rows};
  }
};

double accuracy(const std::vector<float>& p, const std::vector<std::int32_t>& labels) {
  double hits = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::size_t best = 0;
    float sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      sum += p[i * 3 + k];
      if (p[i * 3 + k] > p[i * 3 + best]) best = k;
    }
    EXPECT_NEAR(sum, 1, 1e-4);
    hits += best == static_cast<std::size_t>(labels[i]) ? 1 : 0;
  }
  return hits / static_cast<double>(labels.size());
}

TEST(Logistic, LearnsClouds) {
  const Clouds clouds(300);
  const Logistic model(clouds.lesson(), {});
  EXPECT_GT(accuracy(model.probabilities(clouds.view(), clouds.rows), clouds.labels), 0.92);
}

TEST(Logistic, OneClassAndAClassWithoutRowsAreNoTrap) {
  Clouds clouds(30);
  std::ranges::fill(clouds.labels, 1);
  const auto p = Logistic(clouds.lesson(), {}).probabilities(clouds.view(), clouds.rows);
  EXPECT_GT(p[1], 0.9F);
  for (const float value : p) EXPECT_TRUE(std::isfinite(value));
}

TEST(Forest, LearnsCloudsTheSameWithAnyThreads) {
  const Clouds clouds(300);
  const auto p = Forest(clouds.lesson(), {.trees = 20}).probabilities(clouds.view(), clouds.rows, 1);
  EXPECT_GT(accuracy(p, clouds.labels), 0.97);
  for (const std::size_t jobs : {2U, 3U})
    EXPECT_EQ(
        p,
        Forest(clouds.lesson(), {.trees = 20, .jobs = jobs}).probabilities(clouds.view(), clouds.rows, jobs));
  EXPECT_NE(p,
            Forest(clouds.lesson(), {.trees = 20, .seed = 1}).probabilities(clouds.view(), clouds.rows, 1));
}

TEST(Forest, ConstantColumnsGiveOneLeaf) {
  const std::vector<float> values(20, 1.0F);
  std::vector<std::int32_t> labels(10, 0);
  labels[3] = 1;
  std::vector<std::uint32_t> rows(10);
  std::iota(rows.begin(), rows.end(), 0U);
  const MatrixView view{.values = values, .rows = 10, .width = 2};
  const auto p = Forest({.points = view, .labels = labels, .classes = 2, .rows = rows}, {.trees = 50})
                     .probabilities(view, rows, 1);
  EXPECT_NEAR(p[1], 0.1, 0.08);
}

TEST(Folds, SpreadEveryClassAndKeepGroupsTogether) {
  std::vector<std::int32_t> labels;
  std::vector<std::uint32_t> groups;
  for (std::uint32_t i = 0; i < 400; ++i) {
    labels.push_back(i % 10 == 0 ? -1 : static_cast<std::int32_t>(i % 4));
    groups.push_back(i / 3);
  }
  const auto fold = stratified_folds(labels, groups, 5, 1);
  EXPECT_EQ(fold, stratified_folds(labels, groups, 5, 1));
  EXPECT_NE(fold, stratified_folds(labels, groups, 5, 2));
  std::vector<std::vector<int>> counts(5, std::vector<int>(4));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ASSERT_LT(fold[i], 5U);
    EXPECT_EQ(fold[i], fold[i / 3 * 3]);
    if (labels[i] >= 0) ++counts[fold[i]][static_cast<std::size_t>(labels[i])];
  }
  for (const auto& fold_counts : counts)
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(fold_counts[k], k % 2 == 0 ? 16 : 20, 3);
}

TEST(Folds, WithoutGroupsTheyAreEven) {
  const std::vector<std::int32_t> labels(103, 0);
  std::vector<int> sizes(5);
  for (const std::uint32_t fold : stratified_folds(labels, {}, 5, 0)) ++sizes[fold];
  for (const int size : sizes) EXPECT_NEAR(size, 20.6, 1);
  EXPECT_TRUE(stratified_folds({}, {}, 5, 0).empty());
}

}  // namespace
}  // namespace bulwark::stats
