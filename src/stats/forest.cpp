#include "stats/forest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/parallel.h"
#include "stats/random.h"

namespace bulwark::stats {
namespace {

constexpr std::size_t kBins = 64;
constexpr std::size_t kInsertion = 32;         // fewer rows are not worth counting
constexpr std::size_t kQuantileRows = 10'000;  // as many rows decide where a feature is cut

// Training rows as numbers of bins, feature by feature.
struct Binned {
  std::size_t rows = 0;
  std::vector<std::vector<float>> cuts;  // of each feature, ascending; bin b holds values up to cuts[b]
  std::vector<std::uint8_t> bins;        // width × rows
  std::vector<std::uint16_t> labels;

  explicit Binned(const Lesson& lesson)
      : rows(lesson.rows.size()), cuts(lesson.points.width), bins(rows * cuts.size()), labels(rows) {
    for (std::size_t i = 0; i < rows; ++i)
      labels[i] = static_cast<std::uint16_t>(lesson.labels[lesson.rows[i]]);
    std::vector<float> values;
    const std::size_t step = std::max<std::size_t>(1, rows / kQuantileRows);
    for (std::size_t v = 0; v < cuts.size(); ++v) {
      values.clear();
      for (std::size_t i = 0; i < rows; i += step) values.push_back(lesson.points.row(lesson.rows[i])[v]);
      std::ranges::sort(values);
      for (std::size_t b = 1; b < kBins; ++b) {
        const float low = values[(values.size() - 1) * b / kBins];
        const auto above = std::ranges::upper_bound(values, low);
        if (above == values.end()) break;
        const float cut = low + (*above - low) / 2;
        if (cuts[v].empty() || cut > cuts[v].back()) cuts[v].push_back(cut);
      }
      for (std::size_t i = 0; i < rows; ++i)
        bins[v * rows + i] = static_cast<std::uint8_t>(
            std::ranges::lower_bound(cuts[v], lesson.points.row(lesson.rows[i])[v]) - cuts[v].begin());
    }
  }
};

struct Cut {
  double gain = -1;
  std::size_t feature = 0;
  std::uint8_t bin = 0;
};

class Grower {
 public:
  Grower(const Binned& binned, std::size_t classes, Philox random)
      : binned_(binned),
        classes_(classes),
        random_(random),
        tried_(static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(binned.cuts.size()))))),
        sample_(binned.rows),
        features_(binned.cuts.size()),
        keys_(binned.rows),
        all_(classes),
        left_(classes),
        right_(classes) {
    for (std::uint32_t& row : sample_) row = static_cast<std::uint32_t>(random_.below(binned.rows));
    std::iota(features_.begin(), features_.end(), 0U);
  }

  Forest::Tree grow() {
    struct Open {
      std::uint32_t node;
      std::size_t first;
      std::size_t end;
    };
    std::vector<Open> open = {{.node = 0, .first = 0, .end = sample_.size()}};
    tree_.nodes.emplace_back();
    while (!open.empty()) {
      const Open here = open.back();
      open.pop_back();
      const Cut cut = best_cut(here.first, here.end);
      if (cut.gain < 0) {
        close_leaf(here.node, here.first, here.end);
        continue;
      }
      const std::uint8_t* const bins = binned_.bins.data() + cut.feature * binned_.rows;
      const auto middle = std::partition(sample_.begin() + static_cast<std::ptrdiff_t>(here.first),
                                         sample_.begin() + static_cast<std::ptrdiff_t>(here.end),
                                         [&](std::uint32_t row) { return bins[row] <= cut.bin; });
      const auto split = static_cast<std::size_t>(middle - sample_.begin());
      const auto child = static_cast<std::uint32_t>(tree_.nodes.size());
      tree_.nodes[here.node] = {.cut = binned_.cuts[cut.feature][cut.bin],
                                .feature = static_cast<std::int32_t>(cut.feature),
                                .left = child};
      tree_.nodes.resize(tree_.nodes.size() + 2);
      open.push_back({.node = child, .first = here.first, .end = split});
      open.push_back({.node = child + 1, .first = split, .end = here.end});
    }
    return std::move(tree_);
  }

 private:
  [[nodiscard]] std::size_t label(std::uint32_t row) const { return binned_.labels[row]; }

  void close_leaf(std::uint32_t node, std::size_t first, std::size_t end) {
    tree_.nodes[node].left = static_cast<std::uint32_t>(tree_.shares.size());
    tree_.shares.resize(tree_.shares.size() + classes_);
    float* const shares = tree_.shares.data() + tree_.nodes[node].left;
    for (std::size_t i = first; i < end; ++i)
      shares[label(sample_[i])] += 1 / static_cast<float>(end - first);
  }

  // Features are drawn until enough of them differ within the node.
  Cut best_cut(std::size_t first, std::size_t end) {
    Cut best;
    const auto rows = std::span(sample_).subspan(first, end - first);
    if (std::ranges::all_of(rows, [&](std::uint32_t row) { return label(row) == label(rows.front()); }))
      return best;
    std::ranges::fill(all_, 0);
    for (const std::uint32_t row : rows) all_[label(row)] += 1;
    all_squares_ = 0;
    for (const double count : all_) all_squares_ += count * count;
    std::size_t useful = 0;
    for (std::size_t drawn = 0; drawn < features_.size() && useful < tried_; ++drawn) {
      std::swap(features_[drawn], features_[drawn + random_.below(features_.size() - drawn)]);
      if (try_feature(features_[drawn], rows, best)) ++useful;
    }
    return best;
  }

  // Bins and labels of the rows, ordered by bin, as bin << 16 | label.
  void sort_keys(const std::uint8_t* bins, std::span<const std::uint32_t> rows, std::size_t used) {
    const auto key = [&](std::uint32_t row) { return std::uint32_t{bins[row]} << 16 | binned_.labels[row]; };
    if (rows.size() <= kInsertion) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::uint32_t moving = key(rows[i]);
        std::size_t place = i;
        for (; place > 0 && keys_[place - 1] > moving; --place) keys_[place] = keys_[place - 1];
        keys_[place] = moving;
      }
      return;
    }
    std::uint32_t start[kBins + 1] = {};
    for (const std::uint32_t row : rows) ++start[bins[row] + 1];
    for (std::size_t bin = 1; bin < used; ++bin) start[bin] += start[bin - 1];
    for (const std::uint32_t row : rows) keys_[start[bins[row]]++] = key(row);
  }

  // False if all rows have one value.
  bool try_feature(std::size_t feature, std::span<const std::uint32_t> rows, Cut& best) {
    const std::uint8_t* const bins = binned_.bins.data() + feature * binned_.rows;
    const std::uint8_t first = bins[rows.front()];
    if (std::ranges::all_of(rows, [&](std::uint32_t row) { return bins[row] == first; })) return false;
    sort_keys(bins, rows, binned_.cuts[feature].size() + 1);
    std::ranges::fill(left_, 0);
    std::ranges::copy(all_, right_.begin());
    // Squares of counts change by 2 n + 1 when a row changes sides: no pass over the classes.
    double left_squares = 0;
    double right_squares = all_squares_;
    const auto all = static_cast<double>(rows.size());
    for (std::size_t moved = 0; moved < rows.size(); ++moved) {
      const std::uint32_t bin = keys_[moved] >> 16;
      const std::uint32_t label = keys_[moved] & 0xFFFF;
      if (moved > 0 && bin != keys_[moved - 1] >> 16) {
        const auto count = static_cast<double>(moved);
        const double gain = left_squares / count + right_squares / (all - count);
        if (gain > best.gain)
          best = {.gain = gain, .feature = feature, .bin = static_cast<std::uint8_t>(keys_[moved - 1] >> 16)};
      }
      left_squares += 2 * left_[label]++ + 1;
      right_squares -= 2 * right_[label]-- - 1;
    }
    return true;
  }

  const Binned& binned_;
  std::size_t classes_;
  Philox random_;
  std::size_t tried_;
  std::vector<std::uint32_t> sample_;
  std::vector<std::size_t> features_;
  std::vector<std::uint32_t> keys_;
  std::vector<double> all_;  // rows of each class in the node
  double all_squares_ = 0;
  std::vector<double> left_;
  std::vector<double> right_;
  Forest::Tree tree_;
};

}  // namespace

