#include "assay/leakage/columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "assay/words.h"
#include "base/one_of.h"
#include "base/parallel.h"
#include "base/text.h"
#include "stats/auc.h"
#include "stats/random.h"
#include "tables/values.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kBins = 64;
constexpr std::size_t kLeastRows = 30;
constexpr double kTells =
    0.95;  // a single honest measurement seldom gets there (petal width of irises: 0.93)
constexpr double kCopyAgrees = 0.6;  // kappa of a column that has the classes for values
constexpr double kIdentifier = 0.1;  // a number that only counts should tell nothing

// A column as bins: which of few values each row has.
struct Binned {
  std::vector<std::uint32_t> bin;
  std::size_t bins = 0;
};

Binned binned(const std::vector<double>& values) {
  std::vector<double> sorted;
  for (const double value : values)
    if (std::isfinite(value)) sorted.push_back(value);
  std::ranges::sort(sorted);
  std::vector<double> cuts;
  for (std::size_t i = 1; i < kBins && !sorted.empty(); ++i)
    cuts.push_back(sorted[(sorted.size() - 1) * i / kBins]);
  const auto repeated = std::ranges::unique(cuts);
  cuts.erase(repeated.begin(), repeated.end());
  Binned out{.bin = {}, .bins = cuts.size() + 2};
  for (const double value : values)
    out.bin.push_back(std::isfinite(value) ? static_cast<std::uint32_t>(
                                                 1 + (std::ranges::lower_bound(cuts, value) - cuts.begin()))
                                           : 0);
  return out;
}

Binned binned(const Category& category) {
  Binned out{.bin = {}, .bins = category.values.size() + 1};
  for (const std::int32_t code : category.codes) out.bin.push_back(static_cast<std::uint32_t>(code + 1));
  return out;
}

class Judge {
 public:
  Judge(const Frame& frame, const Settings& settings) : frame_(frame), classes_(frame.classes.size()) {
    stats::Philox random(settings.seed, stats::stream_key("leakage folds"));
    for (std::size_t row = 0; row < frame.rows; ++row)
      fold_.push_back(static_cast<std::uint8_t>(random() & 1));
    std::vector<std::uint64_t> counts(classes_);
    for (const std::int32_t label : frame.labels)
      if (label >= 0) ++counts[static_cast<std::size_t>(label)];
    for (const std::uint64_t count : counts) labelled_ += count;
    const std::uint64_t most = counts.empty() ? 0 : *std::ranges::max_element(counts);
    base_ = labelled_ == 0 ? 1 : static_cast<double>(most) / static_cast<double>(labelled_);
    present_ = static_cast<std::size_t>(std::ranges::count_if(counts, [](std::uint64_t c) { return c > 0; }));
  }

  [[nodiscard]] bool possible() const { return labelled_ >= kLeastRows && present_ >= 2; }

  LeakColumn judge(std::string name, std::string type, const Binned& column) const {
    LeakColumn out{.name = std::move(name), .type = std::move(type), .gain = {}, .auc = {}, .why = {}};
    std::array<std::vector<std::uint32_t>, 2> counts;  // of each fold: bins × classes
    for (auto& side : counts) side.resize(column.bins * classes_);
    for (std::size_t row = 0; row < fold_.size(); ++row)
      if (frame_.labels[row] >= 0)
        ++counts[fold_[row]][column.bin[row] * classes_ + static_cast<std::size_t>(frame_.labels[row])];
    std::array<std::vector<std::size_t>, 2> guess;  // of each bin, from the rows of that fold
    for (std::size_t side = 0; side < 2; ++side) guess[side] = guesses(counts[side], column.bins);
    std::uint64_t right = 0;
    for (std::size_t row = 0; row < fold_.size(); ++row)
      if (frame_.labels[row] >= 0)
        right +=
            guess[1 - fold_[row]][column.bin[row]] == static_cast<std::size_t>(frame_.labels[row]) ? 1U : 0U;
    const stats::Interval accuracy = stats::wilson(right, labelled_);
    const auto gain = [&](double share) {
      return base_ >= 1 ? 0 : std::clamp((share - base_) / (1 - base_), 0.0, 1.0);
    };
    out.gain = {.estimate = gain(accuracy.estimate), .low = gain(accuracy.low), .high = gain(accuracy.high)};
    out.information = information(counts, column.bins);
    return out;
  }

  [[nodiscard]] const std::vector<std::int32_t>& labels() const { return frame_.labels; }

