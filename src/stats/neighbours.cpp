#include "stats/neighbours.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/parallel.h"
#include "stats/products.h"

namespace bulwark::stats {
namespace {

// Products in single precision find candidates; distances in double precision decide. Where rounding could
// have hidden a neighbour, the row is searched again with a limit that lets nothing slip through. So the
// answer does not depend on the processor. Equal rows are searched for once.

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::size_t kSpare = 3;  // candidates beyond k: room for a tie within rounding
constexpr std::size_t kBlockStep = std::lcm(kTileRows, kPanelWidth);

struct Near {
  double distance = 0;
  std::uint32_t row = 0;
  friend auto operator<=>(const Near&, const Near&) = default;
};
// Key and place in one number that sorts like the pair: a quarter of the time went into comparing pairs.
class Candidate {
 public:
  Candidate() = default;
  Candidate(float key, std::size_t place)
      : bits_(std::uint64_t{ordered(std::bit_cast<std::uint32_t>(key + 0.0F))} << 32 | place) {}  // -0 is 0
  [[nodiscard]] std::size_t place() const { return static_cast<std::uint32_t>(bits_); }
  [[nodiscard]] float key() const {
    const auto high = static_cast<std::uint32_t>(bits_ >> 32);
    return std::bit_cast<float>((high & kSign) != 0 ? high ^ kSign : ~high);
  }
  friend auto operator<=>(const Candidate&, const Candidate&) = default;

 private:
  static constexpr std::uint32_t kSign = 0x80000000;
  static std::uint32_t ordered(std::uint32_t bits) { return (bits & kSign) != 0 ? ~bits : bits | kSign; }
  std::uint64_t bits_ = 0;
};

std::uint64_t hash_of(std::span<const float> row) {
  std::uint64_t hash = 0x9E3779B97F4A7C15;
  for (const float value : row) {
    hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0xFF51AFD7ED558CCD;
    hash ^= hash >> 32;
  }
  return hash;
}

// Rows that are equal in every value, as one: groups in order of their first row.
struct Groups {
  std::vector<std::uint32_t> of;       // group of each row
  std::vector<std::uint32_t> members;  // rows by group, ascending
  std::vector<std::uint32_t> start;    // of each group in `members`, and the end

  [[nodiscard]] std::size_t count() const { return start.size() - 1; }
  [[nodiscard]] std::uint32_t first(std::size_t group) const { return members[start[group]]; }
  [[nodiscard]] std::span<const std::uint32_t> rows(std::size_t group) const {
    return std::span(members).subspan(start[group], start[group + 1] - start[group]);
  }
};

Groups group_equal_rows(const MatrixView& points) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i)
    order[i] = {hash_of(points.row(i)), static_cast<std::uint32_t>(i)};
  std::ranges::sort(order, [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const auto left = points.row(a.second);
    const auto right = points.row(b.second);
    const auto [x, y] = std::ranges::mismatch(left, right);
    return x == left.end() ? a.second < b.second : *x < *y;
  });
  std::vector<std::uint32_t> leader(points.rows);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool same = i > 0 && order[i].first == order[i - 1].first &&
                      std::ranges::equal(points.row(order[i].second), points.row(order[i - 1].second));
    leader[order[i].second] = same ? leader[order[i - 1].second] : order[i].second;
  }
  Groups groups;
  groups.of.resize(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i) {
    if (leader[i] == i) groups.start.push_back(0);
    groups.of[i] =
        leader[i] == i ? static_cast<std::uint32_t>(groups.start.size() - 1) : groups.of[leader[i]];
  }
  groups.start.push_back(0);
  for (const std::uint32_t group : groups.of) ++groups.start[group + 1];
  std::partial_sum(groups.start.begin(), groups.start.end(), groups.start.begin());
  groups.members.resize(points.rows);
  std::vector<std::uint32_t> next(groups.start.begin(), groups.start.end() - 1);
  for (std::size_t i = 0; i < points.rows; ++i)
    groups.members[next[groups.of[i]]++] = static_cast<std::uint32_t>(i);
  return groups;
}

