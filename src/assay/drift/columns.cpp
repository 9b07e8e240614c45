#include "assay/drift/columns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "assay/drift/domain.h"
#include "assay/words.h"
#include "base/text.h"
#include "stats/distribution.h"
#include "stats/two_samples.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kQuantiles = 64;     // cuts of each side: the noise of W1 is drawn on their bins
constexpr std::size_t kDeciles = 10;       // bins of JS and PSI
constexpr std::size_t kValues = 64;        // categories with a bin of their own; the rest is one bin
constexpr std::size_t kListedValues = 20;  // unseen and vanished values told
constexpr std::size_t kTextRows = 5'000;   // of each side that the text classifier reads
constexpr std::size_t kShownValues = 12;

// Newcombe's interval (1998, method 10) of the difference of two shares, of its absolute value.
stats::Interval share_change(std::uint64_t k, std::uint64_t n, std::uint64_t l, std::uint64_t m) {
  const stats::Interval a = stats::wilson(k, n);
  const stats::Interval b = stats::wilson(l, m);
  const double change = b.estimate - a.estimate;
  const double down = std::hypot(b.estimate - b.low, a.high - a.estimate);
  const double up = std::hypot(b.high - b.estimate, a.estimate - a.low);
  const double low = std::max(-1.0, change - down);
  const double high = std::min(1.0, change + up);
  if (low <= 0 && high >= 0) return {.estimate = std::abs(change), .low = 0, .high = std::max(-low, high)};
  return {.estimate = std::abs(change),
          .low = std::min(std::abs(low), std::abs(high)),
          .high = std::max(std::abs(low), std::abs(high))};
}

Effect effect_of_interval(std::string name, const stats::Interval& interval, double minimum, std::uint64_t n,
                          std::uint64_t m) {
  Effect effect{.name = std::move(name), .interval = interval, .minimum = minimum};
  if (verdict_of(effect) == EffectVerdict::Open)
    effect.would_decide = rows_that_decide(
        interval.estimate,
        interval.estimate < minimum ? interval.high - interval.estimate : interval.estimate - interval.low,
        minimum, n, m);
  return effect;
}

// Without a null on either side there is nothing to compare.
void add_null_share(ColumnDrift& column, std::uint64_t nulls, std::uint64_t current_nulls,
                    const ColumnTask& task) {
  if (nulls == 0 && current_nulls == 0) return;
  const std::uint64_t n = nulls + column.reference_rows;
  const std::uint64_t m = current_nulls + column.current_rows;
  column.effects.push_back(effect_of_interval("null share", share_change(nulls, n, current_nulls, m),
                                              task.minimum.null_share, n, m));
}

// ------------------------------------------------------------------------------------------------ numbers

// Ends of bins (from, to], ascending and different; the last is the largest value.
std::vector<float> cuts_of(const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<float> cuts;
  for (const std::vector<float>* side : {&a, &b}) {
    const std::size_t last = side->size() - 1;
    for (std::size_t i = 0; i <= kQuantiles; ++i) cuts.push_back((*side)[last * i / kQuantiles]);
    // Tails finer and finer: heavy ones hold most of the area between two distribution functions.
    for (std::size_t rest = last / kQuantiles; rest > 0; rest /= 2) {
      cuts.push_back((*side)[rest]);
      cuts.push_back((*side)[last - rest]);
    }
  }
  std::ranges::sort(cuts);
  const auto repeated = std::ranges::unique(cuts);
  cuts.erase(repeated.begin(), repeated.end());
  return cuts;
}

std::vector<std::uint64_t> counts_of(const std::vector<float>& sorted, const std::vector<float>& cuts) {
  std::vector<std::uint64_t> counts;
  auto from = sorted.begin();
  for (const float cut : cuts) {
    const auto to = std::upper_bound(from, sorted.end(), cut);
    counts.push_back(static_cast<std::uint64_t>(to - from));
    from = to;
  }
  counts.back() += static_cast<std::uint64_t>(sorted.end() - from);
  return counts;
}

bool nothing_between(const std::vector<float>& sorted, float from, float to) {
  return std::lower_bound(sorted.begin(), sorted.end(), to) ==
         std::upper_bound(sorted.begin(), sorted.end(), from);
}

std::vector<BinSpacing> spacings_of(const std::vector<float>& cuts, const std::vector<float>& a,
                                    const std::vector<float>& b) {
  std::vector<BinSpacing> spacings;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
    spacings.push_back(
        {.width = static_cast<double>(cuts[i + 1]) - static_cast<double>(cuts[i]),
         .step = nothing_between(a, cuts[i], cuts[i + 1]) && nothing_between(b, cuts[i], cuts[i + 1])});
  return spacings;
}

