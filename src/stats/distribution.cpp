#include "stats/distribution.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

namespace bulwark::stats {
namespace {

namespace math = boost::math;

// Errors as values: NaN for arguments outside the domain, infinities for overflow.
using Quiet = math::policies::policy<math::policies::domain_error<math::policies::ignore_error>,
                                     math::policies::pole_error<math::policies::ignore_error>,
                                     math::policies::overflow_error<math::policies::ignore_error>,
                                     math::policies::evaluation_error<math::policies::ignore_error>>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Above this product of the sample sizes the exact distribution costs more than it is worth.
constexpr std::uint64_t kExactPairs = 10'000;

bool is_share(double p) {
  return p >= 0 && p <= 1;
}

// P[D < d] by counting lattice paths from (0, 0) to (n, m) that stay within the band (Hodges 1958).
double exact_below(double d, std::uint64_t n, std::uint64_t m) {
  const auto inside = [&](std::uint64_t i, std::uint64_t j) {
    const double difference =
        static_cast<double>(i) / static_cast<double>(n) - static_cast<double>(j) / static_cast<double>(m);
    return std::abs(difference) < d - 1e-12;
  };
  // Shares instead of counts: each step is scaled by the probability of a random path taking it.
  std::vector<double> row(m + 1, 0.0);
  for (std::uint64_t i = 0; i <= n; ++i) {
    for (std::uint64_t j = 0; j <= m; ++j) {
      if (i == 0 && j == 0) {
        row[0] = 1;
        continue;
      }
      const double steps = static_cast<double>(i + j);
      double paths = 0;
      if (i > 0) paths += row[j] * static_cast<double>(i) / steps;
      if (j > 0) paths += row[j - 1] * static_cast<double>(j) / steps;
      row[j] = inside(i, j) ? paths : 0;
    }
  }
  return row[m];
}

}  // namespace

double binomial_at_least(std::uint64_t k, std::uint64_t n, double p) {
  if (!is_share(p)) return kNaN;
  if (k == 0) return 1;
  if (k > n || p == 0) return 0;
  return math::cdf(math::complement(math::binomial_distribution<double, Quiet>(static_cast<double>(n), p),
                                    static_cast<double>(k - 1)));
}

double binomial_at_most(std::uint64_t k, std::uint64_t n, double p) {
  if (!is_share(p)) return kNaN;
  if (k >= n) return 1;
  return math::cdf(math::binomial_distribution<double, Quiet>(static_cast<double>(n), p),
                   static_cast<double>(k));
}

double normal_cdf(double z) {
  return std::isnan(z) ? kNaN : 0.5 * std::erfc(-z / std::sqrt(2.0));
}

double normal_quantile(double p) {
  if (!(p > 0 && p < 1)) return kNaN;
  return math::quantile(math::normal_distribution<double, Quiet>(), p);
}

double chi_squared_above(double statistic, double degrees) {
  if (!(degrees > 0) || !(statistic >= 0)) return kNaN;
  if (std::isinf(statistic)) return 0;
  return math::cdf(math::complement(math::chi_squared_distribution<double, Quiet>(degrees), statistic));
}

double beta_quantile(double a, double b, double p) {
  if (!(a > 0) || !(b > 0) || !is_share(p)) return kNaN;
  return math::quantile(math::beta_distribution<double, Quiet>(a, b), p);
}

double student_above(double t, double degrees) {
  if (!(degrees > 0) || !std::isfinite(t)) return kNaN;
  return math::cdf(math::complement(math::students_t_distribution<double, Quiet>(degrees), t));
}

double kolmogorov_smirnov_above(double d, std::uint64_t n, std::uint64_t m) {
  if (n == 0 || m == 0 || std::isnan(d)) return kNaN;
  if (d <= 0) return 1;
  if (n <= kExactPairs / m) return std::clamp(1 - exact_below(d, n, m), 0.0, 1.0);
  const double size = static_cast<double>(n) * static_cast<double>(m) / static_cast<double>(n + m);
  const double lambda = std::sqrt(size) * d;
  double sum = 0;
  for (int j = 1; j <= 100; ++j) {
    const double term = 2 * (j % 2 == 1 ? 1 : -1) * std::exp(-2.0 * j * j * lambda * lambda);
    sum += term;
    if (std::abs(term) < 1e-16) return std::clamp(sum, 0.0, 1.0);
  }
  return 1;  // the series converges slowly only where the answer is 1
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double least = 1;
  for (std::size_t rank = p.size(); rank > 0; --rank) {
    const std::size_t at = order[rank - 1];
    least = std::min(least, p[at] * static_cast<double>(p.size()) / static_cast<double>(rank));
    adjusted[at] = least;
  }
  return adjusted;
}

}  // namespace bulwark::stats
