#include "assay/leakage/overlap.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <numbers>
#include <unordered_map>
#include <utility>

#include "assay/drift/domain.h"
#include "assay/drift/match.h"
#include "assay/near_text.h"
#include "base/parallel.h"
#include "base/text.h"
#include "stats/neighbours.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kVectorQueries = 10'000;
constexpr std::size_t kVectorPoints = 20'000;
constexpr float kNearShare = 0.13F;  // of the median distance of neighbours; measured on planted copies
constexpr int kNearBits = 4;
constexpr std::size_t kLeastSide = 16;  // of a picture: below, a hash of 8 × 8 frequencies is the picture
constexpr double kExcess = 0.001;

struct RowHash {
  std::uint64_t a = 0x9E3779B97F4A7C15ULL;
  std::uint64_t b = 0xC2B2AE3D27D4EB4FULL;
  bool any = false;  // a value that is no null

  void add(std::uint64_t value) {
    a = std::rotl((a ^ value) * 0xFF51AFD7ED558CCDULL, 31);
    b = std::rotl((b + value) * 0xC4CEB9FE1A85EC53ULL, 27) ^ a;
  }
  void add(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    add(hash ^ text.size());
    any = any || !text.empty();
  }
  void add(float value) {
    if (!std::isfinite(value)) return add(std::uint64_t{0x7FF8});
    add(static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(value == 0 ? 0.0F : value)));
    any = true;
  }
  friend auto operator<=>(const RowHash&, const RowHash&) = default;
};

struct Columns {
  std::vector<std::size_t> numbers, categories, texts;
  bool images = false;
};

std::vector<RowHash> row_hashes(const Frame& frame, const Columns& columns) {
  std::vector<RowHash> out(frame.rows);
  const std::size_t width = frame.feature_names.size();
  for (std::size_t row = 0; row < frame.rows; ++row) {
    RowHash& hash = out[row];
    for (const std::size_t column : columns.numbers) hash.add(frame.features[row * width + column]);
    for (const std::size_t column : columns.categories) {
      const Category& category = frame.categories[column];
      const std::int32_t code = category.codes[row];
      hash.add(code < 0 ? std::string_view()
                        : std::string_view(category.values[static_cast<std::size_t>(code)]));
    }
    for (const std::size_t column : columns.texts)
      hash.add(std::string_view(frame.texts[column].values[row]));
    if (columns.images) {
      const std::size_t size = frame.images->height * frame.images->width * frame.images->channels;
      for (std::size_t i = 0; i < size; ++i) hash.add(frame.images->values[row * size + i]);
    }
  }
  return out;
}

std::string_view value_of(const Category& category, std::size_t row) {
  if (row >= category.codes.size() || category.codes[row] < 0) return {};
  return category.values[static_cast<std::size_t>(category.codes[row])];
}

RowPair pair_of(const Frame& frame, const Frame& reference, std::size_t row, std::size_t other,
                double similarity) {
  return {.row = frame.row_number(row), .reference = reference.row_number(other), .similarity = similarity};
}

bool same_size(const Frame& a, const Frame& b) {
  return a.images && b.images && a.images->height == b.images->height && a.images->width == b.images->width &&
         a.images->channels == b.images->channels;
}

void conclude(Overlap& overlap) {
  overlap.share = stats::wilson(overlap.pairs.size(), overlap.compared);
  const auto found = static_cast<double>(overlap.pairs.size());
  const auto compared = static_cast<double>(overlap.compared);
  // Two splits are all there is: what they share is counted and not estimated, only chance is.
  overlap.excessive = found > 0 && found >= kExcess * compared && overlap.share.low > overlap.expected.high;
}

}  // namespace

