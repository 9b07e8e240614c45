#include "assay/labels/similar.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <numeric>

#include "base/parallel.h"
#include "stats/distribution.h"
#include "stats/random.h"

namespace bulwark::assay::labels {
namespace {

// rows² × width at which a comparison takes some ten seconds on one core; larger sets are sampled.
constexpr double kOperations = 1.5e12;
constexpr double kQuartileCut = 1 / 0.37037 - 1;  // of the reference implementation
constexpr double kFalseDiscovery = 0.01;
constexpr std::size_t kPermutations = 199;
constexpr std::size_t kOrderRows = 5'000;  // as many rows settle the order test
constexpr double kSameUnits = 0.25;  // median over the largest of the columns' magnitudes: pixels, embeddings

double quantile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  const auto place = static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + place);
  return values[static_cast<std::size_t>(place)];
}

// Columns in one unit must stay as they are: scaling would blow up pixels that are almost always zero.
// Columns in different units must be scaled: the largest would decide alone.
bool same_units(const Features& features, std::size_t rows) {
  std::vector<double> largest(features.width);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t v = 0; v < features.width; ++v)
      largest[v] = std::max(largest[v], std::abs(double{features.values[i * features.width + v]}));
  return quantile(largest, 0.5) >= kSameUnits * std::ranges::max(largest);
}

bool finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

// Chooses the space; false with the reason if there is none.
bool choose_space(Similarity& result, const Frame& frame, const Extras& extras) {
  const auto rows = static_cast<std::size_t>(frame.rows);
  std::size_t width = 0;
  if (extras.embeddings != nullptr) {
    const auto& shape = extras.embeddings->about.shape;
    if (shape.empty() || shape[0] != frame.rows_in_all) {
      result.why_not = "the embeddings have " + std::to_string(shape.empty() ? 0 : shape[0]) +
                       " rows, the data " + std::to_string(frame.rows_in_all);
      return false;
    }
    width = static_cast<std::size_t>(extras.embeddings->count() / std::max<std::uint64_t>(shape[0], 1));
    result.values.resize(rows * width);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t v = 0; v < width; ++v)
        result.values[i * width + v] =
            static_cast<float>(extras.embeddings->at(frame.row_number(i) * width + v));
    result.space = "embeddings";
  } else {
    Features features = dense_features(frame, Scaling::None);
    result.space = "features";
    if (features.width > 0 && !same_units(features, rows)) {
      features = dense_features(frame, Scaling::Deviation);
      result.space = "features scaled to deviation 1";
    }
    width = features.width;
    result.values = std::move(features.values);
  }
  result.rows = rows;
  result.width = width;
  if (width == 0)
    result.why_not = "there is no column of numbers, no category and no image to compare rows by";
  if (rows < 3) result.why_not = "fewer than three rows";
  if (result.why_not.empty() && !finite(result.values)) result.why_not = "some values are not finite";
  // As the reference implementation: few columns have a length that means something.
  result.distance = width > 3 ? stats::Distance::Cosine : stats::Distance::Euclidean;
  return result.why_not.empty();
}

std::vector<std::uint32_t> rows_to_compare(const stats::MatrixView& points, std::uint64_t seed) {
  const double most = std::sqrt(kOperations / static_cast<double>(points.width));
  std::vector<std::uint32_t> rows(points.rows);
  std::iota(rows.begin(), rows.end(), 0U);
  if (static_cast<double>(rows.size()) <= most) return rows;
  stats::Philox random(seed, stats::stream_key("labels similar"));
  random.shuffle(std::span(rows));
  rows.resize(static_cast<std::size_t>(most));
  std::ranges::sort(rows);
  return rows;
}

