#pragma once
// Mean, deviation, skewness and kurtosis in one pass, mergeable (Pébay, "Formulas for Robust, One-Pass
// Parallel Computation of Covariances and Arbitrary-Order Statistical Moments", Sandia 2008).

#include <cstdint>
#include <span>

namespace bulwark::stats {

struct Moments {
  std::uint64_t count = 0;
  double mean = 0;
  double m2 = 0, m3 = 0, m4 = 0;  // sums of powers of the differences from the mean

  // Finite values. Differences are taken from the mean of the span, so large offsets cost no digits.
  void add(std::span<const double> values);
  void add(double value, std::uint64_t times);
  void merge(const Moments& other);

  [[nodiscard]] double deviation() const;        // of the sample, n - 1; 0 below two values
  [[nodiscard]] double skewness() const;         // of the population; 0 if all are equal
  [[nodiscard]] double excess_kurtosis() const;  // the same; 0 for a normal distribution
};

}  // namespace bulwark::stats
