#include "assay/poison/principal.h"

#include <algorithm>
#include <cmath>

#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr int kRounds = 60;

double dot(const double* a, const double* b, std::size_t width) {
  double sum = 0;
  for (std::size_t c = 0; c < width; ++c) sum += a[c] * b[c];
  return sum;
}

// Gram-Schmidt; a direction that vanishes stays zero.
void orthonormalise(Table& table) {
  for (std::size_t i = 0; i < table.rows; ++i) {
    double* row = table.row(i);
    for (std::size_t before = 0; before < i; ++before) {
      const double along = dot(row, table.row(before), table.width);
      for (std::size_t c = 0; c < table.width; ++c) row[c] -= along * table.row(before)[c];
    }
    const double length = std::sqrt(dot(row, row, table.width));
    for (std::size_t c = 0; c < table.width; ++c) row[c] = length > 1e-12 ? row[c] / length : 0;
  }
}

}  // namespace

void centre(Table& table) {
  if (table.rows == 0) return;
  std::vector<double> mean(table.width);
  for (std::size_t i = 0; i < table.rows; ++i)
    for (std::size_t c = 0; c < table.width; ++c) mean[c] += table.row(i)[c];
  for (double& value : mean) value /= static_cast<double>(table.rows);
  for (std::size_t i = 0; i < table.rows; ++i)
    for (std::size_t c = 0; c < table.width; ++c) table.row(i)[c] -= mean[c];
}

Table covariance(const Table& centred) {
  const std::size_t width = centred.width;
  Table result{.rows = width, .width = width, .values = std::vector<double>(width * width)};
  for (std::size_t i = 0; i < centred.rows; ++i) {
    const double* row = centred.row(i);
    for (std::size_t a = 0; a < width; ++a)
      for (std::size_t b = a; b < width; ++b) result.row(a)[b] += row[a] * row[b];
  }
  const double scale = centred.rows > 1 ? 1 / static_cast<double>(centred.rows - 1) : 0;
  for (std::size_t a = 0; a < width; ++a)
    for (std::size_t b = a; b < width; ++b) result.row(b)[a] = result.row(a)[b] *= scale;
  return result;
}

Principal principal(const Table& symmetric, std::size_t count, std::uint64_t seed) {
  const std::size_t width = symmetric.width;
  count = std::min(count, width);
  Principal result;
  result.directions = {.rows = count, .width = width, .values = std::vector<double>(count * width)};
  stats::Philox random(seed, stats::stream_key("poison.principal"));
  for (double& value : result.directions.values) value = random.normal();
  orthonormalise(result.directions);
  Table next = result.directions;
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t a = 0; a < width; ++a)
        next.row(i)[a] = dot(symmetric.row(a), result.directions.row(i), width);
    orthonormalise(next);
    std::swap(next, result.directions);
  }
  for (std::size_t i = 0; i < count; ++i) {
    double variance = 0;
    for (std::size_t a = 0; a < width; ++a)
      variance += result.directions.row(i)[a] * dot(symmetric.row(a), result.directions.row(i), width);
    result.variances.push_back(std::max(variance, 0.0));
  }
  return result;
}

Table projected(const Table& centred, const Table& directions) {
  Table result{.rows = centred.rows,
               .width = directions.rows,
               .values = std::vector<double>(centred.rows * directions.rows)};
  for (std::size_t i = 0; i < centred.rows; ++i)
    for (std::size_t k = 0; k < directions.rows; ++k)
      result.row(i)[k] = dot(centred.row(i), directions.row(k), centred.width);
  return result;
}

}  // namespace bulwark::assay
