#include "stats/sketch_quantiles.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>

namespace bulwark::stats {
namespace {

// Capacities fall by 2/3 from level to level (the paper's c), down to this.
constexpr double kShrink = 2.0 / 3;
constexpr std::size_t kLeastCapacity = 8;
// Values are sampled once there are 2^8 k of them for each that is taken: the draw then adds a rank error of
// 0.2 %, which the error of the sketch swallows.
constexpr unsigned kSampleBits = 8;
constexpr unsigned kMostSampleBits = 10;
constexpr std::size_t kChunk = 1'024;      // values sorted together
constexpr std::size_t kFewValues = 1'024;  // kept one by one, as long as there are no more
constexpr std::size_t kPutAtOnce = 64;
constexpr std::size_t kSortedByBuckets = 64;  // fewer are sorted by comparing
constexpr std::size_t kCrowd = 32;            // in one bucket: likewise

// Sorts finite values by buckets of equal width, as many as there are values, and then by insertion: no
// branches that nobody can foretell. Values that crowd in few buckets are sorted by comparing.
void sort_values(std::span<double> values) {
  const std::size_t n = values.size();
  if (n < kSortedByBuckets || n > kChunk) {
    std::ranges::sort(values);
    return;
  }
  const auto [low, high] = std::ranges::minmax(values);
  const double scale = static_cast<double>(n - 1) / (high - low);
  if (!std::isfinite(high - low) || !std::isfinite(scale)) {
    std::ranges::sort(values);
    return;
  }
  std::array<std::uint16_t, kChunk + 1> starts;
  std::array<std::uint16_t, kChunk> buckets;
  std::array<double, kChunk> from;
  std::fill_n(starts.data(), n + 1, std::uint16_t{0});
  unsigned most = 0;
  const double* const in = values.data();
  for (std::size_t i = 0; i < n; ++i) {
    from.data()[i] = in[i];
    const auto bucket = static_cast<std::uint16_t>(static_cast<int>((in[i] - low) * scale));
    buckets.data()[i] = bucket;
    most = std::max<unsigned>(most, ++starts.data()[bucket + 1]);
  }
  if (most > kCrowd) {
    std::ranges::sort(values);
    return;
  }
  for (std::size_t i = 1; i <= n; ++i)
    starts.data()[i] = static_cast<std::uint16_t>(starts.data()[i] + starts.data()[i - 1]);
  double* const out = values.data();
  for (std::size_t i = 0; i < n; ++i) out[starts.data()[buckets.data()[i]]++] = from.data()[i];
  for (std::size_t i = 1; i < n; ++i) {
    const double value = out[i];
    std::size_t at = i;
    for (; at > 0 && out[at - 1] > value; --at) out[at] = out[at - 1];
    out[at] = value;
  }
}

}  // namespace

QuantileSketch::QuantileSketch(unsigned k, std::uint64_t seed)
    : k_(std::clamp(k, kLeastK, kMostK)), coins_(seed) {}

std::uint64_t QuantileSketch::coin() {
  coins_ += 0x9E3779B97F4A7C15;  // SplitMix64 (Steele, Lea and Flood 2014)
  std::uint64_t z = coins_;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

void QuantileSketch::recount() {
  kept_ = 0;
  room_ = 0;
  capacities_.resize(levels_.size());
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const auto depth = static_cast<double>(levels_.size() - i - 1);
    capacities_[i] =
        std::max(kLeastCapacity, static_cast<std::size_t>(std::ceil(k_ * std::pow(kShrink, depth))));
    kept_ += levels_[i].size();
    room_ += capacities_[i];
  }
}

void QuantileSketch::widen(double value) {
  if (count_ == 0) least_ = most_ = value;
  if (value < least_) least_ = value;
  if (value > most_) most_ = value;
}

void QuantileSketch::put(double value, std::size_t level) {
  if (level >= levels_.size()) {
    levels_.resize(level + 1);
    recount();
  }
  levels_[level].push_back(value);
  if (++kept_ > room_) squeeze();
}

// Halves the lowest level that is full: of its sorted values every other one moves up and counts double.
void QuantileSketch::squeeze() {
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].size() < capacities_[i]) continue;
    if (i + 1 == levels_.size()) {
      levels_.emplace_back();
      recount();
    }
    std::vector<double>& from = levels_[i];
    std::vector<double>& to = levels_[i + 1];
    sort_values(from);
    const std::uint64_t toss = coin();
    // An odd one stays: the first or the last, so that neither end is favoured.
    const bool odd = from.size() % 2 != 0;
    const bool first_stays = (toss & 2) != 0;
    const std::size_t begin = odd && first_stays ? 1 : 0;
    const double left = odd ? (first_stays ? from.front() : from.back()) : 0;
    for (std::size_t j = begin + (toss & 1); j < begin + from.size() / 2 * 2; j += 2) to.push_back(from[j]);
    kept_ -= from.size() / 2;
    from.clear();
    if (odd) from.push_back(left);
    compacted_ = true;
    if (kept_ <= room_) return;
  }
}

void QuantileSketch::add(double value, std::uint64_t times) {
  if (times == 0) return;
  widen(value);
  for (std::size_t level = 0; times >> level != 0; ++level)
    if ((times >> level & 1) != 0) put(value, level);
  count_ += times;
}