Overlap exact_overlap(const Frame& frame, const Frame& reference) {
  const MatchedColumns matched = match_columns(reference, frame);
  Columns before;
  Columns after;
  for (const auto& [a, b] : matched.numbers) {
    before.numbers.push_back(a);
    after.numbers.push_back(b);
  }
  for (const auto& [a, b] : matched.categories) {
    before.categories.push_back(a);
    after.categories.push_back(b);
  }
  for (const auto& [a, b] : matched.texts) {
    before.texts.push_back(a);
    after.texts.push_back(b);
  }
  before.images = after.images = same_size(reference, frame);
  const std::vector<RowHash> known = row_hashes(reference, before);
  const std::vector<RowHash> rows = row_hashes(frame, after);

  std::vector<std::uint32_t> order(known.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(
      order, [&](std::uint32_t a, std::uint32_t b) { return std::tie(known[a], a) < std::tie(known[b], b); });
  std::uint64_t singletons = 0;
  for (std::size_t i = 0; i < order.size(); ++i)
    if ((i == 0 || known[order[i - 1]] != known[order[i]]) &&
        (i + 1 == order.size() || known[order[i + 1]] != known[order[i]]))
      ++singletons;

  const Category labels = label_category(frame, {});
  const Category known_labels = label_category(reference, {});
  Overlap out{.kind = "exact", .column = {}, .pairs = {}, .conflicts = {}};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!rows[row].any) continue;
    ++out.compared;
    const auto at = std::ranges::lower_bound(order, rows[row], {}, [&](std::uint32_t i) { return known[i]; });
    if (at == order.end() || known[*at] != rows[row]) continue;
    out.pairs.push_back(pair_of(frame, reference, row, *at, 1));
    const std::string_view label = value_of(labels, row);
    const std::string_view other = value_of(known_labels, *at);
    if (!label.empty() && !other.empty() && label != other)
      out.conflicts.push_back(pair_of(frame, reference, row, *at, 1));
  }
  // A sample misses singletons / n of its population (Good 1953): the rest of a fresh row's chance is to be
  // equal to one that is known.
  const stats::Interval missing = stats::wilson(singletons, known.size());
  out.expected = {.estimate = 1 - missing.estimate, .low = 1 - missing.high, .high = 1 - missing.low};
  if (singletons == known.size()) out.expected = {};
  conclude(out);
  return out;
}

std::vector<Overlap> near_text_overlap(const Frame& frame, const Frame& reference, const Settings& settings) {
  std::vector<Overlap> out;
  const auto sketches = [&](const TextColumn& column) {
    std::vector<TextSketch> all(column.values.size());
    constexpr std::size_t kAtOnce = 256;
    parallel_for((all.size() + kAtOnce - 1) / kAtOnce, settings.jobs, [&](std::size_t part) {
      for (std::size_t i = part * kAtOnce; i < std::min((part + 1) * kAtOnce, all.size()); ++i)
        all[i] = sketch_of(column.values[i]);
    });
    return all;
  };
  for (const auto& [a, b] : match_columns(reference, frame).texts) {
    const std::vector<TextSketch> known = sketches(reference.texts[a]);
    const std::vector<TextSketch> rows = sketches(frame.texts[b]);
    Overlap overlap{.kind = "near text", .column = frame.texts[b].name, .pairs = {}, .conflicts = {}};
    // Templates make rows alike on one side as well: how many does the reference have a near copy of itself?
    const std::vector<std::uint32_t> groups = near_groups(known);
    std::map<std::uint32_t, std::size_t> sizes;
    std::uint64_t texts = 0;
    for (std::size_t i = 0; i < known.size(); ++i)
      if (!known[i].empty) {
        ++sizes[groups[i]];
        ++texts;
      }
    std::uint64_t alike = 0;
    for (const auto& [group, size] : sizes) alike += size > 1 ? size : 0;
    if (alike > 0) overlap.expected = stats::wilson(alike, texts);
    const std::vector<NearText> nearest = nearest_texts(rows, known);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (rows[row].empty) continue;
      ++overlap.compared;
      if (nearest[row].at != kNoText)
        overlap.pairs.push_back(pair_of(frame, reference, row, nearest[row].at, nearest[row].similarity));
    }
    conclude(overlap);
    out.push_back(std::move(overlap));
  }
  return out;
}

