#include "scan/formats/weight_change.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "scan/formats/number_type.h"

namespace bulwark::scan {
namespace {

constexpr std::uint64_t kSample = 1'000'000;
constexpr std::uint32_t kHighestRank = 8;
constexpr std::uint64_t kRows = 48;
constexpr std::uint64_t kColumns = 192;

class Accumulator {
 public:
  void add(double value) {
    if (!std::isfinite(value)) {
      ++moments_.not_finite;
      return;
    }
    ++count_;
    // Welford: stable for large means.
    const double step = value - moments_.mean;
    moments_.mean += step / static_cast<double>(count_);
    squares_ += step * (value - moments_.mean);
    moments_.largest = std::max(moments_.largest, std::abs(value));
  }
  [[nodiscard]] Moments done() const {
    Moments result = moments_;
    if (count_ > 1) result.deviation = std::sqrt(squares_ / static_cast<double>(count_));
    return result;
  }

 private:
  Moments moments_;
  double squares_ = 0;
  std::uint64_t count_ = 0;
};

// Smallest relative step of the type: what rounding alone leaves in a difference.
double rounding_of(NumberType type) {
  const unsigned bits = significand_bits(type);
  return bits == 0 || type == NumberType::Int8 || type == NumberType::UInt8
             ? 1e-9
             : std::ldexp(1.0, -static_cast<int>(bits));
}

using Matrix = std::vector<std::vector<double>>;

// Rank by elimination with full pivoting, up to kHighestRank; 0 beyond it. `noise`: differences below are
// rounding.
std::uint32_t rank_of(Matrix rows, double noise) {
  double first = 0;
  for (std::uint32_t rank = 0; rank <= kHighestRank; ++rank) {
    std::size_t pivot_row = 0;
    std::size_t pivot_column = 0;
    double pivot = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = 0; j < rows[i].size(); ++j) {
        if (std::abs(rows[i][j]) <= std::abs(pivot)) continue;
        pivot = rows[i][j];
        pivot_row = i;
        pivot_column = j;
      }
    }
    if (rank == 0) first = std::abs(pivot);
    if (std::abs(pivot) <= std::max(first * 2e-3, noise)) return rank;
    const std::vector<double> row = rows[pivot_row];
    for (std::vector<double>& other : rows) {
      const double factor = other[pivot_column] / pivot;
      for (std::size_t j = 0; j < other.size(); ++j) other[j] -= factor * row[j];
    }
  }
  return 0;
}

// Picks the rows that changed most visibly and a regular grid of columns.
std::uint32_t rank_of_change(const Values& before, const Values& after,
                             const std::vector<std::uint64_t>& shape, double noise) {
  if (shape.size() != 2 || shape[0] < 16 || shape[1] < 16) return 0;
  const std::uint64_t columns = shape[1];
  const std::uint64_t row_step = std::max<std::uint64_t>(1, shape[0] / kRows);
  const std::uint64_t column_step = std::max<std::uint64_t>(1, columns / kColumns);
  Matrix sample;
  for (std::uint64_t i = 0; i < shape[0] && sample.size() < kRows; i += row_step) {
    std::vector<double> row;
    for (std::uint64_t j = 0; j < columns && row.size() < kColumns; j += column_step) {
      const double difference = after[i * columns + j] - before[i * columns + j];
      row.push_back(std::isfinite(difference) ? difference : 0);
    }
    sample.push_back(std::move(row));
  }
  const std::uint32_t rank = rank_of(sample, noise);
  // A rank near the sample's own size says nothing.
  return rank * 2 <= std::min(sample.size(), sample.front().size()) ? rank : 0;
}

}  // namespace

WeightChange weight_change(const Tensor& before, const Tensor& after) {
  WeightChange change;
  const NumberType type = number_type(after.type);
  const Values old_values(before.content, type);
  const Values new_values(after.content, type);
  const std::uint64_t count = std::min(old_values.size(), new_values.size());
  if (!old_values.readable() || count == 0) return change;
  // An odd step so that a sample does not stay in one column of a matrix.
  const std::uint64_t step = count <= kSample ? 1 : (count / kSample) | 1;
  Accumulator old_moments;
  Accumulator new_moments;
  for (std::uint64_t i = 0; i < count; i += step) {
    const double was = old_values[i];
    const double is = new_values[i];
    ++change.values;
    old_moments.add(was);
    new_moments.add(is);
    if (was == is || (std::isnan(was) && std::isnan(is))) continue;
    ++change.changed;
    if (was == -is) ++change.flipped;
  }
  change.before = old_moments.done();
  change.after = new_moments.done();
  const double ceiling = std::ldexp(change.before.largest, 16);
  for (std::uint64_t i = 0; i < count && ceiling > 0 && change.after.largest > ceiling; i += step)
    if (std::abs(new_values[i]) > ceiling) ++change.exploded;
  std::uint64_t expected = 1;
  for (const std::uint64_t dimension : after.shape)
    if (__builtin_mul_overflow(expected, dimension, &expected)) return change;
  if (expected <= count && change.changed > 0)
    change.rank =
        rank_of_change(old_values, new_values, after.shape, 4 * rounding_of(type) * change.before.largest);
  return change;
}

}  // namespace bulwark::scan
