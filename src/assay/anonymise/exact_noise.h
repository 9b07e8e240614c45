#pragma once
// Noise on whole numbers whose distribution is exact: Canonne, Kamath and Steinke, "The Discrete Gaussian for
// Differential Privacy" (2020), algorithms 1 to 3. Only integers are computed with, so nothing leaks through
// the last bits of floating-point numbers (Mironov 2012). How long a draw takes depends on the draw.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/random.h"

namespace bulwark::assay::anonymise {

// numerator / denominator; both at most 2^40 here, the denominator at least 1.
struct Fraction {
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 1;
  [[nodiscard]] double value() const {
    return static_cast<double>(numerator) / static_cast<double>(denominator);
  }
};
// "0.25" as 1/4, exactly: at most nine digits. Empty for anything else, and for zero.
[[nodiscard]] std::optional<Fraction> fraction_from(std::string_view decimal);

// Standard deviations above this would leave the range of the arithmetic.
inline constexpr double kMostDeviation = 65'536;

class ExactNoise {
 public:
  explicit ExactNoise(Random& random) : random_(random) {}
  // P(x) proportional to exp(-|x| * inverse_scale). inverse_scale > 0, parts at most 2^40.
  [[nodiscard]] std::int64_t laplace(Fraction inverse_scale);
  // P(x) proportional to exp(-x^2 / (2 variance)). variance > 0, at most 2^32, its denominator at most 2^10.
  [[nodiscard]] std::int64_t gaussian(Fraction variance);

 private:
  __extension__ using Wide = unsigned __int128;
  [[nodiscard]] std::uint8_t byte();
  [[nodiscard]] Wide below(Wide bound);
  [[nodiscard]] bool happens(Wide numerator, Wide denominator);              // with that probability
  [[nodiscard]] bool happens_exp(Wide numerator, Wide denominator);          // exp(-numerator / denominator)
  [[nodiscard]] bool happens_exp_of_part(Wide numerator, Wide denominator);  // at most 1

  Random& random_;
  std::array<std::uint8_t, 512> buffer_{};
  std::size_t used_ = 512;
};

// The smallest variance, in steps of 2^-10, with which sums of that sensitivity are (epsilon, delta)-private
// by way of zero-concentrated privacy: rho = sensitivity^2 / (2 variance) and
// epsilon = rho + 2 sqrt(rho ln(1 / delta)) (Bun and Steinke 2016, proposition 1.3). Empty if it is too
// large.
[[nodiscard]] std::optional<Fraction> gaussian_variance(double epsilon, double delta, double sensitivity);

}  // namespace bulwark::assay::anonymise
