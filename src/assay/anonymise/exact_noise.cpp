#include "assay/anonymise/exact_noise.h"

#include <cmath>
#include <numeric>

namespace bulwark::assay::anonymise {
namespace {

constexpr std::uint64_t kVarianceSteps = 1'024;

}  // namespace

std::optional<Fraction> fraction_from(std::string_view decimal) {
  Fraction value;
  std::size_t digits = 0;
  bool behind_point = false;
  for (const char letter : decimal) {
    if (letter == '.' && !behind_point) {
      behind_point = true;
    } else if (letter >= '0' && letter <= '9' && digits < 9) {
      ++digits;
      value.numerator = value.numerator * 10 + static_cast<std::uint64_t>(letter - '0');
      if (behind_point) value.denominator *= 10;
    } else {
      return {};
    }
  }
  if (value.numerator == 0) return {};
  const std::uint64_t common = std::gcd(value.numerator, value.denominator);
  return Fraction{value.numerator / common, value.denominator / common};
}

std::uint8_t ExactNoise::byte() {
  if (used_ == buffer_.size()) {
    random_.fill(buffer_);
    used_ = 0;
  }
  return buffer_[used_++];
}

ExactNoise::Wide ExactNoise::below(Wide bound) {
  std::size_t bytes = 1;
  Wide mask = 0xFF;
  for (; mask < bound - 1; ++bytes) mask = mask << 8U | 0xFF;
  while (mask >> 1U >= bound - 1 && mask != 0) mask >>= 1U;
  for (;;) {
    Wide drawn = 0;
    for (std::size_t i = 0; i < bytes; ++i) drawn = drawn << 8U | byte();
    drawn &= mask;
    if (drawn < bound) return drawn;
  }
}

bool ExactNoise::happens(Wide numerator, Wide denominator) {
  return below(denominator) < numerator;
}

// Algorithm 1, for numbers up to 1: the number of successes of ever rarer trials is even that often.
bool ExactNoise::happens_exp_of_part(Wide numerator, Wide denominator) {
  unsigned k = 1;
  while (happens(numerator, denominator * k)) ++k;
  return k % 2 == 1;
}

bool ExactNoise::happens_exp(Wide numerator, Wide denominator) {
  for (; numerator > denominator; numerator -= denominator)
    if (!happens_exp_of_part(1, 1)) return false;
  return happens_exp_of_part(numerator, denominator);
}

// Algorithm 2, with s / t the inverse scale.
std::int64_t ExactNoise::laplace(Fraction inverse_scale) {
  const std::uint64_t s = inverse_scale.numerator;
  const std::uint64_t t = inverse_scale.denominator;
  for (;;) {
    const Wide u = below(t);
    if (!happens_exp(u, t)) continue;
    std::uint64_t v = 0;
    while (happens_exp_of_part(1, 1)) ++v;
    const auto size = static_cast<std::int64_t>((u + Wide{t} * v) / s);
    const bool negative = below(2) == 1;
    if (negative && size == 0) continue;
    return negative ? -size : size;
  }
}

// Algorithm 3: with variance n / d and t = floor(deviation) + 1, a draw y of scale t is taken with
// probability exp(-(|y| - n / (d t))^2 d / (2 n)) = exp(-(|y| d t - n)^2 / (2 n d t^2)).
std::int64_t ExactNoise::gaussian(Fraction variance) {
  const std::uint64_t n = variance.numerator;
  const std::uint64_t d = variance.denominator;
  std::uint64_t t = 1;
  while (Wide{t} * t * d <= n) ++t;
  for (;;) {
    const std::int64_t y = laplace({1, t});
    const Wide far = Wide{static_cast<std::uint64_t>(y < 0 ? -y : y)} * d * t;
    const Wide distance = far > n ? far - n : n - far;
    // Beyond this the square would not fit, and the chance is below exp(-2^20).
    if (distance >> 62U != 0) continue;
    if (happens_exp(distance * distance, Wide{2} * n * d * t * t)) return y;
  }
}

std::optional<Fraction> gaussian_variance(double epsilon, double delta, double sensitivity) {
  const double log_delta = std::log(1 / delta);
  // The positive root of rho + 2 sqrt(rho log_delta) = epsilon, without the difference of near equals.
  const double root = epsilon / (std::sqrt(epsilon + log_delta) + std::sqrt(log_delta));
  const double variance = sensitivity * sensitivity / (2 * root * root);
  if (!(variance > 0) || variance > kMostDeviation * kMostDeviation) return {};
  const double steps = std::ceil(variance * static_cast<double>(kVarianceSteps));
  return Fraction{static_cast<std::uint64_t>(steps) + 1, kVarianceSteps};
}

}  // namespace bulwark::assay::anonymise
