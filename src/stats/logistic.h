#pragma once
// Multinomial logistic regression on standardised features.

#include <cstdint>
#include <span>
#include <vector>

#include "stats/folds.h"

namespace bulwark::stats {

struct LogisticOptions {
  double c =
      0.1;  // inverse of the strength of the L2 penalty, as scikit-learn counts it; no penalty on intercepts
  std::size_t iterations = 100;
};

class Logistic {
 public:
  // Minimises by L-BFGS (Liu and Nocedal 1989). Cost: iterations × rows × width × classes × 4 operations.
  // All values finite; at least one row and class. Means and deviations are those of the lesson's rows.
  Logistic(const Lesson& lesson, const LogisticOptions& options);

  // Probabilities of each of `rows`, rows × classes.
  [[nodiscard]] std::vector<float> probabilities(const MatrixView& points,
                                                 std::span<const std::uint32_t> rows) const;

 private:
  std::size_t classes_;
  std::vector<float> mean_;
  std::vector<float> scale_;    // 1 / deviation; 0 for a constant column
  std::vector<float> weights_;  // (width + 1) × classes; the last row holds the intercepts
};

}  // namespace bulwark::stats