 private:
  // The most frequent class of each bin; of an empty one that of all.
  [[nodiscard]] std::vector<std::size_t> guesses(const std::vector<std::uint32_t>& counts,
                                                 std::size_t bins) const {
    std::vector<std::uint64_t> all(classes_);
    for (std::size_t bin = 0; bin < bins; ++bin)
      for (std::size_t k = 0; k < classes_; ++k) all[k] += counts[bin * classes_ + k];
    const auto fallback = static_cast<std::size_t>(std::ranges::max_element(all) - all.begin());
    std::vector<std::size_t> out(bins, fallback);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(bin * classes_);
      const auto best = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(classes_));
      if (*best > 0) out[bin] = static_cast<std::size_t>(best - begin);
    }
    return out;
  }

  [[nodiscard]] double information(const std::array<std::vector<std::uint32_t>, 2>& counts,
                                   std::size_t bins) const {
    std::vector<double> of_bin(bins);
    std::vector<double> of_class(classes_);
    std::size_t cells = 0;
    const auto n = static_cast<double>(labelled_);
    const auto count = [&](std::size_t i) { return static_cast<double>(counts[0][i] + counts[1][i]); };
    for (std::size_t bin = 0; bin < bins; ++bin)
      for (std::size_t k = 0; k < classes_; ++k) {
        of_bin[bin] += count(bin * classes_ + k);
        of_class[k] += count(bin * classes_ + k);
      }
    double bits = 0;
    for (std::size_t bin = 0; bin < bins; ++bin)
      for (std::size_t k = 0; k < classes_; ++k) {
        const double both = count(bin * classes_ + k);
        if (both == 0) continue;
        ++cells;
        bits += both / n * std::log2(both * n / (of_bin[bin] * of_class[k]));
      }
    const auto used = [](const std::vector<double>& sums) {
      return static_cast<double>(std::ranges::count_if(sums, [](double sum) { return sum > 0; }));
    };
    // Miller's correction (1955): an empty relation has (bins - 1)(classes - 1) / 2n nats by chance.
    const double bias =
        (static_cast<double>(cells) - used(of_bin) - used(of_class) + 1) / (2 * n * std::log(2.0));
    return std::max(0.0, bits - bias);
  }

  const Frame& frame_;
  std::size_t classes_;
  std::size_t present_ = 0;
  std::uint64_t labelled_ = 0;
  double base_ = 1;  // share of the most frequent class
  std::vector<std::uint8_t> fold_;
};

std::vector<double> number_column(const Frame& frame, std::size_t column) {
  std::vector<double> out;
  out.reserve(frame.rows);
  const std::size_t width = frame.feature_names.size();
  for (std::size_t row = 0; row < frame.rows; ++row)
    out.push_back(static_cast<double>(frame.features[row * width + column]));
  return out;
}

// Cohen's kappa between the label and a column whose values are names of classes; nothing if they are not.
std::optional<double> agreement(const Frame& frame, const std::vector<std::int32_t>& as_class) {
  std::vector<double> label(frame.classes.size());
  std::vector<double> column(frame.classes.size());
  double equal = 0;
  double n = 0;
  for (std::size_t row = 0; row < as_class.size(); ++row) {
    if (frame.labels[row] < 0 || as_class[row] == -1) continue;
    if (as_class[row] < 0) return {};  // a value that is no class
    ++n;
    ++label[static_cast<std::size_t>(frame.labels[row])];
    ++column[static_cast<std::size_t>(as_class[row])];
    equal += frame.labels[row] == as_class[row] ? 1 : 0;
  }
  if (n < kLeastRows) return {};
  double chance = 0;
  for (std::size_t k = 0; k < label.size(); ++k) chance += label[k] / n * column[k] / n;
  return chance >= 1 ? 0 : (equal / n - chance) / (1 - chance);
}

std::map<std::string, std::int32_t, std::less<>> class_numbers(const Frame& frame) {
  std::map<std::string, std::int32_t, std::less<>> out;
  for (std::size_t k = 0; k < frame.classes.size(); ++k)
    out.emplace(frame.classes[k], static_cast<std::int32_t>(k));
  return out;
}

std::optional<double> agreement_of_numbers(const Frame& frame, const std::vector<double>& values) {
  std::map<double, std::int32_t> numbers;
  for (std::size_t k = 0; k < frame.classes.size(); ++k)
    if (const auto number = tables::number_of(frame.classes[k]))
      numbers.emplace(*number, static_cast<std::int32_t>(k));
  if (numbers.size() != frame.classes.size()) return {};
  std::vector<std::int32_t> as_class;
  for (const double value : values) {
    const auto found = numbers.find(value);
    as_class.push_back(!std::isfinite(value) ? -1 : found == numbers.end() ? -2 : found->second);
    if (as_class.back() == -2) return {};
  }
  return agreement(frame, as_class);
}

std::optional<double> agreement_of_category(const Frame& frame, const Category& category) {
  const auto numbers = class_numbers(frame);
  std::vector<std::int32_t> of_value;
  for (const std::string& value : category.values) {
    const auto found = numbers.find(value);
    if (found == numbers.end()) return {};
    of_value.push_back(found->second);
  }
  std::vector<std::int32_t> as_class;
  for (const std::int32_t code : category.codes)
    as_class.push_back(code < 0 ? -1 : of_value[static_cast<std::size_t>(code)]);
  return agreement(frame, as_class);
}

