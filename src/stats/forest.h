#pragma once
// A random forest for classes (Breiman 2001): trees on bootstrap samples, a random few features at each node,
// Gini impurity, grown until leaves are pure.

#include <cstdint>
#include <span>
#include <vector>

#include "stats/folds.h"

namespace bulwark::stats {

struct ForestOptions {
  std::size_t trees = 200;
  std::uint64_t seed = 0;
  std::uint64_t sub_seed = 0;  // forests of one seed that must differ, such as those of folds
  std::size_t jobs = 1;        // the forest does not depend on it
};

class Forest {
 public:
  // At most 65,535 classes. Features are cut at no more than 63 quantiles of their values. Cost: trees × rows
  // × log2(rows) × root of the width.
  Forest(const Lesson& lesson, const ForestOptions& options);
  // Mean over trees of the shares of classes in the leaf, rows × classes.
  [[nodiscard]] std::vector<float> probabilities(const MatrixView& points,
                                                 std::span<const std::uint32_t> rows, std::size_t jobs) const;

  struct Node {
    float cut = 0;              // values up to it go left
    std::int32_t feature = -1;  // -1: a leaf
    std::uint32_t left = 0;     // the right child follows; of a leaf: where its shares start
  };
  struct Tree {
    std::vector<Node> nodes;
    std::vector<float> shares;  // of leaves, each of `classes` values
  };

 private:
  std::size_t classes_;
  std::vector<Tree> trees_;
};

}  // namespace bulwark::stats
