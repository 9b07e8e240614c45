#include "assay/labels/confident.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "assay/labels/joint.h"
#include "assay/labels/sort_order.h"
#include "base/parallel.h"

namespace bulwark::assay::labels {
namespace {

constexpr double kSlack = 1e-6;  // by which the reference lets two probabilities differ
constexpr double kLeastThreshold = 2 * kSlack;
constexpr std::size_t kChunk = std::size_t{1} << 16;  // rows; partial sums are merged in their order
// Above, ties at a cut are settled by row: replaying a sort would cost more than all the rest.
constexpr std::size_t kReplayed = std::size_t{1} << 17;

constexpr std::string_view kNames[] = {
    "prune_by_noise_rate", "prune_by_class",        "both", "confident_learning", "predicted_neq_given",
    "low_self_confidence", "low_normalized_margin",
};

template <class T>
struct Scan {
  std::size_t bins = 0;  // classes at or above their threshold
  T largest = 0;
};

template <class T>
Scan<T> scan(const T* p, const T* limits, std::size_t classes) {
  using Word = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  constexpr std::size_t kLanes = 16 / sizeof(T);
  using Lanes [[gnu::vector_size(16)]] = T;
  using Words [[gnu::vector_size(16)]] = Word;
  Scan<T> result{.bins = 0, .largest = p[0]};
  std::size_t k = 0;
  if (classes >= kLanes) {
    Lanes largest;
    std::memcpy(&largest, p, sizeof(largest));
    Words bins{};
    for (; k + kLanes <= classes; k += kLanes) {
      Lanes values;
      Lanes bounds;
      std::memcpy(&values, p + k, sizeof(values));
      std::memcpy(&bounds, limits + k, sizeof(bounds));
      largest = values > largest ? values : largest;
      bins -= values >= bounds;  // a true lane is -1
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      result.largest = std::max(result.largest, largest[lane]);
      result.bins += static_cast<std::size_t>(bins[lane]);
    }
  }
  for (; k < classes; ++k) {
    result.largest = std::max(result.largest, p[k]);
    result.bins += p[k] >= limits[k] ? 1 : 0;
  }
  return result;
}

// A row whose most probable class is not the given one: only such a row can be an issue, because all filters
// but the two rankings acquit the others in the end.
class Suspect {
 public:
  Suspect(std::size_t index, bool counted)
      : bits_(static_cast<std::uint32_t>(index) << 1 | (counted ? 1U : 0U)) {}
  [[nodiscard]] std::uint32_t index() const { return bits_ >> 1; }
  [[nodiscard]] bool counted() const { return (bits_ & 1) != 0; }  // off the diagonal of the joint

 private:
  std::uint32_t bits_;  // a million rows may have a hundred thousand of these
};

template <class T>
class Engine final : public Confident {
 public:
  Engine(const Given& given, std::span<const T> values, std::size_t jobs)
      : given_(given), values_(values), classes_(given.classes), jobs_(jobs) {
    find_thresholds();
    count_joint();
    calibrated_ = calibrate(joint_, thresholds_.rows);
    prune_ = prune_counts(calibrated_);
  }

  [[nodiscard]] const Thresholds& thresholds() const override { return thresholds_; }
  [[nodiscard]] const Counts& joint() const override { return joint_; }
  [[nodiscard]] const Counts& calibrated() const override { return calibrated_; }

  [[nodiscard]] std::vector<std::uint32_t> flagged(Filter filter) override {
    switch (filter) {
      case Filter::LowSelfConfidence:
      case Filter::LowNormalizedMargin: return lowest(filter);
      case Filter::PruneByNoiseRate: return convicted(by_noise_rate());
      case Filter::PruneByClass: return convicted(by_class());
      case Filter::Both: {
        std::vector<std::uint8_t> marks = by_noise_rate();
        const std::vector<std::uint8_t> others = by_class();
        for (std::size_t s = 0; s < marks.size(); ++s) marks[s] &= others[s];
        return convicted(marks);
      }
      case Filter::ConfidentLearning: {
        std::vector<std::uint8_t> marks(suspects_.size());
        for (std::size_t s = 0; s < marks.size(); ++s) marks[s] = suspects_[s].counted() ? 1 : 0;
        return convicted(marks);
      }
      case Filter::PredictedNeqGiven: return convicted(std::vector<std::uint8_t>(suspects_.size(), 1));
    }
    return {};
  }

 private:
  [[nodiscard]] const T* row(std::size_t i) const {
    return values_.data() + (given_.row.empty() ? i : given_.row[i]) * classes_;
  }
  [[nodiscard]] std::size_t label(std::size_t i) const { return static_cast<std::size_t>(given_.label[i]); }

