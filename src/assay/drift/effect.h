#pragma once
// How large a change between two samples is, with an interval that holds where there is none.
//
// A distance is never negative, so the plain percentile bootstrap of one is biased upwards: without any shift
// its lower end lies above zero, and thirty rows "drift". Here the interval comes from the noise instead:
// distances are norms of differences of distributions (W1, sup), or nearly so (JS), hence
// |d(observed) - d(true)| <= ||noise||, and the noise is drawn a thousand times on binned counts.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stats/interval.h"

namespace bulwark::assay {

struct Effect {
  std::string name;  // "wasserstein", "js", "auc", "null share", "unseen share"
  stats::Interval interval;
  double minimum = 0;              // below it a change does not matter
  std::uint64_t would_decide = 0;  // rows on each side that would decide; 0: decided, or no number would
};

enum class EffectVerdict : std::uint8_t { Within, Open, Beyond };
[[nodiscard]] EffectVerdict verdict_of(const Effect& effect);

// Counts of the same bins on both sides.
struct Binned {
  std::vector<std::uint64_t> reference;
  std::vector<std::uint64_t> current;
};

// Jensen-Shannon distance: square root of the divergence in nats, as SciPy's jensenshannon has it; at most
// sqrt(ln 2) = 0.833.
[[nodiscard]] double js_distance(const Binned& bins);
// Sum of (q - p) ln(q / p) with shares (count + 1/2) / (n + bins / 2).
[[nodiscard]] double population_stability(const Binned& bins);
// Square root of chi-squared / n of the 2 × bins table.
[[nodiscard]] double cramers_v(const Binned& bins);
// p of the chi-squared test of homogeneity. Bins that would hold less than five are pooled; NaN if fewer than
// two remain.
[[nodiscard]] double chi_squared_p(const Binned& bins);

// Where one bin ends and how far the next end lies: what turns counts into the area between distribution
// functions.
struct BinSpacing {
  double width = 0;   // from the end of this bin to the end of the next
  bool step = false;  // nothing lies in between: the distribution functions are flat there
};

struct NoiseQuantiles {
  double high = 0;  // 95 % quantile
  double mean_square = 0;
};
// Noise of the norm under sampling of both sides, multinomial by its normal limit, 1000 draws.
[[nodiscard]] NoiseQuantiles js_noise(const Binned& bins, std::uint64_t seed, std::uint64_t stream);
// `spacings`: one for each bin but the last.
[[nodiscard]] NoiseQuantiles area_noise(const Binned& bins, std::span<const BinSpacing> spacings,
                                        std::uint64_t seed, std::uint64_t stream);

// The effect with its interval: low = observed - noise; high = what is left after the mean noise is taken
// out, plus noise. `rows`: of the two sides.
[[nodiscard]] Effect effect_of(std::string name, double observed, const NoiseQuantiles& noise, double minimum,
                               std::uint64_t reference_rows, std::uint64_t current_rows);
// Rows on each side at which an interval half as wide as noise / sqrt(rows) would exclude `minimum`.
[[nodiscard]] std::uint64_t rows_that_decide(double estimate, double half_width, double minimum,
                                             std::uint64_t reference_rows, std::uint64_t current_rows);

}  // namespace bulwark::assay
