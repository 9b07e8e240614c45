#pragma once
// Can the two data sets be told apart at all? A classifier that tries, and the maximum mean discrepancy.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "assay/frame.h"
#include "stats/interval.h"

namespace bulwark::assay {

// Rows as lists of (place, value), ready for linear learners.
struct SparseRows {
  std::vector<std::size_t> start = {0};  // rows + 1
  std::vector<std::uint32_t> place;
  std::vector<float> value;
  std::size_t width = 0;

  [[nodiscard]] std::size_t rows() const { return start.size() - 1; }
};

// Area under the ROC curve of a logistic regression that separates `current` from `reference`; every row is
// judged by a model that has not seen it (two folds). 0.5: they cannot be told apart.
[[nodiscard]] stats::Interval domain_auc(const SparseRows& reference, const SparseRows& current,
                                         std::uint64_t seed, std::uint64_t stream);

// Character trigrams and words of the first 4 KiB, hashed; length 1.
void add_text(std::string_view text, SparseRows& rows);

// Which rows of so many take part, ascending: all, or `most` of them by the seed.
[[nodiscard]] std::vector<std::uint32_t> some_rows(std::size_t rows, std::size_t most, std::uint64_t seed,
                                                   std::uint64_t stream);

// Numbers of both sides, standardised together; nulls are 0, values are clipped at 5 deviations.
struct Standardised {
  std::vector<float> reference;  // rows × width
  std::vector<float> current;
  std::size_t width = 0;
};

// With the products of pairs of columns, so that a linear learner sees spread and dependence, too.
[[nodiscard]] SparseRows with_products(const std::vector<float>& values, std::size_t width,
                                       std::uint64_t seed);

struct Discrepancy {
  double mmd = 0;        // squared, unbiased; RBF kernel, median of the distances as bandwidth
  double p = 1;          // of 199 permutations: at least 0.005
  std::size_t rows = 0;  // of each side that took part
};
[[nodiscard]] Discrepancy mean_discrepancy(const Standardised& both, std::uint64_t seed);

}  // namespace bulwark::assay