// Mean distances are close to log-normal within one population: the median and the 90 % quantile fix that
// distribution, which outliers hardly move, and the rows that it does not explain are taken at a false
// discovery rate of 1 % (Benjamini and Hochberg).
void find_outliers(Similarity& result, const std::vector<double>& mean) {
  std::vector<double> logs(mean.size());
  const double least = std::max(quantile(mean, 0.5) * 1e-6, 1e-30);
  for (std::size_t i = 0; i < mean.size(); ++i) logs[i] = std::log(std::max(mean[i], least));
  const double median = quantile(logs, 0.5);
  const double spread = (quantile(logs, 0.9) - median) / stats::normal_quantile(0.9);
  if (!(spread > 0)) return;
  std::vector<double> p(mean.size());
  for (std::size_t i = 0; i < mean.size(); ++i) p[i] = stats::normal_cdf(-(logs[i] - median) / spread);
  const std::vector<double> adjusted = stats::benjamini_hochberg(p);
  std::vector<std::uint32_t> places;
  for (std::size_t i = 0; i < mean.size(); ++i)
    if (adjusted[i] <= kFalseDiscovery) places.push_back(static_cast<std::uint32_t>(i));
  std::ranges::sort(places, [&](std::uint32_t a, std::uint32_t b) {
    return mean[a] != mean[b] ? mean[a] > mean[b] : a < b;
  });
  for (const std::uint32_t place : places) result.outliers.push_back(result.compared[place]);
}

// Distances to the nearest follow a Weibull law whose exponent is the dimension of the data: it is taken from
// the lower quartile of what is no near duplicate, and extended to the radius.
double close_by_chance(const std::vector<double>& nearest, double median) {
  std::vector<double> others;
  std::ranges::copy_if(nearest, std::back_inserter(others),
                       [&](double d) { return d >= kNearShare * median; });
  const double ratio = quantile(others, 0.25) / std::max(quantile(others, 0.5), 1e-300);
  if (!(ratio > 0 && ratio < 1)) return 0;
  const double dimension = std::log(std::log(4.0 / 3) / std::numbers::ln2) / std::log(ratio);
  return -std::expm1(-std::numbers::ln2 * std::pow(kNearShare, dimension));
}

class Sets {
 public:
  explicit Sets(std::size_t count) : first_(count) { std::iota(first_.begin(), first_.end(), 0U); }
  std::uint32_t first(std::uint32_t i) {
    while (first_[i] != i) i = first_[i] = first_[first_[i]];
    return i;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = first(a);
    b = first(b);
    first_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> first_;
};

void find_clusters(Similarity& result, const stats::Neighbours& found, const std::vector<RowGroup>& equal) {
  Sets sets(result.rows);
  std::vector<std::uint32_t> twin(result.rows);  // first row that it is equal to
  std::iota(twin.begin(), twin.end(), 0U);
  for (const RowGroup& group : equal)
    for (const std::uint32_t row : group) {
      twin[row] = group.front();
      sets.join(group.front(), row);
    }
  const double radius = kNearShare * result.median_nearest;
  for (std::size_t i = 0; i < result.compared.size(); ++i)
    for (std::size_t n = 0; n < found.k; ++n)
      if (double{found.distances[i * found.k + n]} < radius)
        sets.join(result.compared[i], result.compared[found.rows[i * found.k + n]]);
  result.cluster.resize(result.rows);
  std::vector<RowGroup> members(result.rows);
  for (std::uint32_t row = 0; row < result.rows; ++row) {
    result.cluster[row] = sets.first(row);
    members[result.cluster[row]].push_back(row);
  }
  for (RowGroup& group : members)
    if (std::ranges::any_of(group, [&](std::uint32_t row) { return twin[row] != twin[group.front()]; }))
      result.near.push_back(std::move(group));
}

// Largest gap between the share of pairs within a distance in the file, and that share among random pairs.
double order_gap(const std::vector<std::uint32_t>& place, const stats::Neighbours& found) {
  const std::size_t rows = place.size();
  std::vector<std::uint32_t> counts(rows);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t n = 0; n < found.k; ++n) {
      const std::uint32_t other = place[found.rows[i * found.k + n]];
      ++counts[other > place[i] ? other - place[i] : place[i] - other];
    }
  const auto all = static_cast<double>(rows * found.k);
  const auto size = static_cast<double>(rows);
  double below = 0;
  double gap = 0;
  for (std::size_t d = 1; d < rows; ++d) {
    below += counts[d];
    const auto x = static_cast<double>(d);
    gap = std::max(gap, std::abs(below / all - x * (2 * size - x - 1) / (size * (size - 1))));
  }
  return gap;
}