// Bins by the deciles of the reference, as PSI wants them; values outside of its range belong to the outer
// ones. A column of few different values has a bin for each.
std::vector<float> decile_cuts(const std::vector<float>& reference, const std::vector<float>& current) {
  std::vector<float> cuts;
  for (std::size_t i = 1; i < kDeciles; ++i) cuts.push_back(reference[(reference.size() - 1) * i / kDeciles]);
  cuts.push_back(std::max(reference.back(), current.back()));
  const auto repeated = std::ranges::unique(cuts);
  cuts.erase(repeated.begin(), repeated.end());
  return cuts;
}

Shares picture_of(const std::vector<float>& cuts, const Binned& bins) {
  Shares shares;
  const auto add = [](const std::vector<std::uint64_t>& counts, std::vector<double>& out) {
    const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    for (const std::uint64_t count : counts)
      out.push_back(all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all));
  };
  for (std::size_t i = 0; i < cuts.size(); ++i)
    shares.names.push_back(i + 1 == cuts.size() && cuts.size() > 1
                               ? "> " + number_text(static_cast<double>(cuts[i - 1]))
                               : "≤ " + number_text(static_cast<double>(cuts[i])));
  add(bins.reference, shares.reference);
  add(bins.current, shares.current);
  return shares;
}

// Whole numbers, each larger than the one before: a counter.
bool counts_up(const std::vector<float>& values) {
  if (values.size() < 10) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != std::floor(values[i])) return false;
    // Above 2^24 neighbours share a float.
    if (i > 0 && !(values[i] > values[i - 1] || (values[i] == values[i - 1] && values[i] > 16'777'216.0F)))
      return false;
  }
  return true;
}

}  // namespace

ColumnDrift drift_of_numbers(NumberColumn& reference, NumberColumn& current, std::vector<float>& scratch,
                             const ColumnTask& task) {
  ColumnDrift out{.name = reference.name, .type = "number", .effects = {}, .test = "Kolmogorov-Smirnov"};
  out.reference_rows = reference.values.size();
  out.current_rows = current.values.size();
  add_null_share(out, reference.nulls, current.nulls, task);
  if (reference.values.empty() || current.values.empty()) return out;
  if (counts_up(reference.values) && counts_up(current.values)) {
    out.type = "identifier";
    return out;
  }
  stats::sort_floats(reference.values, scratch);
  stats::sort_floats(current.values, scratch);
  const stats::SampleDistance distance = stats::distance_of_sorted(reference.values, current.values);
  const stats::Moments moments = stats::moments_of(reference.values);
  // A constant reference has no unit of its own: the current values lend theirs.
  double unit = moments.deviation;
  if (unit <= std::abs(moments.mean) * 1e-7)
    unit = std::max(stats::moments_of(current.values).deviation,
                    std::abs(stats::moments_of(current.values).mean - moments.mean));
  if (unit <= 0) unit = 1;

  const std::vector<float> cuts = cuts_of(reference.values, current.values);
  const Binned fine{.reference = counts_of(reference.values, cuts),
                    .current = counts_of(current.values, cuts)};
  NoiseQuantiles area =
      area_noise(fine, spacings_of(cuts, reference.values, current.values), task.seed, task.stream * 2);
  area.high /= unit;
  area.mean_square /= unit * unit;
  const std::vector<float> deciles = decile_cuts(reference.values, current.values);
  const Binned bins{.reference = counts_of(reference.values, deciles),
                    .current = counts_of(current.values, deciles)};
  out.wasserstein = distance.wasserstein / unit;
  out.ks = distance.kolmogorov_smirnov;
  out.js = js_distance(bins);
  out.psi = population_stability(bins);
  out.p = stats::kolmogorov_smirnov_above(distance.kolmogorov_smirnov, out.reference_rows, out.current_rows);
  out.effects.insert(out.effects.begin(),
                     {effect_of("wasserstein", *out.wasserstein, area, task.minimum.wasserstein,
                                out.reference_rows, out.current_rows),
                      effect_of("js", *out.js, js_noise(bins, task.seed, task.stream * 2 + 1),
                                task.minimum.js, out.reference_rows, out.current_rows)});
  out.shares = picture_of(deciles, bins);
  return out;
}

// --------------------------------------------------------------------------------------------- categories

