#include "assay/poison/model_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>

#include "assay/poison/activations.h"
#include "assay/poison/image_triggers.h"
#include "assay/poison/neighbourhood.h"
#include "assay/poison/strip.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr std::array<std::string_view, 3> kOfActivations = {"activation_clustering", "spectral", "spectre"};
constexpr std::size_t kMostWidth = 2'048;  // of activations
constexpr double kBetterThanChance = 1.5;  // accuracy on the labels, times the commonest class's share

// Rows that the detectors look at, their inputs and a space over them.
struct View {
  std::vector<std::uint32_t> frame_rows;
  std::vector<std::int32_t> labels;
  InputRows inputs;
};

View view_of(const Frame& frame, const LabelledRows& labelled, std::uint64_t seed) {
  View view;
  const std::size_t width = frame.images ? frame.images->height * frame.images->width * frame.images->channels
                                         : frame.feature_names.size() + frame.categories.size();
  const std::size_t wanted = mined_rows(labelled.rows.size(), width, {});
  std::vector<std::uint32_t> chosen(labelled.rows.size());
  std::iota(chosen.begin(), chosen.end(), 0U);
  stats::Philox random(seed, stats::stream_key("poison.model-rows"));
  random.shuffle(std::span<std::uint32_t>(chosen));
  chosen.resize(wanted);
  std::ranges::sort(chosen);
  for (const std::uint32_t i : chosen) {
    view.frame_rows.push_back(labelled.rows[i]);
    view.labels.push_back(labelled.labels[i]);
  }
  view.inputs = input_rows(frame, view.frame_rows);
  return view;
}

std::vector<DetectorRun> none_of_activations(const std::string& why) {
  std::vector<DetectorRun> runs;
  for (const std::string_view name : kOfActivations) runs.push_back(did_not_run(std::string(name), 'A', why));
  return runs;
}

// What the model takes: the values as they are, or scaled to 0..1. Nobody says which; it is the one with
// which the model agrees with more labels.
struct Fitted {
  std::string why_not;
  std::vector<float> inputs;
  models::Answers answers;
};

double accuracy(const models::Answers& answers, std::size_t classes,
                const std::vector<std::int32_t>& labels) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto scores = std::span<const float>(answers.scores).subspan(i * classes, classes);
    right += std::ranges::max_element(scores) - scores.begin() == labels[i] ? 1U : 0U;
  }
  return static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(labels.size(), 1));
}

Fitted fitted(models::Predictor& model, const View& view, const Frame& frame) {
  Fitted best;
  double best_accuracy = -1;
  const std::size_t classes = model.signature().classes;
  const double top = frame.images ? frame.images->top : 0;
  std::size_t wanted = 1;
  for (std::size_t d = 1; d < model.signature().input.size(); ++d)
    wanted *= static_cast<std::size_t>(std::max<std::int64_t>(model.signature().input[d], 1));
  if (wanted != view.inputs.width) {
    best.why_not = "the model takes " + std::to_string(wanted) + " values, and a row has " +
                   std::to_string(view.inputs.width);
    return best;
  }
  for (const double scale : {1.0, top}) {
    if (scale <= 0 || (best_accuracy >= 0 && scale <= 1)) continue;
    std::vector<float> inputs = view.inputs.values;
    for (float& value : inputs) value = static_cast<float>(static_cast<double>(value) / scale);
    auto answers = model.ask(inputs, view.labels.size());
    if (!answers || answers->scores.size() != view.labels.size() * classes) {
      if (best.why_not.empty())
        best.why_not = answers ? "the model gives no scores of classes"
                               : "the model does not answer: " + answers.error().message;
      continue;
    }
    const double right = accuracy(*answers, classes, view.labels);
    if (right <= best_accuracy) continue;
    best_accuracy = right;
    best = {.why_not = {}, .inputs = std::move(inputs), .answers = std::move(*answers)};
  }
  std::vector<std::size_t> count(std::max<std::size_t>(frame.classes.size(), 1));
  for (const std::int32_t label : view.labels) ++count[static_cast<std::size_t>(label)];
  const double chance = static_cast<double>(*std::ranges::max_element(count)) /
                        static_cast<double>(std::max<std::size_t>(view.labels.size(), 1));
  if (best.why_not.empty() && best_accuracy < std::min(0.9, kBetterThanChance * chance))
    best.why_not = "the model agrees with " + std::to_string(std::lround(100 * best_accuracy)) +
                   " % of the labels only: it was made for other data";
  return best;
}