std::uint64_t perceptual_hash(const Images& images, std::size_t row) {
  constexpr std::size_t kSide = 32;
  constexpr std::size_t kFrequencies = 8;
  const std::size_t size = images.height * images.width;
  std::array<double, kSide * kSide> small{};
  std::array<double, kSide * kSide> counts{};
  for (std::size_t channel = 0; channel < images.channels; ++channel)
    for (std::size_t y = 0; y < std::max(images.height, kSide); ++y)
      for (std::size_t x = 0; x < std::max(images.width, kSide); ++x) {
        const std::size_t from_y = images.height >= kSide ? y : y * images.height / kSide;
        const std::size_t from_x = images.width >= kSide ? x : x * images.width / kSide;
        const std::size_t to = (images.height >= kSide ? y * kSide / images.height : y) * kSide +
                               (images.width >= kSide ? x * kSide / images.width : x);
        small[to] += static_cast<double>(
            images.values[(row * images.channels + channel) * size + from_y * images.width + from_x]);
        counts[to] += 1;
      }
  for (std::size_t i = 0; i < small.size(); ++i) small[i] /= std::max(1.0, counts[i]);
  static const auto kCosines = [] {
    std::array<double, kFrequencies * kSide> table{};
    for (std::size_t f = 0; f < kFrequencies; ++f)
      for (std::size_t i = 0; i < kSide; ++i)
        table[f * kSide + i] =
            std::cos(std::numbers::pi * static_cast<double>(f + 1) * (static_cast<double>(i) + 0.5) / kSide);
    return table;
  }();
  // The lowest frequencies but the constant: first along rows, then along columns.
  std::array<double, kSide * kFrequencies> rows{};
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t f = 0; f < kFrequencies; ++f)
      for (std::size_t x = 0; x < kSide; ++x)
        rows[y * kFrequencies + f] += small[y * kSide + x] * kCosines[f * kSide + x];
  std::array<double, kFrequencies * kFrequencies> spectrum{};
  for (std::size_t g = 0; g < kFrequencies; ++g)
    for (std::size_t f = 0; f < kFrequencies; ++f)
      for (std::size_t y = 0; y < kSide; ++y)
        spectrum[g * kFrequencies + f] += rows[y * kFrequencies + f] * kCosines[g * kSide + y];
  std::array<double, kFrequencies * kFrequencies> sorted = spectrum;
  std::ranges::nth_element(sorted, sorted.begin() + sorted.size() / 2);
  const double middle = sorted[sorted.size() / 2];
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < spectrum.size(); ++i) hash |= std::uint64_t{spectrum[i] > middle} << i;
  return hash;
}

