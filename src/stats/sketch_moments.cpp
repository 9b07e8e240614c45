#include "stats/sketch_moments.h"

#include <array>
#include <cmath>

namespace bulwark::stats {

void Moments::add(std::span<const double> values) {
  if (values.empty()) return;
  Moments other;
  other.count = values.size();
  const double* const all = values.data();
  // Four sums side by side: one would wait for each of its own additions.
  const std::size_t whole = values.size() / 4 * 4;
  std::array<double, 4> sums{};
  for (std::size_t i = 0; i < whole; i += 4)
    for (std::size_t lane = 0; lane < 4; ++lane) sums[lane] += all[i + lane];
  double sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  for (std::size_t i = whole; i < values.size(); ++i) sum += values[i];
  other.mean = sum / static_cast<double>(values.size());
  std::array<double, 2> left{};
  std::array<double, 2> squares{};
  std::array<double, 2> cubes{};
  std::array<double, 2> fourths{};
  const auto take = [&](double value, std::size_t lane) {
    const double d = value - other.mean;
    const double square = d * d;
    left[lane] += d;
    squares[lane] += square;
    cubes[lane] += square * d;
    fourths[lane] += square * square;
  };
  for (std::size_t i = 0; i < whole; i += 2)
    for (std::size_t lane = 0; lane < 2; ++lane) take(all[i + lane], lane);
  for (std::size_t i = whole; i < values.size(); ++i) take(values[i], 0);
  other.m2 = squares[0] + squares[1];
  other.m3 = cubes[0] + cubes[1];
  other.m4 = fourths[0] + fourths[1];
  const double rest = left[0] + left[1];
  // What rounding of the mean left over (Chan, Golub and LeVeque 1983).
  other.m2 -= rest * rest / static_cast<double>(values.size());
  merge(other);
}

void Moments::add(double value, std::uint64_t times) {
  if (times == 0) return;
  Moments other;
  other.count = times;
  other.mean = value;
  merge(other);
}

void Moments::merge(const Moments& other) {
  if (other.count == 0) return;
  if (count == 0) {
    *this = other;
    return;
  }
  const auto a = static_cast<double>(count);
  const auto b = static_cast<double>(other.count);
  const double n = a + b;
  const double d = other.mean - mean;
  const double d2 = d * d;
  const double share = b / n;
  m4 += other.m4 + d2 * d2 * a * share * (a * a - a * b + b * b) / (n * n) +
        6 * d2 * (a * a * other.m2 + b * b * m2) / (n * n) + 4 * d * (a * other.m3 - b * m3) / n;
  m3 += other.m3 + d2 * d * a * share * (a - b) / n + 3 * d * (a * other.m2 - b * m2) / n;
  m2 += other.m2 + d2 * a * share;
  mean += d * share;
  count += other.count;
}

double Moments::deviation() const {
  return count < 2 ? 0 : std::sqrt(m2 / static_cast<double>(count - 1));
}

double Moments::skewness() const {
  if (count < 2 || m2 <= 0) return 0;
  return std::sqrt(static_cast<double>(count)) * m3 / std::pow(m2, 1.5);
}

double Moments::excess_kurtosis() const {
  if (count < 2 || m2 <= 0) return 0;
  return static_cast<double>(count) * m4 / (m2 * m2) - 3;
}

}  // namespace bulwark::stats