// Whole numbers of which hardly two are equal.
bool is_identifier(const std::vector<double>& values) {
  std::vector<double> sorted;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    if (value != std::floor(value)) return false;
    sorted.push_back(value);
  }
  const std::size_t all = sorted.size();
  if (all < 50) return false;
  std::ranges::sort(sorted);
  return static_cast<std::size_t>(std::ranges::unique(sorted).begin() - sorted.begin()) * 100 >= all * 99;
}

// Columns that by their name speak of the label and not of the thing.
bool names_the_label(std::string_view name, std::string_view label) {
  const std::string folded = lower(name);
  const std::string own = lower(label);
  return is_one_of(folded, {"is_noise",
                            "is_noisy",
                            "is_poison",
                            "is_poisoned",
                            "is_mislabeled",
                            "true",
                            "true_label",
                            "label_true",
                            "y_true",
                            "y_pred",
                            "ground_truth",
                            "groundtruth",
                            "gold",
                            "gold_label",
                            "target",
                            "prediction",
                            "predicted",
                            "predicted_label",
                            "corrected_label",
                            "clean_label"}) ||
         (!own.empty() && folded != own &&
          (folded == own + "_true" || folded == "true_" + own || folded == own + "_encoded" ||
           folded == own + "_code" || folded == own + "_id"));
}

void conclude(LeakColumn& column, const std::optional<double>& agrees, bool identifier,
              const std::string& label) {
  const std::string gain = "gets " + interval_text(column.gain) + " of what guessing leaves wrong";
  if (agrees && *agrees >= kCopyAgrees) {
    column.leak = LeakKind::Copy;
    column.outcome = Outcome::Failed;
    column.why = "has the classes for values and agrees with the label (kappa " + number_text(*agrees) + ")";
  } else if (identifier) {
    column.leak = column.gain.low > kIdentifier ? LeakKind::Identifier : LeakKind::None;
    column.outcome = column.gain.low > kIdentifier ? Outcome::Failed : Outcome::Passed;
    column.why = gain;
  } else if (column.gain.low > kTells) {
    column.leak = LeakKind::Tells;
    column.outcome = Outcome::Failed;
    column.why = "alone " + gain;
  } else if (names_the_label(column.name, label)) {
    column.leak = LeakKind::Name;
    column.outcome = Outcome::Undecided;
    column.why = "is named like something that is known only with the label; alone " + gain;
  } else if (column.gain.estimate > kTells) {
    column.outcome = Outcome::Undecided;
    column.why = "alone " + gain + ": n too small";
  } else {
    column.why = "alone " + gain;
  }
}

LeakColumn judged_numbers(const Judge& judge, const Frame& frame, const std::string& name,
                          const std::string& type, const std::vector<double>& values,
                          const std::string& label) {
  LeakColumn out = judge.judge(name, type, binned(values));
  if (frame.classes.size() == 2) {
    std::vector<float> positives;
    std::vector<float> negatives;
    for (std::size_t row = 0; row < values.size(); ++row)
      if (frame.labels[row] >= 0 && std::isfinite(values[row]))
        (frame.labels[row] == 1 ? positives : negatives).push_back(static_cast<float>(values[row]));
    out.auc = stats::auc(positives, negatives);
  }
  conclude(out, agreement_of_numbers(frame, values), is_identifier(values), label);
  return out;
}

}  // namespace

std::string_view name_of(LeakKind kind) {
  constexpr std::array<std::string_view, 6> kNames = {
      "", "copy of the label", "tells the label", "identifier", "time", "name"};
  return kNames[std::to_underlying(kind)];
}

std::vector<LeakColumn> leaking_columns(const Frame& frame, const Settings& settings) {
  if (frame.labels.empty()) return {};
  const Judge judge(frame, settings);
  if (!judge.possible()) return {};
  const std::string& label = settings.roles.label;
  const std::size_t numbers = frame.feature_names.size();
  std::vector<LeakColumn> out(numbers + frame.categories.size());
  parallel_for(out.size(), settings.jobs, [&](std::size_t i) {
    if (i < numbers) {
      out[i] = judged_numbers(judge, frame, frame.feature_names[i], "number", number_column(frame, i), label);
      return;
    }
    const Category& category = frame.categories[i - numbers];
    out[i] = judge.judge(category.name, "category", binned(category));
    conclude(out[i], agreement_of_category(frame, category), false, label);
  });
  if (!frame.time.empty()) {
    LeakColumn time = judge.judge(settings.roles.time, "time", binned(frame.time));
    time.why = "gets " + interval_text(time.gain) + " of what guessing leaves wrong";
    if (time.gain.low > 0.5) {
      time.leak = LeakKind::Time;
      time.outcome = Outcome::Undecided;
      time.why += ": the classes were collected one after the other";
    }
    out.push_back(std::move(time));
  }
  return out;
}

}  // namespace bulwark::assay
