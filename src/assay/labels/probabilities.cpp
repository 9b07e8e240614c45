#include "assay/labels/probabilities.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/parallel.h"
#include "base/text.h"
#include "stats/folds.h"
#include "stats/forest.h"
#include "stats/logistic.h"
#include "stats/random.h"

namespace bulwark::assay::labels {
namespace {

constexpr std::size_t kMostClasses = 4'096;  // a joint of 128 MiB, of which calibration holds five
constexpr double kNegative = -1e-6;          // rounding of whoever wrote the file
constexpr double kSumTolerance = 0.01;       // of probabilities written with two or three digits
constexpr std::size_t kFolds = 5;
constexpr double kFewestRows = 4;             // for each class: fewer are numbers or names, not classes
constexpr double kLogisticOperations = 2e10;  // for each fold, about two seconds
constexpr std::size_t kLogisticIterations = 100;
constexpr std::size_t kForestRows = 20'000;  // above, the forest would take minutes
constexpr std::size_t kVoters = 15;

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

std::unique_ptr<Probabilities> refused(std::string why) {
  auto result = std::make_unique<Probabilities>();
  result->why_not = std::move(why);
  return result;
}

std::optional<std::size_t> column_number(const std::string& name, std::size_t columns) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
  if (error != std::errc{} || end != name.data() + name.size() || value >= columns) return std::nullopt;
  return value;
}

// Columns are the classes in order; or labels are numbers of columns, some of which no row carries.
std::string match_columns(const Frame& frame, std::size_t columns, Probabilities& result) {
  result.label = frame.labels;
  result.classes = frame.classes;
  if (columns == frame.classes.size()) return {};
  const std::string counts = "the labels have " + number(frame.classes.size()) +
                             " classes, the probabilities " + number(columns) + " columns";
  if (columns < frame.classes.size()) return counts;
  std::vector<std::int32_t> column;
  for (const std::string& name : frame.classes) {
    const auto found = column_number(name, columns);
    if (!found) return counts + ", and the label `" + printable(name, 40) + "` is no number of a column";
    column.push_back(static_cast<std::int32_t>(*found));
  }
  for (std::int32_t& label : result.label)
    if (label >= 0) label = column[static_cast<std::size_t>(label)];
  result.classes.clear();
  for (std::size_t k = 0; k < columns; ++k) result.classes.push_back(number(k));
  return {};
}

// What is wrong with the probabilities of a row; empty: nothing.
template <class T>
std::string_view wrong_with(const T* p, std::size_t columns) {
  double sum = 0;
  T least = 0;
  for (std::size_t k = 0; k < columns; ++k) {
    sum += double{p[k]};
    least = std::min(least, p[k]);
  }
  if (double{least} < kNegative) return "a negative probability";
  if (std::isnan(sum)) return "a probability that is no number";
  if (std::abs(sum - 1) > kSumTolerance) return "probabilities that do not sum to one";
  return {};
}

// Rows of one task; results are merged in order.
constexpr std::size_t kChunk = std::size_t{1} << 16;

template <class T>
std::string check_rows(std::span<const T> values, std::size_t columns, std::size_t jobs) {
  struct Part {
    std::uint64_t bad = 0;
    std::string first;
  };
  const std::size_t rows = values.size() / columns;
  std::vector<Part> parts((rows + kChunk - 1) / kChunk);
  parallel_for(parts.size(), jobs, [&](std::size_t chunk) {
    for (std::size_t i = chunk * kChunk; i < std::min((chunk + 1) * kChunk, rows); ++i) {
      const std::string_view wrong = wrong_with(values.data() + i * columns, columns);
      if (!wrong.empty() && parts[chunk].bad++ == 0)
        parts[chunk].first = "row " + number(i) + " has " + std::string(wrong);
    }
  });
  std::uint64_t bad = 0;
  std::string text;
  for (Part& part : parts) {
    if (text.empty()) text = std::move(part.first);
    bad += part.bad;
  }
  if (bad > 1) text += ", and " + number(bad - 1) + " more rows are wrong";
  return text;
}

// Accuracy and confidence on the given labels.
template <class T>
void measure(Probabilities& result, std::span<const T> values, std::size_t jobs) {
  struct Part {
    double rows = 0;
    double hits = 0;
    double sum = 0;
  };
  const std::size_t columns = result.given.classes;
  std::vector<Part> parts((result.label.size() + kChunk - 1) / kChunk);
  parallel_for(parts.size(), jobs, [&](std::size_t chunk) {
    Part& part = parts[chunk];
    for (std::size_t i = chunk * kChunk; i < std::min((chunk + 1) * kChunk, result.label.size()); ++i) {
      if (result.label[i] < 0) continue;
      const T* const p = values.data() + (result.given.row.empty() ? i : result.given.row[i]) * columns;
      const T own = p[static_cast<std::size_t>(result.label[i])];
      part.rows += 1;
      part.hits += *std::max_element(p, p + columns) == own ? 1 : 0;
      part.sum += double{own};
    }
  });
  Part all;
  for (const Part& part : parts) {
    all.rows += part.rows;
    all.hits += part.hits;
    all.sum += part.sum;
  }
  result.accuracy = all.rows > 0 ? all.hits / all.rows : 0;
  result.confidence = all.rows > 0 ? all.sum / all.rows : 0;
}

// Rows that must be held out together: near duplicates, and rows of one group.
std::vector<std::uint32_t> together(const Frame& frame, const Similarity& similar) {
  std::vector<std::uint32_t> cluster = similar.cluster;
  if (frame.group.empty()) return cluster;
  std::vector<std::uint32_t> first(frame.rows);  // by cluster
  std::iota(first.begin(), first.end(), 0U);
  const auto find = [&](std::uint32_t i) {
    while (first[i] != i) i = first[i] = first[first[i]];
    return i;
  };
  std::vector<std::int64_t> seen;
  for (std::uint32_t row = 0; row < frame.rows; ++row) {
    if (frame.group[row] < 0) continue;
    const auto group = static_cast<std::size_t>(frame.group[row]);
    if (seen.size() <= group) seen.resize(group + 1, -1);
    if (seen[group] < 0) seen[group] = cluster[row];
    const std::uint32_t a = find(static_cast<std::uint32_t>(seen[group]));
    const std::uint32_t b = find(cluster[row]);
    first[std::max(a, b)] = std::min(a, b);
  }
  for (std::uint32_t& each : cluster) each = find(each);
  return cluster;
}

struct Folds {
  std::vector<std::uint32_t> train[kFolds];
  std::vector<std::uint32_t> test[kFolds];
};

Folds make_folds(const Frame& frame, const std::vector<std::uint32_t>& groups, const Settings& settings) {
  const auto fold = stats::stratified_folds(frame.labels, groups, kFolds, settings.seed);
  Folds folds;
  for (std::uint32_t row = 0; row < frame.rows; ++row) {
    if (frame.labels[row] < 0) continue;
    for (std::size_t f = 0; f < kFolds; ++f) (f == fold[row] ? folds.test[f] : folds.train[f]).push_back(row);
  }
  return folds;
}

// At most so many training rows, drawn by the seed.
bool limit_rows(std::vector<std::uint32_t>& rows, std::size_t most, std::uint64_t seed, std::size_t fold) {
  if (rows.size() <= most) return false;
  stats::Philox random(seed, stats::stream_key("labels training"), fold);
  random.shuffle(std::span(rows));
  rows.resize(most);
  std::ranges::sort(rows);
  return true;
}

std::unique_ptr<Probabilities> begin(const Frame& frame, std::string origin) {
  auto result = std::make_unique<Probabilities>();
  result->origin = std::move(origin);
  result->classes = frame.classes;
  result->label = frame.labels;
  result->own.assign(frame.labels.size() * frame.classes.size(), 0);
  return result;
}

std::unique_ptr<Probabilities> finish(std::unique_ptr<Probabilities> result) {
  result->given = {.floats = result->own, .classes = result->classes.size(), .label = result->label};
  measure(*result, result->given.floats, 1);
  return result;
}

void put(Probabilities& into, const std::vector<std::uint32_t>& rows, const std::vector<float>& p) {
  const std::size_t classes = into.classes.size();
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy_n(p.begin() + static_cast<std::ptrdiff_t>(i * classes), classes,
                into.own.begin() + static_cast<std::ptrdiff_t>(rows[i] * classes));
}

std::unique_ptr<Probabilities> by_regression(const Frame& frame, const Similarity& similar, Folds folds,
                                             const Settings& settings) {
  auto result = begin(frame, "logistic regression, 5 folds");
  const double each = 4.0 * static_cast<double>(similar.width * frame.classes.size() * kLogisticIterations);
  const auto most = static_cast<std::size_t>(std::max(kLogisticOperations / each, 1000.0));
  bool limited = false;
  for (std::size_t f = 0; f < kFolds; ++f) limited |= limit_rows(folds.train[f], most, settings.seed, f);
  if (limited) result->note = "each regression learned from " + number(most) + " rows drawn from its folds";
  parallel_for(kFolds, settings.jobs, [&](std::size_t f) {
    if (folds.train[f].empty()) return;
    const stats::Logistic model({.points = similar.points(),
                                 .labels = frame.labels,
                                 .classes = frame.classes.size(),
                                 .rows = folds.train[f]},
                                {.iterations = kLogisticIterations});
    put(*result, folds.test[f], model.probabilities(similar.points(), folds.test[f]));
  });
  return finish(std::move(result));
}

std::unique_ptr<Probabilities> by_forest(const Frame& frame, const Similarity& similar, const Folds& folds,
                                         const Settings& settings) {
  auto result = begin(frame, "random forest, 5 folds");
  for (std::size_t f = 0; f < kFolds; ++f) {
    if (folds.train[f].empty()) continue;
    const stats::Forest model({.points = similar.points(),
                               .labels = frame.labels,
                               .classes = frame.classes.size(),
                               .rows = folds.train[f]},
                              {.seed = settings.seed, .sub_seed = f, .jobs = settings.jobs});
    put(*result, folds.test[f], model.probabilities(similar.points(), folds.test[f], settings.jobs));
  }
  return finish(std::move(result));
}

// Votes of the nearest rows that do not belong together with the row.
std::unique_ptr<Probabilities> by_neighbours(const Frame& frame, const Similarity& similar,
                                             const std::vector<std::uint32_t>& groups,
                                             const Settings& settings) {
  auto result = begin(frame, "votes of 15 neighbours");
  const std::size_t classes = frame.classes.size();
  const auto found =
      stats::nearest_neighbours(similar.points(), 2 * kVoters, similar.distance, settings.jobs);
  for (std::size_t i = 0; i < frame.rows; ++i) {
    float* const p = result->own.data() + i * classes;
    std::fill_n(p, classes, 0.5F / static_cast<float>(classes));  // nobody is certain after 15 votes
    float votes = 0.5F;
    for (std::size_t n = 0; n < found.k && votes < static_cast<float>(kVoters); ++n) {
      const std::uint32_t other = found.rows[i * found.k + n];
      if (frame.labels[other] < 0 || groups[other] == groups[i]) continue;
      p[static_cast<std::size_t>(frame.labels[other])] += 1;
      votes += 1;
    }
    for (std::size_t k = 0; k < classes; ++k) p[k] /= votes;
  }
  return finish(std::move(result));
}

}  // namespace

