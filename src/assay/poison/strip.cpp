#include "assay/poison/strip.h"

#include <algorithm>
#include <cmath>

#include "assay/poison/rules_of_poison.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr double kFalseRejections = 0.01;  // of the rows of other classes
constexpr std::size_t kLeast = 8;

std::vector<float> blends_of(std::span<const float> inputs, std::size_t width, std::size_t rows,
                             std::size_t all, std::size_t blends, std::uint64_t seed) {
  std::vector<float> blended;
  blended.reserve(rows * blends * width);
  for (std::size_t i = 0; i < rows; ++i) {
    stats::Philox random(seed, stats::stream_key("poison.strip"), i);
    for (std::size_t b = 0; b < blends; ++b) {
      const std::size_t other = random.below(all);
      for (std::size_t c = 0; c < width; ++c)
        blended.push_back(0.5F * inputs[i * width + c] + 0.5F * inputs[other * width + c]);
    }
  }
  return blended;
}

Plot plot_of(const std::vector<double>& entropy, const std::vector<bool>& flagged) {
  Plot plot;
  plot.title = "STRIP entropies";
  plot.kind = Plot::Kind::Bars;
  plot.x_label = "mean entropy of blends, nats";
  plot.y_label = "rows";
  constexpr std::size_t kBins = 20;
  const double top = std::max(1e-9, *std::ranges::max_element(entropy));
  Series rows{.name = "rows", .x = {}, .y = std::vector<double>(kBins)};
  Series suspicious{.name = "flagged", .x = {}, .y = std::vector<double>(kBins)};
  for (std::size_t i = 0; i < entropy.size(); ++i) {
    const auto bin = std::min(kBins - 1, static_cast<std::size_t>(entropy[i] / top * kBins));
    ++(flagged[i] ? suspicious : rows).y[bin];
  }
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const auto hundredths =
        static_cast<std::uint64_t>(std::lround(100 * top * static_cast<double>(bin) / kBins));
    const std::string rest = std::to_string(hundredths % 100);
    plot.categories.push_back(std::to_string(hundredths / 100) + (rest.size() == 1 ? ".0" : ".") + rest);
  }
  plot.series = {std::move(rows), std::move(suspicious)};
  plot.says =
      "How uncertain the model is of each row when others are blended into it; low means that something in "
      "the row decides alone.";
  return plot;
}

}  // namespace

double entropy_of(std::span<const float> scores) {
  double sum = 0;
  bool probabilities = true;
  for (const float score : scores) {
    probabilities = probabilities && score >= 0 && score <= 1;
    sum += static_cast<double>(score);
  }
  probabilities = probabilities && std::abs(sum - 1) < 1e-3;
  const double top = static_cast<double>(*std::ranges::max_element(scores));
  double total = 0;
  for (const float score : scores)
    total += probabilities ? static_cast<double>(score) : std::exp(static_cast<double>(score) - top);
  double entropy = 0;
  for (const float score : scores) {
    const double p =
        (probabilities ? static_cast<double>(score) : std::exp(static_cast<double>(score) - top)) / total;
    if (p > 0) entropy -= p * std::log(p);
  }
  return entropy;
}

DetectorRun find_by_strip(models::Predictor& model, std::span<const float> inputs, const MaskedSpace& space,
                          const std::vector<std::uint32_t>& frame_rows, std::uint64_t seed,
                          const StripLimits& limits) {
  const std::size_t width = space.width();
  const std::size_t rows = std::min(limits.rows, space.rows());
  const std::size_t classes = model.signature().classes;
  auto answers =
      model.ask(blends_of(inputs, width, rows, space.rows(), limits.blends, seed), rows * limits.blends);
  if (!answers) return did_not_run("strip", 'P', "the model does not answer: " + answers.error().message);
  if (classes < 2 || answers->scores.size() != rows * limits.blends * classes)
    return did_not_run("strip", 'P', "the model gives no scores of classes");
  std::vector<double> entropy(rows);
  for (std::size_t i = 0; i < rows * limits.blends; ++i)
    entropy[i / limits.blends] +=
        entropy_of(std::span<const float>(answers->scores).subspan(i * classes, classes)) /
        static_cast<double>(limits.blends);

  DetectorRun run;
  run.name = "strip";
  run.tier = 'P';
  run.ran = true;
  run.rule = &kStripRule;
  run.false_alarm_rate = kTriggerAlpha;
  run.basis =
      "rows below the 1 % quantile of other classes, compared with their class by their nearest inputs; "
      "Bonferroni over classes";
  std::vector<bool> flagged(rows);
  MaskedSpace::Scratch scratch;
  for (std::size_t k = 0; k < space.classes(); ++k) {
    std::vector<double> others;
    for (std::size_t place = 0; place < space.rows(); ++place)
      if (space.row(place) < rows && space.label(place) != static_cast<std::int32_t>(k))
        others.push_back(entropy[space.row(place)]);
    if (others.size() < 100) continue;
    std::ranges::sort(others);
    const double bound =
        others[static_cast<std::size_t>(kFalseRejections * static_cast<double>(others.size()))];
    std::vector<std::uint32_t> low;
    for (std::size_t place = space.class_begin(k); place < space.class_end(k); ++place)
      if (space.row(place) < rows && entropy[space.row(place)] < bound)
        low.push_back(static_cast<std::uint32_t>(place));
    if (low.size() < kLeast) continue;
    auto verdict = judge(space, low, static_cast<std::int32_t>(k), {}, scratch);
    if (!verdict || verdict->p * static_cast<double>(space.classes()) >= kTriggerAlpha) continue;
    if (run.summary.empty())
      run.summary = std::to_string(low.size()) +
                    " rows of one class keep it whatever is blended into them, and " +
                    std::to_string(verdict->disagreeing.size()) + " of them look like other classes";
    for (const std::uint32_t place : verdict->disagreeing) {
      flagged[space.row(place)] = true;
      run.rows.push_back(
          {.row = frame_rows[space.row(place)],
           .reason = "the model keeps its class whatever is blended into it, and it looks like another"});
    }
  }
  std::ranges::sort(run.rows, {}, &Suspicion::row);
  run.plots.push_back(plot_of(entropy, flagged));
  return run;
}

}  // namespace bulwark::assay