  template <class Body>  // body(chunk, first, end)
  void each_chunk(const Body& body) const {
    const std::size_t rows = given_.label.size();
    parallel_for((rows + kChunk - 1) / kChunk, jobs_, [&](std::size_t chunk) {
      body(chunk, chunk * kChunk, std::min((chunk + 1) * kChunk, rows));
    });
  }

  void find_thresholds() {
    struct Part {
      std::vector<double> sums;
      std::vector<std::uint64_t> rows;
    };
    std::vector<Part> parts((given_.label.size() + kChunk - 1) / kChunk);
    each_chunk([&](std::size_t chunk, std::size_t first, std::size_t end) {
      Part& part = parts[chunk];
      part.sums.resize(classes_);
      part.rows.resize(classes_);
      for (std::size_t i = first; i < end; ++i) {
        if (given_.label[i] < 0) continue;
        part.sums[label(i)] += double{row(i)[label(i)]};
        ++part.rows[label(i)];
      }
    });
    thresholds_.mean.resize(classes_);
    thresholds_.rows.resize(classes_);
    for (const Part& part : parts)
      for (std::size_t k = 0; k < classes_; ++k) {
        thresholds_.mean[k] += part.sums[k];
        thresholds_.rows[k] += part.rows[k];
      }
    limits_.resize(classes_);
    for (std::size_t k = 0; k < classes_; ++k) {
      double& mean = thresholds_.mean[k];
      const auto rows = static_cast<double>(thresholds_.rows[k]);
      mean = rows > 0 ? std::max(mean / rows, kLeastThreshold) : 2;
      limits_[k] = static_cast<T>(mean) - static_cast<T>(kSlack);
    }
  }

  // The class that the row is counted under, or -1.
  [[nodiscard]] std::ptrdiff_t suggested(const T* p, std::size_t given, const Scan<T>& found) const {
    if (found.bins == 0) return -1;
    if (found.bins == 1) {
      if (p[given] >= limits_[given]) return static_cast<std::ptrdiff_t>(given);
      std::size_t k = 0;
      while (p[k] < limits_[k]) ++k;
      return static_cast<std::ptrdiff_t>(k);
    }
    return std::find(p, p + classes_, found.largest) - p;
  }

  void count_joint() {
    joint_ = {.classes = classes_, .cells = std::vector<std::int64_t>(classes_ * classes_)};
    // Counts may be added in any order, so there are only as many partial joints as threads.
    const std::size_t rows = given_.label.size();
    const std::size_t chunks = (rows + kChunk - 1) / kChunk;
    const std::size_t shares = std::clamp<std::size_t>(jobs_, 1, std::max<std::size_t>(chunks, 1));
    std::vector<std::vector<std::int64_t>> cells(shares);
    std::vector<std::vector<Suspect>> suspects(shares);
    parallel_for(shares, jobs_, [&](std::size_t share) {
      cells[share].resize(classes_ * classes_);
      const std::size_t end = std::min(chunks * (share + 1) / shares * kChunk, rows);
      for (std::size_t i = chunks * share / shares * kChunk; i < end; ++i) {
        if (given_.label[i] < 0) continue;
        const T* const p = row(i);
        const Scan<T> found = scan(p, limits_.data(), classes_);
        const std::ptrdiff_t other = suggested(p, label(i), found);
        if (other >= 0) ++cells[share][label(i) * classes_ + static_cast<std::size_t>(other)];
        if (found.largest > p[label(i)])
          suspects[share].emplace_back(i, other >= 0 && other != given_.label[i]);
      }
    });
    suspects_ = std::move(suspects.front());
    for (std::size_t share = 0; share < shares; ++share) {
      for (std::size_t c = 0; c < joint_.cells.size(); ++c) joint_.cells[c] += cells[share][c];
      if (share > 0) suspects_.insert(suspects_.end(), suspects[share].begin(), suspects[share].end());
      std::vector<Suspect>().swap(suspects[share]);
    }
    for (std::size_t k = 0; k < classes_; ++k) joint_.at(k, k) = std::max<std::int64_t>(joint_.at(k, k), 1);
    sort_suspects();
  }

  void sort_suspects() {
    suspect_start_.assign(classes_ + 1, 0);
    for (const Suspect& suspect : suspects_) ++suspect_start_[label(suspect.index()) + 1];
    for (std::size_t k = 0; k < classes_; ++k) suspect_start_[k + 1] += suspect_start_[k];
    suspects_by_class_.resize(suspects_.size());
    std::vector<std::size_t> next(suspect_start_.begin(), suspect_start_.end() - 1);
    for (std::size_t s = 0; s < suspects_.size(); ++s)
      suspects_by_class_[next[label(suspects_[s].index())]++] = static_cast<std::uint32_t>(s);
  }

