#pragma once
// How far two samples of numbers lie apart, out of one sort of each.

#include <cstdint>
#include <span>
#include <vector>

namespace bulwark::stats {

// Ascending; radix sort of three passes, linear in the number of values. No NaN. -0 comes before +0.
// `scratch` is overwritten; give the same one for many columns and nothing is allocated anew.
void sort_floats(std::vector<float>& values, std::vector<float>& scratch);

struct SampleDistance {
  double wasserstein = 0;         // W1: the area between the two distribution functions, in the values' unit
  double kolmogorov_smirnov = 0;  // D: the largest distance between them
};
// Both ascending and finite. One of them empty: zeros.
[[nodiscard]] SampleDistance distance_of_sorted(std::span<const float> a, std::span<const float> b);

struct Moments {
  double mean = 0;
  double deviation = 0;  // population
};
[[nodiscard]] Moments moments_of(std::span<const float> values);

}  // namespace bulwark::stats