namespace {

// Near hashes by bands: of five bands (13 bits and less) one is equal if at most four bits differ.
class HashIndex {
 public:
  explicit HashIndex(const std::vector<std::uint64_t>& hashes) : hashes_(hashes) {
    for (std::uint32_t i = 0; i < hashes.size(); ++i)
      for (int band = 0; band < kBands; ++band) places_[key(hashes[i], band)].push_back(i);
  }
  // The nearest within kNearBits, or nothing: -1.
  [[nodiscard]] std::pair<std::int64_t, int> nearest(std::uint64_t hash) const {
    std::pair<std::int64_t, int> best = {-1, kNearBits + 1};
    for (int band = 0; band < kBands; ++band) {
      const auto found = places_.find(key(hash, band));
      if (found == places_.end()) continue;
      std::size_t seen = 0;
      for (const std::uint32_t i : found->second) {
        if (++seen > 2'000) break;
        const int bits = std::popcount(hash ^ hashes_[i]);
        if (bits < best.second) best = {i, bits};
      }
    }
    return best;
  }

 private:
  static constexpr int kBands = kNearBits + 1;
  static std::uint64_t key(std::uint64_t hash, int band) {
    return (hash >> (band * 13) & 0x1FFF) | static_cast<std::uint64_t>(band) << 32;
  }
  const std::vector<std::uint64_t>& hashes_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> places_;
};

}  // namespace

std::vector<Overlap> near_image_overlap(const Frame& frame, const Frame& reference,
                                        const Settings& settings) {
  if (!same_size(frame, reference) || frame.images->height < kLeastSide || frame.images->width < kLeastSide)
    return {};
  const auto hashes = [&](const Frame& side) {
    std::vector<std::uint64_t> all(side.rows);
    parallel_for(side.rows, settings.jobs,
                 [&](std::size_t row) { all[row] = perceptual_hash(*side.images, row); });
    return all;
  };
  const std::vector<std::uint64_t> known = hashes(reference);
  const HashIndex index(known);
  Overlap out{.kind = "near image", .column = {}, .compared = frame.rows, .pairs = {}, .conflicts = {}};
  const std::vector<std::uint64_t> rows = hashes(frame);
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (const auto [at, bits] = index.nearest(rows[row]); at >= 0)
      out.pairs.push_back(pair_of(frame, reference, row, static_cast<std::size_t>(at), 1 - bits / 64.0));
  // Pictures of one kind (digits, X-rays) are alike: what the reference has of its own is no leak.
  std::map<std::uint64_t, std::size_t> times;
  for (const std::uint64_t hash : known) ++times[hash];
  std::uint64_t alike = 0;
  for (const auto& [hash, count] : times) alike += count > 1 ? count : 0;
  if (alike > 0) out.expected = stats::wilson(alike, known.size());
  conclude(out);
  return {std::move(out)};
}

std::vector<Overlap> near_vector_overlap(const Frame& frame, const Frame& reference, const Settings& settings,
                                         std::vector<Gap>& gaps) {
  const MatchedColumns matched = match_columns(reference, frame);
  const Standardised both = joint_features(reference, frame, matched, kVectorPoints, settings.seed);
  if (both.width < 2) return {};
  const stats::MatrixView points{
      .values = both.reference, .rows = both.reference.size() / both.width, .width = both.width};
  const std::vector<std::uint32_t> known = some_rows(reference.rows, kVectorPoints, settings.seed, 3);
  const std::vector<std::uint32_t> rows = some_rows(frame.rows, kVectorPoints, settings.seed, 4);
  const std::size_t queries = std::min(rows.size(), kVectorQueries);
  if (points.rows < 10 || queries == 0) return {};
  const stats::MatrixView asked{
      .values = std::span(both.current).first(queries * both.width), .rows = queries, .width = both.width};
  const auto among = stats::nearest_neighbours(points, 1, stats::Distance::Euclidean, settings.jobs);
  std::vector<float> distances = among.distances;
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::ranges::nth_element(distances, middle);
  if (*middle < 1e-3F) return {};  // a table of few values: equal rows are counted by hash
  const float near = kNearShare * *middle;
  const auto found = stats::nearest_neighbours(asked, points, 1, stats::Distance::Euclidean, settings.jobs);
  Overlap out{.kind = "near vector", .column = {}, .compared = queries, .pairs = {}, .conflicts = {}};
  for (std::size_t i = 0; i < queries; ++i)
    if (found.distances[i] < near && found.distances[i] > 1e-5F * *middle)
      out.pairs.push_back(pair_of(frame, reference, rows[i], known[found.rows[i]],
                                  1 - static_cast<double>(found.distances[i] / *middle)));
  const auto alike = static_cast<std::uint64_t>(
      std::ranges::count_if(among.distances, [&](float distance) { return distance < near; }));
  if (alike > 0) out.expected = stats::wilson(alike, points.rows);
  conclude(out);
  if (queries < frame.rows || points.rows < reference.rows)
    gaps.push_back({.reason = GapReason::Limit,
                    .path = {},
                    .origin = {},
                    .place = {},
                    .why = "near rows were looked for among " + std::to_string(queries) + " of " +
                           std::to_string(frame.rows) + " and " + std::to_string(points.rows) + " of " +
                           std::to_string(reference.rows) + " rows"});
  return {std::move(out)};
}

std::vector<Overlap> group_overlap(const Frame& frame, const Frame& reference) {
  if (frame.group.empty() || reference.group.empty()) return {};
  std::unordered_map<std::string, std::size_t> first;  // group -> row of the reference
  for (std::size_t row = 0; row < reference.rows; ++row)
    if (const std::int32_t code = reference.group[row]; code >= 0)
      first.emplace(plain_value(reference.group_names[static_cast<std::size_t>(code)]), row);
  Overlap out{.kind = "group", .column = {}, .pairs = {}, .conflicts = {}};
  for (std::size_t row = 0; row < frame.rows; ++row) {
    const std::int32_t code = frame.group[row];
    if (code < 0) continue;
    ++out.compared;
    const auto found = first.find(plain_value(frame.group_names[static_cast<std::size_t>(code)]));
    if (found != first.end()) out.pairs.push_back(pair_of(frame, reference, row, found->second, 1));
  }
  conclude(out);
  return {std::move(out)};
}

}  // namespace bulwark::assay