Activations given_activations(const tables::Array& embeddings, const View& view, const Frame& frame) {
  Activations activations;
  const std::uint64_t rows = embeddings.about.shape.empty() ? 0 : embeddings.about.shape.front();
  if (rows == 0 || rows != frame.rows_in_all) return activations;
  activations.width = static_cast<std::size_t>(embeddings.count() / rows);
  for (const std::uint32_t row : view.frame_rows)
    for (std::size_t c = 0; c < activations.width; ++c)
      activations.values.push_back(
          static_cast<float>(embeddings.at(frame.row_number(row) * activations.width + c)));
  return activations;
}

}  // namespace

std::vector<DetectorRun> find_with_model(const Frame& frame, const LabelledRows& labelled,
                                         const Extras& extras, const Settings& settings) {
  const bool some = extras.embeddings != nullptr || extras.model != nullptr;
  if (!some) {
    std::vector<DetectorRun> runs =
        none_of_activations("neither embeddings (--embeddings) nor a model (--model) are given");
    runs.push_back(did_not_run("strip", 'P', "no model is given (--model)"));
    return runs;
  }
  const View view = view_of(frame, labelled, settings.seed);
  Fitted asked;
  if (extras.model == nullptr) {
    asked.why_not = "no model is given (--model)";
  } else if (!view.inputs.why_not.empty()) {
    asked.why_not = view.inputs.why_not;
  } else {
    asked = fitted(*extras.model, view, frame);
  }
  Activations activations;
  std::string why_not;
  if (extras.embeddings != nullptr) {
    activations = given_activations(*extras.embeddings, view, frame);
    if (activations.width == 0) why_not = "the embeddings have another number of rows than the data";
  } else if (asked.why_not.empty() && !asked.answers.activations.empty()) {
    activations.values = std::move(asked.answers.activations);
    activations.width = activations.values.size() / view.labels.size();
  } else {
    why_not = asked.why_not.empty() ? "the model's activations cannot be read" : asked.why_not;
  }
  if (why_not.empty() && activations.width > kMostWidth) why_not = "activations are wider than 2,048 values";
  if (why_not.empty() &&
      !std::ranges::all_of(activations.values, [](float value) { return std::isfinite(value); }))
    why_not = "the embeddings hold values that are not numbers";

  // Parts of classes are judged by what was put into the model; embeddings alone are judged by themselves.
  const bool by_inputs = view.inputs.why_not.empty();
  const std::vector<float>& judged = by_inputs ? view.inputs.values : activations.values;
  const std::size_t width = by_inputs ? view.inputs.width : activations.width;
  std::vector<DetectorRun> runs;
  if (width == 0) {
    runs = none_of_activations(why_not);
    runs.push_back(did_not_run("strip", 'P', asked.why_not));
    return runs;
  }
  const MaskedSpace space({.values = judged, .rows = view.labels.size(), .width = width}, view.labels,
                          settings.seed, settings.jobs);
  runs = why_not.empty()
             ? find_in_activations(frame, space, activations, view.frame_rows, settings.seed, settings.jobs)
             : none_of_activations(why_not);
  runs.push_back(asked.why_not.empty()
                     ? find_by_strip(*extras.model, asked.inputs, space, view.frame_rows, settings.seed)
                     : did_not_run("strip", 'P', asked.why_not));
  return runs;
}

}  // namespace bulwark::assay