std::unique_ptr<Probabilities> given_probabilities(const Frame& frame, const tables::Array& array,
                                                   std::size_t jobs) {
  const auto& shape = array.about.shape;
  if (shape.size() != 2)
    return refused("the probabilities have " + number(shape.size()) + " dimensions, not 2");
  if (shape[0] != frame.rows_in_all)
    return refused("the probabilities have " + number(shape[0]) + " rows, the data " +
                   number(frame.rows_in_all));
  if (shape[1] < 2 || shape[1] > kMostClasses)
    return refused("the probabilities have " + number(shape[1]) + " columns, not 2 to " +
                   number(kMostClasses));
  const auto columns = static_cast<std::size_t>(shape[1]);
  auto result = std::make_unique<Probabilities>();
  result->origin = "given";
  if (std::string why = match_columns(frame, columns, *result); !why.empty()) return refused(std::move(why));
  Given& given = result->given;
  given = {.floats = array.floats(), .doubles = array.doubles(), .classes = columns, .label = result->label};
  if (given.floats.empty() && given.doubles.empty()) {
    result->own.resize(static_cast<std::size_t>(array.count()));
    for (std::size_t i = 0; i < result->own.size(); ++i) result->own[i] = static_cast<float>(array.at(i));
    given.floats = result->own;
  }
  given.row = frame.row;
  const bool wide = given.floats.empty();
  const std::string wrong =
      wide ? check_rows(given.doubles, columns, jobs) : check_rows(given.floats, columns, jobs);
  if (!wrong.empty()) return refused("probabilities: " + wrong);
  if (wide)
    measure(*result, given.doubles, jobs);
  else
    measure(*result, given.floats, jobs);
  return result;
}