void QuantileSketch::add(std::span<const double> values) {
  while (values.size() > kChunk) {
    add(values.first(kChunk));
    values = values.subspan(kChunk);
  }
  if (values.empty()) return;
  double low = values[0];
  double high = values[0];
  for (const double value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (count_ == 0) {
    least_ = low;
    most_ = high;
  }
  least_ = std::min(least_, low);
  most_ = std::max(most_, high);

  const std::uint64_t per_draw = count_ / (std::uint64_t{k_} << kSampleBits);
  const unsigned bits = std::min<unsigned>(kMostSampleBits, static_cast<unsigned>(std::bit_width(per_draw)));
  const bool few = count_ < kFewValues;
  count_ += values.size();
  std::array<double, kChunk> drawn;
  std::size_t used = 0;
  const std::size_t group = std::size_t{1} << bits;
  std::size_t at = 0;
  for (; at + group <= values.size(); at += group)
    drawn[used++] = values[bits == 0 ? at : at + (coin() & (group - 1))];
  put_sorted({drawn.data(), used}, bits, few);
  // The rest in groups of powers of two.
  for (unsigned level = bits; level-- > 0;) {
    const std::size_t piece = std::size_t{1} << level;
    if (values.size() - at < piece) continue;
    put(values[level == 0 ? at : at + (coin() & (piece - 1))], level);
    at += piece;
  }
}

// Of many values of one level every 2^s-th in order goes up by s levels at once: what compacting them s times
// would leave, with a smaller error, and for the price of one sort.
void QuantileSketch::put_sorted(std::span<double> values, unsigned level, bool few) {
  unsigned up = 0;
  while (!few && values.size() >> up > kPutAtOnce) ++up;
  if (up == 0) {
    for (const double value : values) put(value, level);
    return;
  }
  sort_values(values);
  const std::size_t step = std::size_t{1} << up;
  const std::size_t first = coin() & (step - 1);
  std::size_t at = 0;
  for (; at + step <= values.size(); at += step) put(values[at + first], level + up);
  for (; at < values.size(); ++at) put(values[at], level);
  compacted_ = true;
}

void QuantileSketch::merge(const QuantileSketch& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    const std::uint64_t coins = coins_;
    const unsigned k = std::min(k_, other.k_);
    *this = other;
    coins_ = coins;
    k_ = k;
  } else {
    k_ = std::min(k_, other.k_);
    least_ = std::min(least_, other.least_);
    most_ = std::max(most_, other.most_);
    count_ += other.count_;
    compacted_ = compacted_ || other.compacted_;
    if (levels_.size() < other.levels_.size()) levels_.resize(other.levels_.size());
    for (std::size_t i = 0; i < other.levels_.size(); ++i)
      levels_[i].insert(levels_[i].end(), other.levels_[i].begin(), other.levels_[i].end());
  }
  recount();
  while (kept_ > room_) squeeze();
}

double QuantileSketch::rank_error() const {
  return compacted_ ? 2.446 / std::pow(static_cast<double>(k_), 0.9433) : 0;
}

std::vector<std::pair<double, std::uint64_t>> QuantileSketch::weighted() const {
  std::vector<std::pair<double, std::uint64_t>> all;
  all.reserve(kept_);
  for (std::size_t i = 0; i < levels_.size(); ++i)
    for (const double value : levels_[i]) all.emplace_back(value, std::uint64_t{1} << i);
  std::ranges::sort(all);
  return all;
}

double QuantileSketch::rank(double x) const {
  if (count_ == 0) return 0;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < levels_.size(); ++i)
    for (const double value : levels_[i]) below += value <= x ? std::uint64_t{1} << i : 0;
  return static_cast<double>(below) / static_cast<double>(count_);
}

std::vector<double> QuantileSketch::quantiles(std::span<const double> ascending) const {
  const auto all = weighted();
  std::vector<double> out;
  std::size_t at = 0;
  std::uint64_t below = 0;
  for (const double p : ascending) {
    if (p <= 0 || p >= 1) {
      out.push_back(p <= 0 ? least_ : most_);
      continue;
    }
    const double wanted = p * static_cast<double>(count_);
    while (at < all.size() && static_cast<double>(below + all[at].second) < wanted) below += all[at++].second;
    out.push_back(at < all.size() ? all[at].first : most_);
  }
  return out;
}

double QuantileSketch::quantile(double p) const {
  return quantiles({&p, 1}).front();
}

QuantileSketch::State QuantileSketch::state() const {
  State state{.k = k_, .least = least_, .most = most_, .levels = levels_};
  for (std::vector<double>& level : state.levels) std::ranges::sort(level);
  return state;
}

Result<QuantileSketch> QuantileSketch::from(State state, std::uint64_t seed) {
  if (state.k < kLeastK || state.k > kMostK)
    return fail(Code::InvalidInput, "k = " + std::to_string(state.k) + " is not within 8 and 4096");
  if (state.levels.size() > kMostLevels) return fail(Code::InvalidInput, "more than 60 levels of quantiles");
  QuantileSketch sketch(state.k, seed);
  sketch.least_ = state.least;
  sketch.most_ = state.most;
  for (std::size_t i = 0; i < state.levels.size(); ++i) {
    const std::vector<double>& level = state.levels[i];
    if (level.size() > 4 * std::size_t{kMostK}) return fail(Code::InvalidInput, "a level is too large");
    for (const double value : level)
      if (!std::isfinite(value) || value < state.least || value > state.most)
        return fail(Code::InvalidInput, "a value is not within the least and the most one");
    if (level.size() > 0 && (std::uint64_t{1} << 62) >> i < level.size())
      return fail(Code::InvalidInput, "more values than can be counted");
    sketch.count_ += level.size() << i;
    if (sketch.count_ >> 62 != 0) return fail(Code::InvalidInput, "more values than can be counted");
  }
  sketch.levels_ = std::move(state.levels);
  sketch.compacted_ = sketch.levels_.size() > 1;
  sketch.recount();
  while (sketch.kept_ > sketch.room_) sketch.squeeze();
  return sketch;
}

}  // namespace bulwark::stats
