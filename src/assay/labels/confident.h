#pragma once
// Confident learning (Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset
// Labels", JAIR 2021): which given labels do not fit probabilities that were estimated without them. Decides
// as cleanlab does, in three passes over the probabilities and without a copy of them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace bulwark::assay::labels {

// Probabilities beside given labels. Either `floats` or `doubles` holds rows × classes, row-major.
struct Given {
  std::span<const float> floats = {};
  std::span<const double> doubles = {};
  std::size_t classes = 0;              // columns; at least 2
  std::span<const std::int32_t> label;  // -1: none, and the row takes no part; at most 2^31 of them
  std::vector<std::uint64_t> row = {};  // of the matrix, for each label; empty: the same

  [[nodiscard]] double at(std::size_t i, std::size_t column) const;
};

enum class Filter : std::uint8_t {
  PruneByNoiseRate,
  PruneByClass,
  Both,
  ConfidentLearning,
  PredictedNeqGiven,
  LowSelfConfidence,
  LowNormalizedMargin,
};
inline constexpr std::size_t kFilters = 7;
[[nodiscard]] std::string_view name_of(Filter filter);  // "prune_by_noise_rate" …
[[nodiscard]] std::optional<Filter> filter_from(std::string_view name);

// Counts; row: given label, column: label that the probabilities suggest.
struct Counts {
  std::size_t classes = 0;
  std::vector<std::int64_t> cells;
  [[nodiscard]] std::int64_t& at(std::size_t given, std::size_t other) {
    return cells[given * classes + other];
  }
  [[nodiscard]] std::int64_t at(std::size_t given, std::size_t other) const {
    return cells[given * classes + other];
  }
};

struct Thresholds {
  std::vector<double> mean;         // of p[k] over the rows labelled k, at least 2e-6; 2 without such rows
  std::vector<std::uint64_t> rows;  // labelled k
};

class Confident {
 public:
  virtual ~Confident() = default;
  [[nodiscard]] virtual const Thresholds& thresholds() const = 0;
  [[nodiscard]] virtual const Counts& joint() const = 0;       // as counted, its diagonal at least 1
  [[nodiscard]] virtual const Counts& calibrated() const = 0;  // rows sum to the rows labelled so
  // Indices into the labels, ascending.
  [[nodiscard]] virtual std::vector<std::uint32_t> flagged(Filter filter) = 0;
};

// `given` must outlive the result. Deterministic whatever `jobs`.
// Memory: joints, and some 8 bytes for each row whose most probable label is another one.
[[nodiscard]] std::unique_ptr<Confident> learn_confidently(const Given& given, std::size_t jobs);

// Of each row; NaN without a label.
[[nodiscard]] std::vector<double> self_confidence(const Given& given);
[[nodiscard]] std::vector<double> normalised_margin(const Given& given);
// The most probable class of a row, the lowest of equals.
[[nodiscard]] std::size_t most_probable(const Given& given, std::size_t i);

// Rounds to integers that sum to the rounded sum: half to even, then whatever is missing goes where rounding
// took the most.
[[nodiscard]] std::vector<std::int64_t> round_preserving_sum(std::span<const double> values);

}  // namespace bulwark::assay::labels
