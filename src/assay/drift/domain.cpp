#include "assay/drift/domain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "stats/auc.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr std::uint32_t kHashedWidth = 1U << 15;
constexpr std::size_t kTextBytes = 4'096;
constexpr std::size_t kMostProducts = 400;
constexpr std::size_t kDiscrepancyRows = 400;
constexpr std::size_t kPermutations = 199;
constexpr int kEpochs = 6;
constexpr float kRate = 0.1F;
constexpr float kRidge = 1e-4F;

struct Example {
  const SparseRows* rows;
  std::uint32_t row;
  bool current;
};

float score_of(const Example& example, std::span<const float> weights, float bias) {
  float sum = bias;
  const SparseRows& rows = *example.rows;
  for (std::size_t i = rows.start[example.row]; i < rows.start[example.row + 1]; ++i)
    sum += weights[rows.place[i]] * rows.value[i];
  return sum;
}

// Logistic regression by AdaGrad (Duchi, Hazan and Singer 2011): one rate per weight, so that rare n-grams
// and dense columns learn alike. Both sides weigh the same.
class Separator {
 public:
  explicit Separator(std::size_t width) : weights_(width), squares_(width, 1e-6F) {}

  void learn(std::vector<Example> examples, float weight_reference, float weight_current,
             stats::Philox random) {
    for (int epoch = 0; epoch < kEpochs; ++epoch) {
      random.shuffle(std::span(examples));
      for (const Example& example : examples)
        step(example, example.current ? weight_current : weight_reference);
    }
  }
  [[nodiscard]] float score(const Example& example) const { return score_of(example, weights_, bias_); }

 private:
  void step(const Example& example, float weight) {
    const float p = 1 / (1 + std::exp(-score_of(example, weights_, bias_)));
    const float error = (p - (example.current ? 1.0F : 0.0F)) * weight;
    bias_square_ += error * error;
    bias_ -= kRate * error / std::sqrt(bias_square_);
    const SparseRows& rows = *example.rows;
    for (std::size_t i = rows.start[example.row]; i < rows.start[example.row + 1]; ++i) {
      const std::uint32_t at = rows.place[i];
      const float slope = error * rows.value[i] + kRidge * weights_[at];
      squares_[at] += slope * slope;
      weights_[at] -= kRate * slope / std::sqrt(squares_[at]);
    }
  }

  std::vector<float> weights_;
  std::vector<float> squares_;
  float bias_ = 0;
  float bias_square_ = 1e-6F;
};

std::vector<std::uint32_t> shuffled(std::size_t rows, stats::Philox& random) {
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  random.shuffle(std::span(order));
  return order;
}

}  // namespace

stats::Interval domain_auc(const SparseRows& reference, const SparseRows& current, std::uint64_t seed,
                           std::uint64_t stream) {
  stats::Interval unknown{.estimate = 0.5, .low = 0, .high = 1};
  if (reference.rows() < 4 || current.rows() < 4) return unknown;
  stats::Philox random(seed, stats::stream_key("drift domain"), stream);
  std::array<std::vector<Example>, 2> folds;
  for (const SparseRows* rows : {&reference, &current}) {
    const std::vector<std::uint32_t> order = shuffled(rows->rows(), random);
    for (std::size_t i = 0; i < order.size(); ++i)
      folds[i % 2].push_back({.rows = rows, .row = order[i], .current = rows == &current});
  }
  const double both = static_cast<double>(reference.rows() + current.rows()) / 2;
  std::array<stats::Interval, 2> found;
  for (std::size_t held_out = 0; held_out < 2; ++held_out) {
    Separator separator(std::max(reference.width, current.width));
    separator.learn(folds[1 - held_out], static_cast<float>(both / static_cast<double>(reference.rows())),
                    static_cast<float>(both / static_cast<double>(current.rows())),
                    stats::Philox(seed, stats::stream_key("drift order"), stream * 2 + held_out));
    std::vector<float> positives;
    std::vector<float> negatives;
    for (const Example& example : folds[held_out])
      (example.current ? positives : negatives).push_back(separator.score(example));
    found[held_out] = stats::auc(positives, negatives);
  }
  // Two areas from different rows: their mean is sqrt(2) times as exact as one.
  const auto mean = [&](auto member) { return (found[0].*member + found[1].*member) / 2; };
  const double estimate = mean(&stats::Interval::estimate);
  const double shrink = std::sqrt(0.5);
  return {.estimate = estimate,
          .low = estimate - shrink * (estimate - mean(&stats::Interval::low)),
          .high = estimate + shrink * (mean(&stats::Interval::high) - estimate)};
}

void add_text(std::string_view text, SparseRows& rows) {
  rows.width = kHashedWidth;
  const std::string_view head = text.substr(0, kTextBytes);
  std::vector<std::uint32_t> places;
  std::uint32_t word = 0x811C9DC5;
  std::uint32_t gram = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    auto c = static_cast<unsigned char>(head[i]);
    if (c >= 'A' && c <= 'Z') c = static_cast<unsigned char>(c + 32);
    gram = (gram << 8 | c) & 0xFFFFFF;
    if (i >= 2) places.push_back((gram * 0x9E3779B1U >> 17) % kHashedWidth);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
    if (letter) {
      word = (word ^ c) * 0x01000193;
    } else if (word != 0x811C9DC5) {
      places.push_back(word % kHashedWidth);
      word = 0x811C9DC5;
    }
  }
  if (word != 0x811C9DC5) places.push_back(word % kHashedWidth);
  std::ranges::sort(places);
  const std::size_t first = rows.place.size();
  double squares = 0;
  for (std::size_t i = 0; i < places.size();) {
    std::size_t end = i;
    while (end < places.size() && places[end] == places[i]) ++end;
    const double value = 1 + std::log(static_cast<double>(end - i));
    rows.place.push_back(places[i]);
    rows.value.push_back(static_cast<float>(value));
    squares += value * value;
    i = end;
  }
  const auto scale = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
  for (std::size_t i = first; i < rows.value.size(); ++i) rows.value[i] *= scale;
  rows.start.push_back(rows.place.size());
}