namespace {

struct ValueCount {
  std::string_view value;
  std::uint64_t reference = 0;
  std::uint64_t current = 0;
  [[nodiscard]] std::uint64_t both() const { return reference + current; }
};

// Every value of either side, most frequent first, then by text.
std::vector<ValueCount> value_counts(const Category& reference, const Category& current) {
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<ValueCount> out;
  const auto place_of = [&](std::string_view value) {
    const auto [at, fresh] = places.emplace(value, out.size());
    if (fresh) out.push_back({.value = value});
    return at->second;
  };
  const auto count = [&](const Category& side, std::uint64_t ValueCount::* member) {
    std::vector<std::uint64_t> counts(side.values.size());
    for (const std::int32_t code : side.codes)
      if (code >= 0 && static_cast<std::size_t>(code) < counts.size())
        ++counts[static_cast<std::size_t>(code)];
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i] > 0) out[place_of(side.values[i])].*member += counts[i];
  };
  count(reference, &ValueCount::reference);
  count(current, &ValueCount::current);
  std::ranges::sort(out, [](const ValueCount& a, const ValueCount& b) {
    return a.both() != b.both() ? a.both() > b.both() : a.value < b.value;
  });
  return out;
}

std::uint64_t nulls_of(const Category& side) {
  return static_cast<std::uint64_t>(std::ranges::count_if(side.codes, [](std::int32_t c) { return c < 0; }));
}

// Rows with a value that the other side has not, beyond what rare values alone would bring: a sample misses
// about singletons / n of its population (Good 1953).
Effect unseen_effect(const char* name, std::uint64_t unseen, std::uint64_t rows, std::uint64_t singletons,
                     std::uint64_t other_rows, double minimum) {
  stats::Interval share = stats::wilson(unseen, rows);
  const stats::Interval missing = stats::wilson(singletons, other_rows);
  share.low = std::max(0.0, share.low - missing.high);
  share.high = std::max(0.0, share.high - missing.low);
  share.estimate = std::clamp(share.estimate - missing.estimate, share.low, share.high);
  return effect_of_interval(name, share, minimum, rows, other_rows);
}

void add_unseen(ColumnDrift& out, const std::vector<ValueCount>& counts, const ColumnTask& task) {
  std::uint64_t reference_singletons = 0;
  std::uint64_t current_singletons = 0;
  for (const ValueCount& count : counts) {
    reference_singletons += count.reference == 1 ? 1U : 0U;
    current_singletons += count.current == 1 ? 1U : 0U;
    if (count.reference == 0) {
      out.unseen_rows += count.current;
      if (out.unseen.size() < kListedValues) out.unseen.emplace_back(count.value);
    }
    if (count.current == 0) {
      out.vanished_rows += count.reference;
      if (out.vanished.size() < kListedValues) out.vanished.emplace_back(count.value);
    }
  }
  if (out.unseen_rows > 0)
    out.effects.push_back(unseen_effect("unseen share", out.unseen_rows, out.current_rows,
                                        reference_singletons, out.reference_rows, task.minimum.unseen_share));
  if (out.vanished_rows > 0)
    out.effects.push_back(unseen_effect("vanished share", out.vanished_rows, out.reference_rows,
                                        current_singletons, out.current_rows, task.minimum.unseen_share));
}

Shares picture_of(const std::vector<ValueCount>& counts, const ColumnDrift& column) {
  Shares shares;
  double rest_reference = 1;
  double rest_current = 1;
  for (std::size_t i = 0; i < std::min(counts.size(), kShownValues); ++i) {
    shares.names.push_back(printable(counts[i].value, 24));
    shares.reference.push_back(static_cast<double>(counts[i].reference) /
                               static_cast<double>(column.reference_rows));
    shares.current.push_back(static_cast<double>(counts[i].current) /
                             static_cast<double>(column.current_rows));
    rest_reference -= shares.reference.back();
    rest_current -= shares.current.back();
  }
  if (counts.size() > kShownValues) {
    shares.names.emplace_back("others");
    shares.reference.push_back(std::max(0.0, rest_reference));
    shares.current.push_back(std::max(0.0, rest_current));
  }
  return shares;
}

}  // namespace

