#include "stats/two_samples.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace bulwark::stats {
namespace {

constexpr unsigned kDigitBits = 11;
constexpr unsigned kPasses = 3;
constexpr std::uint32_t kDigits = 1U << kDigitBits;

// Bits of a float in an order that is that of the numbers, and back (Herf 2001).
std::uint32_t ordered(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return bits ^ ((bits >> 31) != 0 ? 0xFFFFFFFFU : 0x80000000U);
}

}  // namespace

void sort_floats(std::vector<float>& values, std::vector<float>& scratch) {
  if (values.size() < 2'048) {
    std::ranges::sort(values, {}, ordered);
    return;
  }
  scratch.resize(values.size());
  std::array<std::array<std::size_t, kDigits>, kPasses> counts{};
  for (const float value : values) {
    const std::uint32_t key = ordered(value);
    for (unsigned pass = 0; pass < kPasses; ++pass)
      ++counts[pass][key >> (pass * kDigitBits) & (kDigits - 1)];
  }
  for (unsigned pass = 0; pass < kPasses; ++pass) {
    std::size_t at = 0;
    for (std::size_t& count : counts[pass]) {
      const std::size_t size = count;
      count = at;
      at += size;
    }
    for (const float value : values)
      scratch[counts[pass][ordered(value) >> (pass * kDigitBits) & (kDigits - 1)]++] = value;
    values.swap(scratch);
  }
}

SampleDistance distance_of_sorted(std::span<const float> a, std::span<const float> b) {
  if (a.empty() || b.empty()) return {};
  const double step_a = 1.0 / static_cast<double>(a.size());
  const double step_b = 1.0 / static_cast<double>(b.size());
  SampleDistance out;
  std::size_t i = 0;
  std::size_t j = 0;
  float at = std::min(a[0], b[0]);
  double difference = 0;  // of the distribution functions at `at`
  while (i < a.size() || j < b.size()) {
    const float next = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
    if (next != at) {
      out.wasserstein += std::abs(difference) * (static_cast<double>(next) - static_cast<double>(at));
      at = next;
    }
    while (i < a.size() && a[i] == at) ++i;
    while (j < b.size() && b[j] == at) ++j;
    difference = static_cast<double>(i) * step_a - static_cast<double>(j) * step_b;
    out.kolmogorov_smirnov = std::max(out.kolmogorov_smirnov, std::abs(difference));
  }
  return out;
}

Moments moments_of(std::span<const float> values) {
  if (values.empty()) return {};
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const float value : values) {
    const double rest = static_cast<double>(value) - mean;
    squares += rest * rest;
  }
  return {.mean = mean, .deviation = std::sqrt(squares / static_cast<double>(values.size()))};
}

}  // namespace bulwark::stats