std::vector<std::uint32_t> some_rows(std::size_t rows, std::size_t most, std::uint64_t seed,
                                     std::uint64_t stream) {
  stats::Philox random(seed, stats::stream_key("drift rows"), stream);
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  if (rows <= most) return order;
  for (std::size_t i = 0; i < most; ++i) std::swap(order[i], order[i + random.below(rows - i)]);
  order.resize(most);
  std::ranges::sort(order);
  return order;
}

SparseRows with_products(const std::vector<float>& values, std::size_t width, std::uint64_t seed) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  if (width * (width + 1) / 2 <= kMostProducts) {
    for (std::size_t a = 0; a < width; ++a)
      for (std::size_t b = a; b < width; ++b) pairs.emplace_back(a, b);
  } else {
    stats::Philox random(seed, stats::stream_key("drift pairs"));
    for (std::size_t i = 0; i < kMostProducts; ++i)
      pairs.emplace_back(random.below(width), random.below(width));
  }
  SparseRows out;
  out.width = width + pairs.size();
  const std::size_t rows = width == 0 ? 0 : values.size() / width;
  const auto add = [&](std::size_t place, float value) {
    out.place.push_back(static_cast<std::uint32_t>(place));
    out.value.push_back(value);
  };
  for (std::size_t i = 0; i < rows; ++i) {
    const std::span<const float> row = std::span(values).subspan(i * width, width);
    for (std::size_t a = 0; a < width; ++a) add(a, row[a]);
    for (std::size_t pair = 0; pair < pairs.size(); ++pair)
      add(width + pair, std::clamp(row[pairs[pair].first] * row[pairs[pair].second], -5.0F, 5.0F));
    out.start.push_back(out.place.size());
  }
  return out;
}

namespace {

// A symmetric matrix of similarities and its row sums; the diagonal is 0: pairs of a row with itself do not
// count.
struct Kernel {
  std::size_t size = 0;
  std::vector<float> values;
  std::vector<double> sums;
};

// Unbiased squared discrepancy between the `first` rows of the order and the others.
double discrepancy_of(const Kernel& kernel, std::span<const std::uint32_t> order, std::size_t first) {
  double inside = 0;
  double from_first = 0;
  for (std::size_t i = 0; i < first; ++i) {
    const float* row = kernel.values.data() + order[i] * kernel.size;
    float sum = 0;
    for (std::size_t j = 0; j < first; ++j) sum += row[order[j]];
    inside += static_cast<double>(sum);
    from_first += kernel.sums[order[i]];
  }
  const double across = from_first - inside;
  const double outside = std::accumulate(kernel.sums.begin(), kernel.sums.end(), 0.0) - from_first - across;
  const auto n = static_cast<double>(first);
  const auto m = static_cast<double>(kernel.size - first);
  return inside / (n * (n - 1)) + outside / (m * (m - 1)) - 2 * across / (n * m);
}

Kernel kernel_of(const std::vector<std::span<const float>>& rows) {
  Kernel kernel{.size = rows.size(), .values = std::vector<float>(rows.size() * rows.size()), .sums = {}};
  std::vector<float> distances;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < rows[i].size(); ++k) {
        const float difference = rows[i][k] - rows[j][k];
        sum += difference * difference;
      }
      kernel.values[i * kernel.size + j] = sum;
      distances.push_back(sum);
    }
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::ranges::nth_element(distances, middle);
  const float bandwidth = std::max(*middle, 1e-12F);
  kernel.sums.assign(kernel.size, 0.0);
  for (std::size_t i = 0; i < kernel.size; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const float similarity = std::exp(-kernel.values[i * kernel.size + j] / bandwidth);
      kernel.values[i * kernel.size + j] = kernel.values[j * kernel.size + i] = similarity;
      kernel.sums[i] += static_cast<double>(similarity);
      kernel.sums[j] += static_cast<double>(similarity);
    }
  return kernel;
}

}  // namespace

Discrepancy mean_discrepancy(const Standardised& both, std::uint64_t seed) {
  const std::size_t width = both.width;
  const auto pick = [&](const std::vector<float>& values, std::uint64_t stream) {
    return some_rows(width == 0 ? 0 : values.size() / width, kDiscrepancyRows, seed, stream);
  };
  const std::vector<std::uint32_t> reference = pick(both.reference, 1);
  const std::vector<std::uint32_t> current = pick(both.current, 2);
  Discrepancy out{.rows = std::min(reference.size(), current.size())};
  if (out.rows < 4) return out;
  std::vector<std::span<const float>> rows;
  for (const std::uint32_t row : reference)
    rows.push_back(std::span(both.reference).subspan(row * width, width));
  for (const std::uint32_t row : current) rows.push_back(std::span(both.current).subspan(row * width, width));
  const Kernel kernel = kernel_of(rows);
  std::vector<std::uint32_t> order(kernel.size);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  out.mmd = discrepancy_of(kernel, order, reference.size());
  stats::Philox random(seed, stats::stream_key("drift mmd"));
  std::size_t as_large = 0;
  for (std::size_t i = 0; i < kPermutations; ++i) {
    random.shuffle(std::span(order));
    if (discrepancy_of(kernel, order, reference.size()) >= out.mmd) ++as_large;
  }
  out.p = static_cast<double>(as_large + 1) / static_cast<double>(kPermutations + 1);
  return out;
}

}  // namespace bulwark::assay