ColumnDrift drift_of_categories(const Category& reference, const Category& current, const ColumnTask& task) {
  ColumnDrift out{.name = reference.name, .type = "category", .effects = {}, .test = "chi-squared"};
  const std::uint64_t nulls = nulls_of(reference);
  const std::uint64_t current_nulls = nulls_of(current);
  out.reference_rows = reference.codes.size() - nulls;
  out.current_rows = current.codes.size() - current_nulls;
  add_null_share(out, nulls, current_nulls, task);
  if (out.reference_rows == 0 || out.current_rows == 0) return out;
  const std::vector<ValueCount> counts = value_counts(reference, current);
  Binned bins;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (i <= kValues) {
      bins.reference.push_back(counts[i].reference);
      bins.current.push_back(counts[i].current);
    } else {
      bins.reference.back() += counts[i].reference;
      bins.current.back() += counts[i].current;
    }
  }
  out.js = js_distance(bins);
  out.psi = population_stability(bins);
  out.cramers_v = cramers_v(bins);
  const double p = chi_squared_p(bins);
  if (!std::isnan(p)) out.p = p;
  out.effects.insert(out.effects.begin(), effect_of("js", *out.js, js_noise(bins, task.seed, task.stream * 2),
                                                    task.minimum.js, out.reference_rows, out.current_rows));
  add_unseen(out, counts, task);
  out.shares = picture_of(counts, out);
  return out;
}

ColumnDrift drift_of_texts(const TextColumn& reference, const TextColumn& current, const ColumnTask& task) {
  ColumnDrift out{.name = reference.name, .type = "text", .effects = {}};
  const auto rows_of = [&](const TextColumn& side, std::uint64_t stream, std::uint64_t& with_text) {
    SparseRows rows;
    for (const std::string& text : side.values) with_text += trim(text).empty() ? 0U : 1U;
    for (const std::uint32_t row : some_rows(side.values.size(), kTextRows, task.seed, stream))
      if (!trim(side.values[row]).empty()) add_text(side.values[row], rows);
    return rows;
  };
  const SparseRows a = rows_of(reference, task.stream * 2, out.reference_rows);
  const SparseRows b = rows_of(current, task.stream * 2 + 1, out.current_rows);
  if (a.rows() > 0 && b.rows() > 0)
    out.effects.push_back(effect_of_interval("auc", domain_auc(a, b, task.seed, task.stream),
                                             task.minimum.auc, a.rows(), b.rows()));
  add_null_share(out, reference.values.size() - out.reference_rows, current.values.size() - out.current_rows,
                 task);
  return out;
}

// ----------------------------------------------------------------------------------------------- decisions

namespace {

// A p-value guards the distances against many columns; shares and areas have intervals of their own.
bool tested(const Effect& effect) {
  return effect.name == "wasserstein" || effect.name == "js";
}

std::string decided_by(const Effect& effect, std::string_view verb) {
  return effect.name + " " + interval_text(effect.interval) + " " + std::string(verb) + " " +
         number_text(effect.minimum);
}

}  // namespace

const Effect* leading_effect(const ColumnDrift& column) {
  const Effect* best = nullptr;
  const auto rank = [](const Effect& effect) {
    return std::pair(verdict_of(effect), effect.interval.estimate / effect.minimum);
  };
  for (const Effect& effect : column.effects)
    if (best == nullptr || rank(effect) > rank(*best)) best = &effect;
  return best;
}

void decide(ColumnDrift& column) {
  if (column.type == "identifier") {
    column.why = "counts up in both data sets: an identifier, whose range says nothing";
    return;
  }
  if (column.effects.empty()) {
    column.why = column.reference_rows == 0 && column.current_rows == 0 ? "has no value on either side"
                                                                        : "has no value on one side";
    return;
  }
  const Effect& leading = *leading_effect(column);
  const bool significant = column.p_adjusted.has_value() && *column.p_adjusted <= 0.05;
  switch (verdict_of(leading)) {
    case EffectVerdict::Within:
      column.outcome = Outcome::Passed;
      column.why = decided_by(leading, "stays below");
      return;
    case EffectVerdict::Beyond: {
      const bool untested_beyond = std::ranges::any_of(column.effects, [](const Effect& effect) {
        return !tested(effect) && verdict_of(effect) == EffectVerdict::Beyond;
      });
      if (significant || untested_beyond) {
        column.outcome = Outcome::Failed;
        column.why = decided_by(leading, "lies above");
        return;
      }
      column.outcome = Outcome::Undecided;
      column.why = decided_by(leading, "lies above") + ", but the test over all columns does not agree (p " +
                   (column.p_adjusted ? number_text(*column.p_adjusted) : "unknown") + "): n too small";
      return;
    }
    case EffectVerdict::Open:
      column.outcome = Outcome::Undecided;
      column.why = decided_by(leading, "holds") + ": n too small" +
                   (leading.would_decide > 0 ? ", about " + std::to_string(leading.would_decide) +
                                                   " rows on each side would decide"
                                             : ", the change is about as large as the minimum");
      return;
  }
}

}  // namespace bulwark::assay