std::vector<std::unique_ptr<Probabilities>> own_probabilities(const Frame& frame, const Similarity& similar,
                                                              const Extras& extras,
                                                              const Settings& settings) {
  std::vector<std::unique_ptr<Probabilities>> all;
  const auto labelled =
      static_cast<double>(std::ranges::count_if(frame.labels, [](auto label) { return label >= 0; }));
  std::string why_not = similar.why_not;
  if (why_not.empty() && labelled < kFewestRows * static_cast<double>(frame.classes.size()))
    why_not = number(frame.classes.size()) + " different labels on " +
              number(static_cast<std::uint64_t>(labelled)) + " rows are too many to learn classes from";
  if (!why_not.empty()) {
    all.push_back(refused(std::move(why_not)));
    return all;
  }
  const std::vector<std::uint32_t> groups = together(frame, similar);
  const Folds folds = make_folds(frame, groups, settings);
  all.push_back(by_regression(frame, similar, folds, settings));
  if (extras.embeddings != nullptr) {
    if (similar.compared.size() == frame.rows) all.push_back(by_neighbours(frame, similar, groups, settings));
  } else if (labelled <= kForestRows) {
    all.push_back(by_forest(frame, similar, folds, settings));
  }
  std::ranges::sort(all, [](const auto& a, const auto& b) { return a->accuracy > b->accuracy; });
  return all;
}

}  // namespace bulwark::assay::labels