OrderTest test_order(const Similarity& similar, const Settings& settings) {
  // Copies side by side say nothing about order: one row of each cluster. The rest is spaced evenly.
  std::vector<std::uint32_t> rows;
  for (const std::uint32_t row : similar.compared)
    if (similar.cluster[row] == row) rows.push_back(row);
  const std::size_t step = (rows.size() + kOrderRows - 1) / kOrderRows;
  std::vector<float> values;
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows.size(); i += step, ++count) {
    const auto row = similar.points().row(rows[i]);
    values.insert(values.end(), row.begin(), row.end());
  }
  if (count < 4 * kNeighbours) return {};
  const stats::Neighbours found =
      stats::nearest_neighbours({.values = values, .rows = count, .width = similar.width}, kNeighbours,
                                similar.distance, settings.jobs);
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  OrderTest result{.effect = order_gap(order, found)};
  std::vector<double> gaps(kPermutations);
  parallel_for(kPermutations, settings.jobs, [&](std::size_t draw) {
    std::vector<std::uint32_t> shuffled = order;
    stats::Philox random(settings.seed, stats::stream_key("labels order"), draw);
    random.shuffle(std::span(shuffled));
    gaps[draw] = order_gap(shuffled, found);
  });
  const auto as_large = std::ranges::count_if(gaps, [&](double gap) { return gap >= result.effect; });
  result.p = static_cast<double>(as_large + 1) / static_cast<double>(kPermutations + 1);
  return result;
}

}  // namespace

Similarity compare_rows(const Frame& frame, const Extras& extras, const Settings& settings,
                        const std::vector<RowGroup>& equal) {
  Similarity result;
  result.cluster.resize(frame.rows);
  std::iota(result.cluster.begin(), result.cluster.end(), 0U);
  for (const RowGroup& group : equal)
    for (const std::uint32_t row : group) result.cluster[row] = group.front();
  if (!choose_space(result, frame, extras)) return result;
  result.compared = rows_to_compare(result.points(), settings.seed);
  stats::MatrixView view = result.points();
  std::vector<float> sample;
  if (result.compared.size() < result.rows) {
    for (const std::uint32_t row : result.compared) {
      const auto values = result.points().row(row);
      sample.insert(sample.end(), values.begin(), values.end());
    }
    view = {.values = sample, .rows = result.compared.size(), .width = result.width};
  }
  const stats::Neighbours found =
      stats::nearest_neighbours(view, kNeighbours, result.distance, settings.jobs);
  std::vector<double> mean(view.rows);
  std::vector<double> nearest(view.rows);
  for (std::size_t i = 0; i < view.rows; ++i) {
    const auto distances = std::span(found.distances).subspan(i * found.k, found.k);
    mean[i] = std::accumulate(distances.begin(), distances.end(), 0.0) / static_cast<double>(found.k);
    nearest[i] = double{distances.front()};
  }
  const double scale = std::max(quantile(mean, 0.5), 1e-12);
  for (const double distance : mean) result.scores.push_back(std::exp(-distance / scale));
  const double high = quantile(mean, 0.75);
  const double cut = high + kQuartileCut * (high - quantile(mean, 0.25));
  result.above_quartile_cut =
      static_cast<std::size_t>(std::ranges::count_if(mean, [&](double distance) { return distance > cut; }));
  result.median_nearest = quantile(nearest, 0.5);
  result.near_by_chance = close_by_chance(nearest, result.median_nearest);
  find_outliers(result, mean);
  find_clusters(result, found, equal);
  result.order = test_order(result, settings);
  return result;
}

}  // namespace bulwark::assay::labels