  // Rows of a class, ascending.
  [[nodiscard]] std::vector<std::uint32_t> rows_of(std::size_t k) const {
    std::vector<std::uint32_t> rows;
    rows.reserve(thresholds_.rows[k]);
    for (std::size_t i = 0; i < given_.label.size(); ++i)
      if (given_.label[i] == static_cast<std::int32_t>(k)) rows.push_back(static_cast<std::uint32_t>(i));
    return rows;
  }

  // Suspects that are still issues although their given label gets a little more.
  [[nodiscard]] std::vector<std::uint32_t> convicted(const std::vector<std::uint8_t>& marks) const {
    std::vector<std::uint32_t> rows;
    for (std::size_t s = 0; s < suspects_.size(); ++s) {
      if (marks[s] == 0) continue;
      const std::size_t given = label(suspects_[s].index());
      const T* const p = row(suspects_[s].index());
      const T own = p[given] + static_cast<T>(kSlack);
      const bool beaten = std::any_of(p, p + given, [&](T other) { return other >= own; }) ||
                          std::any_of(p + given + 1, p + classes_, [&](T other) { return other > own; });
      if (beaten) rows.push_back(suspects_[s].index());
    }
    return rows;
  }

  // Places of the `count` smallest. Equals at the cut: as the reference has them, or the first.
  [[nodiscard]] static std::vector<std::uint32_t> smallest(std::span<const T> values, std::size_t count) {
    std::vector<std::uint32_t> order(values.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
    if (count >= order.size()) return order;
    const auto cut = order.begin() + static_cast<std::ptrdiff_t>(count);
    std::ranges::nth_element(order, cut, [&](std::uint32_t a, std::uint32_t b) {
      return values[a] != values[b] ? values[a] < values[b] : a < b;
    });
    const bool tied =
        std::any_of(order.begin(), cut, [&](std::uint32_t i) { return values[i] == values[*cut]; });
    if (tied && values.size() <= kReplayed) order = numpy_order(values);
    order.resize(count);
    return order;
  }

  [[nodiscard]] std::vector<std::uint8_t> by_noise_rate() const {
    std::vector<std::uint8_t> marks(suspects_.size());
    parallel_for(classes_, jobs_, [&](std::size_t k) {
      if (thresholds_.rows[k] > 1) prune_pairs(k, marks);
    });
    return marks;
  }

  // For every other class j the m rows labelled k with the largest margin p[j] - p[k]. Outside the suspects
  // that prefer j to k no margin is positive: if there are at least m of these, nobody else is looked at.
  void prune_pairs(std::size_t k, std::vector<std::uint8_t>& marks) const {
    const auto suspects =
        std::span(suspects_by_class_).subspan(suspect_start_[k], suspect_start_[k + 1] - suspect_start_[k]);
    std::vector<T> margins(classes_ * suspects.size());  // negative, by class
    for (std::size_t s = 0; s < suspects.size(); ++s) {
      const T* const p = row(suspects_[suspects[s]].index());
      for (std::size_t j = 0; j < classes_; ++j) margins[j * suspects.size() + s] = p[k] - p[j];
    }
    std::vector<std::uint32_t> all;  // rows of the class, if they are needed
    std::vector<std::pair<T, std::uint32_t>> preferring;
    for (std::size_t j = 0; j < classes_; ++j) {
      const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(prune_.at(j, k), 0));
      if (j == k || wanted == 0) continue;
      preferring.clear();
      for (std::size_t s = 0; s < suspects.size(); ++s)
        if (const T margin = margins[j * suspects.size() + s]; margin < 0)
          preferring.emplace_back(margin, suspects[s]);
      if (preferring.size() == wanted || take_best(preferring, wanted)) {
        for (std::size_t i = 0; i < wanted; ++i) marks[preferring[i].second] = 1;
        continue;
      }
      if (all.empty()) all = rows_of(k);
      mark_of_all(k, j, all, wanted, marks);
    }
  }

  // Puts the best to the front. False if all rows of the class have a say: there are too few, or the cut
  // falls between equals and can be replayed.
  [[nodiscard]] bool take_best(std::vector<std::pair<T, std::uint32_t>>& preferring,
                               std::size_t wanted) const {
    if (preferring.size() < wanted) return false;
    const auto cut = preferring.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::ranges::nth_element(preferring, cut);
    const std::size_t k = label(suspects_[preferring.front().second].index());
    return thresholds_.rows[k] > kReplayed ||
           std::none_of(preferring.begin(), cut, [&](const auto& each) { return each.first == cut->first; });
  }