// Four sums side by side, so that the compiler may use vectors; the order of summation is fixed.
template <class Term>
double sum_of(std::span<const float> a, std::span<const float> b, const Term& term) {
  double sums[4] = {};
  std::size_t v = 0;
  for (; v + 4 <= a.size(); v += 4)
    for (std::size_t i = 0; i < 4; ++i) sums[i] += term(double{a[v + i]}, double{b[v + i]});
  for (; v < a.size(); ++v) sums[0] += term(double{a[v]}, double{b[v]});
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

double product(std::span<const float> a, std::span<const float> b) {
  return sum_of(a, b, [](double x, double y) { return x * y; });
}

double squared_distance(std::span<const float> a, std::span<const float> b) {
  return sum_of(a, b, [](double x, double y) { return (x - y) * (x - y); });
}

// How rows are brought into the space in which they are multiplied. Euclidean: shifted to their mean, which
// keeps digits that matter, and scaled so that squares do not overflow. Cosine: scaled to length 1.
struct Space {
  Distance distance = Distance::Euclidean;
  std::vector<float> shift;  // of each column, after scaling
  float scale = 1;           // a power of two

  Space(const MatrixView& points, Distance chosen) : distance(chosen), shift(points.width) {
    if (distance == Distance::Cosine || points.rows == 0) return;
    float largest = 0;
    for (const float value : points.values) largest = std::max(largest, std::abs(value));
    if (largest > 0) scale = std::ldexp(1.0F, std::clamp(-std::ilogb(largest) - 1, -126, 126));
    std::vector<double> sums(points.width);
    for (std::size_t i = 0; i < points.rows; ++i)
      for (std::size_t v = 0; v < points.width; ++v) sums[v] += double{points.row(i)[v] * scale};
    for (std::size_t v = 0; v < points.width; ++v)
      shift[v] = static_cast<float>(sums[v] / static_cast<double>(points.rows));
  }
};

// The rows of one side, by place: place p stands for row order[p] of the matrix.
struct Side {
  MatrixView matrix;
  std::vector<std::uint32_t> order;
  std::vector<double> lengths;  // by place, of the row as given; for cosine
  std::vector<float> factors;   // by place: scale of its values
  std::vector<float> halves;    // by place: half the squared norm in space; 0 for cosine

  Side(const MatrixView& given, std::vector<std::uint32_t> rows, const Space& space)
      : matrix(given),
        order(std::move(rows)),
        lengths(order.size()),
        factors(order.size(), space.scale),
        halves(order.size()) {
    for (std::size_t p = 0; p < order.size(); ++p) {
      const auto row = values(p);
      if (space.distance == Distance::Cosine) {
        lengths[p] = std::sqrt(product(row, row));
        factors[p] = lengths[p] > 0 ? static_cast<float>(1 / lengths[p]) : 0;
      } else {
        double sum = 0;
        for (std::size_t v = 0; v < row.size(); ++v) {
          const double value{row[v] * space.scale - space.shift[v]};
          sum += value * value;
        }
        halves[p] = static_cast<float>(sum / 2);
      }
    }
  }
  [[nodiscard]] std::span<const float> values(std::size_t place) const { return matrix.row(order[place]); }
};

double distance_between(const Space& space, const Side& queries, std::size_t query, const Side& points,
                        std::size_t point) {
  const auto a = queries.values(query);
  const auto b = points.values(point);
  if (space.distance == Distance::Euclidean) return std::sqrt(squared_distance(a, b));
  const double lengths = queries.lengths[query] * points.lengths[point];
  if (lengths > 0) return std::max(0.0, 1 - product(a, b) / lengths);
  return queries.lengths[query] == points.lengths[point] ? 0 : 1;  // a row of zeros has no direction
}

// Places [first, end) of a side, interleaved in strips as the kernel wants them. Strips are filled up with
// points that are infinitely far.
struct Block {
  std::size_t first = 0;
  std::size_t rows = 0;  // multiple of kBlockStep
  std::size_t end = 0;
  std::vector<float> values;
  std::vector<float> halves;
  std::vector<float> limits;
};

void fill(Block& block, const Side& side, const Space& space, std::size_t first, std::size_t end,
          std::size_t strip) {
  const std::size_t width = side.matrix.width;
  block.first = first;
  block.end = end;
  block.rows = (end - first + kBlockStep - 1) / kBlockStep * kBlockStep;
  block.values.assign(block.rows * width, 0);
  block.halves.assign(block.rows, kInfinity);
  block.limits.assign(block.rows, -kInfinity);
  for (std::size_t i = 0; i < end - first; ++i) {
    const auto row = side.values(first + i);
    const float factor = side.factors[first + i];
    float* out = block.values.data() + i / strip * strip * width + i % strip;
    for (std::size_t v = 0; v < width; ++v) out[v * strip] = row[v] * factor - space.shift[v];
    block.halves[i] = side.halves[first + i];
  }
}

// Calls take(query place, point place, key) for every pair below its limit; both ways if `both`.
template <class Take, class Limit>
void multiply_blocks(Block& queries, Block& points, std::size_t width, bool both, const Take& take,
                     const Limit& limit_of) {
  const TileKernel kernel = tile_kernel(widest_registers());
  for (std::size_t i = queries.first; i < queries.end; ++i) queries.limits[i - queries.first] = limit_of(i);
  if (both)
    for (std::size_t j = points.first; j < points.end; ++j) points.limits[j - points.first] = limit_of(j);
  TileResult result;
  for (std::size_t p = 0; p < points.rows && points.first + p < points.end; p += kPanelWidth)
    for (std::size_t q = 0; q < queries.rows && queries.first + q < queries.end; q += kTileRows) {
      kernel({.rows = queries.values.data() + q * width,
              .panel = points.values.data() + p * width,
              .width = width,
              .row_halves = queries.halves.data() + q,
              .row_limits = queries.limits.data() + q,
              .panel_halves = points.halves.data() + p,
              .panel_limits = both ? points.limits.data() + p : nullptr},
             result);
      // Limits fall while the hits of a tile are taken, so each is looked at again.
      for (std::size_t r = 0; r < kTileRows; ++r) {
        const float* const products = result.products.data() + r * kPanelWidth;
        for (std::uint32_t hits = result.row_hits[r]; hits != 0; hits &= hits - 1) {
          const auto c = static_cast<std::size_t>(std::countr_zero(hits));
          const float key = points.halves[p + c] - products[c];
          float& limit = queries.limits[q + r];
          if (key < limit) limit = take(queries.first + q + r, points.first + p + c, key);
        }
        for (std::uint32_t hits = result.panel_hits[r]; hits != 0; hits &= hits - 1) {
          const auto c = static_cast<std::size_t>(std::countr_zero(hits));
          const float key = queries.halves[q + r] - products[c];
          float& limit = points.limits[p + c];
          if (key < limit) limit = take(points.first + p + c, queries.first + q + r, key);
        }
      }
    }
}

// The best few candidates of each query, best first. Threads: one for a query at a time.
class Candidates {
 public:
  Candidates(std::size_t queries, std::size_t kept)
      : kept_(kept), found_(queries * kept), counts_(queries), limits_(queries, kInfinity) {}

  // Whatever is not among the candidates has a key of at least this.
  [[nodiscard]] float limit(std::size_t query) const { return limits_[query]; }
  [[nodiscard]] std::span<const Candidate> best(std::size_t query) const {
    return std::span(found_).subspan(query * kept_, counts_[query]);
  }
  // Returns the new limit.
  float add(std::size_t query, Candidate candidate) {
    Candidate* const mine = found_.data() + query * kept_;
    std::size_t place = counts_[query];
    if (place == kept_) {
      if (candidate >= mine[--place]) return limits_[query];
    } else {
      ++counts_[query];
    }
    for (; place > 0 && candidate < mine[place - 1]; --place) mine[place] = mine[place - 1];
    mine[place] = candidate;
    if (counts_[query] == kept_) limits_[query] = mine[kept_ - 1].key();
    return limits_[query];
  }

 private:
  std::size_t kept_;
  std::vector<Candidate> found_;
  std::vector<std::uint32_t> counts_;
  std::vector<float> limits_;
};

class Search {
 public:
  // `self`: both sides are the same, and a row is no neighbour of itself.
  Search(const Space& space, const Side& queries, const Side& points, bool self, std::size_t k,
         std::size_t jobs)
      : space_(space),
        queries_(queries),
        points_(points),
        self_(self),
        k_(k),
        jobs_(jobs),
        block_(std::clamp(std::size_t{65'536} / std::max<std::size_t>(width(), 1) / kBlockStep,
                          std::size_t{1}, std::size_t{11}) *
               kBlockStep),  // two blocks of 256 KiB fit into a second-level cache
        candidates_(queries.order.size(), k + kSpare),
        near_(queries.order.size() * k) {}

  // Of each query the k nearest points, by place.
  std::vector<Near> run() {
    if (k_ == 0) return {};
    if (self_)
      collect_within();
    else
      collect_across();
    std::vector<std::uint8_t> unsure(count());
    parallel_for((count() + kRefined - 1) / kRefined, jobs_, [&](std::size_t part) {
      for (std::size_t q = part * kRefined; q < std::min((part + 1) * kRefined, count()); ++q)
        unsure[q] = refine(q) ? 0 : 1;
    });
    std::vector<std::uint32_t> again;
    for (std::size_t q = 0; q < count(); ++q)
      if (unsure[q] != 0) again.push_back(static_cast<std::uint32_t>(q));
    if (!again.empty()) search_again(again);
    return std::move(near_);
  }

 private:
  static constexpr std::size_t kRefined = 256;  // queries of one task

  [[nodiscard]] std::size_t count() const { return queries_.order.size(); }
  [[nodiscard]] std::size_t width() const { return points_.matrix.width; }
  [[nodiscard]] std::size_t blocks_of(const Side& side) const {
    return (side.order.size() + block_ - 1) / block_;
  }
  void fill_block(Block& block, const Side& side, std::size_t index, std::size_t strip) const {
    fill(block, side, space_, index * block_, std::min((index + 1) * block_, side.order.size()), strip);
  }

  void meet(std::size_t left, std::size_t right) {
    Block rows;
    Block panel;
    fill_block(rows, queries_, left, kTileRows);
    fill_block(panel, points_, right, kPanelWidth);
    multiply_blocks(
        rows, panel, width(), self_ && left != right,
        [&](std::size_t query, std::size_t point, float key) {
          if (self_ && query == point) return candidates_.limit(query);
          return candidates_.add(query, Candidate(key, point));
        },
        [&](std::size_t query) { return candidates_.limit(query); });
  }

  // Each pair of blocks once, for both. In a round of the tournament no block plays twice, so no two threads
  // touch the same query, and the order of a query's candidates is always the same.
  void collect_within() {
    const std::size_t blocks = blocks_of(queries_);
    parallel_for(blocks, jobs_, [&](std::size_t b) { meet(b, b); });
    const std::size_t seats = blocks + blocks % 2;
    for (std::size_t round = 0; round + 1 < seats; ++round)
      parallel_for(seats / 2, jobs_, [&](std::size_t i) {
        const std::size_t left = i == 0 ? seats - 1 : (round + i) % (seats - 1);
        const std::size_t right = (round + seats - 1 - i) % (seats - 1);
        if (left < blocks && right < blocks) meet(left, right);
      });
  }

  void collect_across() {
    parallel_for(blocks_of(queries_), jobs_, [&](std::size_t left) {
      for (std::size_t right = 0; right < blocks_of(points_); ++right) meet(left, right);
    });
  }

  // Half the squared norm of a query, and the key in exact arithmetic of a point at this distance.
  [[nodiscard]] double key_at(std::size_t query, double distance) const {
    if (space_.distance == Distance::Cosine) return distance - 1;
    const double scaled = distance * double{space_.scale};
    return scaled * scaled / 2 - double{queries_.halves[query]};
  }
  [[nodiscard]] double distance_at(std::size_t query, double key) const {
    if (space_.distance == Distance::Cosine) return key + 1;
    return std::sqrt(std::max(0.0, 2 * (key + double{queries_.halves[query]}))) / double{space_.scale};
  }
  // How far rounding can have moved the key of a point within this distance: some standard deviations of a
  // sum of `width` rounded products.
  [[nodiscard]] double rounding(std::size_t query, double distance) const {
    const double factor = 0x1p-24 * (2 * std::sqrt(static_cast<double>(width())) + 8);
    if (space_.distance == Distance::Cosine) return factor;
    const double reach = std::sqrt(2 * double{queries_.halves[query]}) + distance * double{space_.scale};
    return factor * reach * reach;
  }

  // False if a point beyond the candidates may be nearer than the last of them.
  bool refine(std::size_t query) {
    const std::span<const Candidate> best = candidates_.best(query);
    const std::size_t kept = std::min(k_, best.size());
    // Only candidates within rounding of the last can take its place.
    const double last_key{best[kept - 1].key()};
    const double slack = 2 * rounding(query, distance_at(query, last_key));
    std::vector<Near> near;
    for (const Candidate& each : best)
      if (double{each.key()} <= last_key + slack)
        near.push_back({.distance = distance_between(space_, queries_, query, points_, each.place()),
                        .row = static_cast<std::uint32_t>(each.place())});
    std::ranges::partial_sort(near, near.begin() + static_cast<std::ptrdiff_t>(kept));
    std::ranges::copy(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(kept),
                      near_.begin() + static_cast<std::ptrdiff_t>(query * k_));
    const double last = near[kept - 1].distance;
    const float limit = candidates_.limit(query);
    return limit == kInfinity || double{limit} > key_at(query, last) + rounding(query, last);
  }

  // Every point that could be among the k nearest of these queries is measured in double precision.
  void search_again(const std::vector<std::uint32_t>& again) {
    std::vector<std::uint32_t> rows(again.size());
    for (std::size_t i = 0; i < again.size(); ++i) rows[i] = queries_.order[again[i]];
    const Side side(queries_.matrix, rows, space_);
    parallel_for(blocks_of(side), jobs_, [&](std::size_t left) {
      Block queries;
      Block points;
      fill_block(queries, side, left, kTileRows);
      std::vector<std::vector<Near>> found(queries.end - queries.first);
      std::vector<float> limits(found.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        const std::size_t query = again[queries.first + i];
        const double last = near_[query * k_ + k_ - 1].distance;
        const double limit = key_at(query, last) + rounding(query, last);
        limits[i] = std::nextafter(static_cast<float>(limit), kInfinity);
      }
      for (std::size_t right = 0; right < blocks_of(points_); ++right) {
        fill_block(points, points_, right, kPanelWidth);
        multiply_blocks(
            queries, points, width(), false,
            [&](std::size_t query, std::size_t point, float) {
              const std::size_t i = query - queries.first;
              if (!self_ || again[query] != point) measure(found[i], side, query, point);
              return limits[i];
            },
            [&](std::size_t query) { return limits[query - queries.first]; });
      }
      for (std::size_t i = 0; i < found.size(); ++i) {
        std::ranges::sort_heap(found[i]);
        std::ranges::copy(found[i],
                          near_.begin() + static_cast<std::ptrdiff_t>(again[queries.first + i] * k_));
      }
    });
  }

  void measure(std::vector<Near>& heap, const Side& side, std::size_t query, std::size_t point) const {
    const Near near{.distance = distance_between(space_, side, query, points_, point),
                    .row = static_cast<std::uint32_t>(point)};
    if (heap.size() == k_) {
      if (near >= heap.front()) return;
      std::ranges::pop_heap(heap);
      heap.pop_back();
    }
    heap.push_back(near);
    std::ranges::push_heap(heap);
  }

  const Space& space_;
  const Side& queries_;
  const Side& points_;
  bool self_;
  std::size_t k_;
  std::size_t jobs_;
  std::size_t block_;
  Candidates candidates_;
  std::vector<Near> near_;
};

std::vector<std::uint32_t> first_rows(const Groups& groups) {
  std::vector<std::uint32_t> rows(groups.count());
  for (std::size_t g = 0; g < rows.size(); ++g) rows[g] = groups.first(g);
  return rows;
}

// Neighbours by group become neighbours by row. `near`: of one query, by group.
void expand(std::span<const Near> near, const Groups& groups, std::vector<Near>& rows, std::size_t k,
            std::size_t except) {
  for (const Near& each : near) {
    std::size_t taken = 0;
    for (const std::uint32_t row : groups.rows(each.row)) {
      if (row == except) continue;
      if (taken++ == k) break;
      rows.push_back({.distance = each.distance, .row = row});
    }
  }
  std::ranges::sort(rows);
  rows.resize(k);
}

void put(Neighbours& result, std::size_t query, std::span<const Near> near) {
  for (std::size_t i = 0; i < near.size(); ++i) {
    result.rows[query * result.k + i] = near[i].row;
    result.distances[query * result.k + i] = static_cast<float>(near[i].distance);
  }
}

Neighbours room_for(std::size_t queries, std::size_t k) {
  return {
      .k = k, .rows = std::vector<std::uint32_t>(queries * k), .distances = std::vector<float>(queries * k)};
}

}  // namespace

Neighbours nearest_neighbours(const MatrixView& points, std::size_t k, Distance distance, std::size_t jobs) {
  k = points.rows == 0 ? 0 : std::min(k, points.rows - 1);
  Neighbours result = room_for(points.rows, k);
  if (k == 0) return result;
  const Groups groups = group_equal_rows(points);
  const Space space(points, distance);
  const Side side(points, first_rows(groups), space);
  const std::size_t others = std::min(k, groups.count() - 1);
  const std::vector<Near> near = Search(space, side, side, true, others, jobs).run();
  std::vector<Near> rows;
  for (std::size_t i = 0; i < points.rows; ++i) {
    const std::uint32_t group = groups.of[i];
    rows.clear();
    // Equal rows are nearest. They have no distance, not even that of rounding.
    const Near own{.distance = 0, .row = group};
    std::vector<Near> all(1, own);
    const auto found = std::span(near).subspan(group * others, others);
    all.insert(all.end(), found.begin(), found.end());
    expand(all, groups, rows, k, i);
    put(result, i, rows);
  }
  return result;
}

Neighbours nearest_neighbours(const MatrixView& queries, const MatrixView& points, std::size_t k,
                              Distance distance, std::size_t jobs) {
  k = std::min(k, points.rows);
  Neighbours result = room_for(queries.rows, k);
  if (k == 0 || queries.rows == 0) return result;
  const Groups groups = group_equal_rows(points);
  const Space space(points, distance);
  std::vector<std::uint32_t> all(queries.rows);
  std::iota(all.begin(), all.end(), 0U);
  const Side asking(queries, std::move(all), space);
  const Side answering(points, first_rows(groups), space);
  const std::size_t kept = std::min(k, groups.count());
  const std::vector<Near> near = Search(space, asking, answering, false, kept, jobs).run();
  std::vector<Near> rows;
  for (std::size_t i = 0; i < queries.rows; ++i) {
    rows.clear();
    expand(std::span(near).subspan(i * kept, kept), groups, rows, k, points.rows);
    put(result, i, rows);
  }
  return result;
}

}  // namespace bulwark::stats