Forest::Forest(const Lesson& lesson, const ForestOptions& options)
    : classes_(lesson.classes), trees_(options.trees) {
  const Binned binned(lesson);
  parallel_for(trees_.size(), options.jobs, [&](std::size_t i) {
    Philox random(options.seed, stream_key("forest"), options.sub_seed << 32 | i);
    trees_[i] = Grower(binned, classes_, random).grow();
  });
}

std::vector<float> Forest::probabilities(const MatrixView& points, std::span<const std::uint32_t> rows,
                                         std::size_t jobs) const {
  constexpr std::size_t kRows = 256;  // of one task
  std::vector<float> result(rows.size() * classes_);
  parallel_for((rows.size() + kRows - 1) / kRows, jobs, [&](std::size_t task) {
    const std::size_t end = std::min((task + 1) * kRows, rows.size());
    for (const Tree& tree : trees_)
      for (std::size_t i = task * kRows; i < end; ++i) {
        const auto values = points.row(rows[i]);
        const Node* node = tree.nodes.data();
        while (node->feature >= 0) {
          const bool right = values[static_cast<std::size_t>(node->feature)] > node->cut;
          node = tree.nodes.data() + node->left + (right ? 1 : 0);
        }
        for (std::size_t k = 0; k < classes_; ++k) result[i * classes_ + k] += tree.shares[node->left + k];
      }
    for (std::size_t i = task * kRows * classes_; i < end * classes_; ++i)
      result[i] /= static_cast<float>(trees_.size());
  });
  return result;
}

}  // namespace bulwark::stats