  void mark_of_all(std::size_t k, std::size_t j, const std::vector<std::uint32_t>& all, std::size_t wanted,
                   std::vector<std::uint8_t>& marks) const {
    std::vector<T> margins(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) margins[i] = -(row(all[i])[j] - row(all[i])[k]);
    for (const std::uint32_t i : smallest(margins, wanted)) mark(all[i], marks);
  }

  void mark(std::uint32_t index, std::vector<std::uint8_t>& marks) const {
    const auto found = std::ranges::lower_bound(suspects_, index, {}, &Suspect::index);
    if (found != suspects_.end() && found->index() == index)
      marks[static_cast<std::size_t>(found - suspects_.begin())] = 1;
  }

  [[nodiscard]] std::vector<std::uint8_t> by_class() const {
    std::vector<std::uint8_t> marks(suspects_.size());
    parallel_for(classes_, jobs_, [&](std::size_t k) {
      const auto rows = static_cast<std::int64_t>(thresholds_.rows[k]);
      if (rows <= 1 || prune_.at(k, k) >= rows) return;
      const std::vector<std::uint32_t> all = rows_of(k);
      std::vector<T> own(all.size());
      for (std::size_t i = 0; i < all.size(); ++i) own[i] = row(all[i])[k];
      for (const std::uint32_t i : smallest(own, static_cast<std::size_t>(rows - prune_.at(k, k))))
        mark(all[i], marks);
    });
    return marks;
  }

  // As many of the lowest scores as confident learning finds issues.
  [[nodiscard]] std::vector<std::uint32_t> lowest(Filter filter) {
    const std::size_t count = flagged(Filter::ConfidentLearning).size();
    std::vector<std::uint32_t> labelled;
    std::vector<T> scores;
    for (std::size_t i = 0; i < given_.label.size(); ++i) {
      if (given_.label[i] < 0) continue;
      labelled.push_back(static_cast<std::uint32_t>(i));
      const T* const p = row(i);
      T score = p[label(i)];
      if (filter == Filter::LowNormalizedMargin) {
        T other = -1;
        for (std::size_t k = 0; k < classes_; ++k)
          if (k != label(i)) other = std::max(other, p[k]);
        score = (score - other + 1) / 2;
      }
      scores.push_back(score);
    }
    std::vector<std::uint32_t> rows = smallest(scores, count);
    for (std::uint32_t& each : rows) each = labelled[each];
    std::ranges::sort(rows);
    return rows;
  }

  const Given& given_;
  std::span<const T> values_;
  std::size_t classes_;
  std::size_t jobs_;
  Thresholds thresholds_;
  std::vector<T> limits_;
  Counts joint_;
  Counts calibrated_;
  Counts prune_;                   // row: true class, column: given
  std::vector<Suspect> suspects_;  // ascending
  std::vector<std::uint32_t> suspects_by_class_;
  std::vector<std::size_t> suspect_start_;
};

}  // namespace

double Given::at(std::size_t i, std::size_t column) const {
  const std::size_t place = (row.empty() ? i : row[i]) * classes + column;
  return floats.empty() ? doubles[place] : double{floats[place]};
}

std::string_view name_of(Filter filter) {
  return kNames[static_cast<std::size_t>(filter)];
}

std::optional<Filter> filter_from(std::string_view name) {
  for (std::size_t i = 0; i < kFilters; ++i)
    if (kNames[i] == name) return static_cast<Filter>(i);
  return std::nullopt;
}

std::unique_ptr<Confident> learn_confidently(const Given& given, std::size_t jobs) {
  if (given.floats.empty()) return std::make_unique<Engine<double>>(given, given.doubles, jobs);
  return std::make_unique<Engine<float>>(given, given.floats, jobs);
}

std::vector<double> self_confidence(const Given& given) {
  std::vector<double> scores(given.label.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (given.label[i] >= 0) scores[i] = given.at(i, static_cast<std::size_t>(given.label[i]));
  return scores;
}

std::vector<double> normalised_margin(const Given& given) {
  std::vector<double> scores = self_confidence(given);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (given.label[i] < 0) continue;
    double other = -1;
    for (std::size_t k = 0; k < given.classes; ++k)
      if (k != static_cast<std::size_t>(given.label[i])) other = std::max(other, given.at(i, k));
    scores[i] = (scores[i] - other + 1) / 2;
  }
  return scores;
}

std::size_t most_probable(const Given& given, std::size_t i) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < given.classes; ++k)
    if (given.at(i, k) > given.at(i, best)) best = k;
  return best;
}

}  // namespace bulwark::assay::labels
