#pragma once
// Cross-validation: which rows are held out together, and what learners are given.

#include <cstdint>
#include <span>
#include <vector>

#include "stats/neighbours.h"

namespace bulwark::stats {

// What a learner sees. Labels of all rows of `points`; only those of `rows` are used.
struct Lesson {
  MatrixView points;
  std::span<const std::int32_t> labels;  // 0 <= label < classes for every row of the lesson
  std::size_t classes = 0;
  std::span<const std::uint32_t> rows;
};

// Fold of each row, below `folds`; rows with a negative label get one, too. Each class is spread evenly, rows
// of one group stay together. `groups`: a number for each row, or empty. Deterministic by seed.
[[nodiscard]] std::vector<std::uint32_t> stratified_folds(std::span<const std::int32_t> labels,
                                                          std::span<const std::uint32_t> groups,
                                                          std::size_t folds, std::uint64_t seed);

}  // namespace bulwark::stats
