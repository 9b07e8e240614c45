#include "assay/poison/activations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "assay/poison/rules_of_poison.h"
#include "assay/poison/subgroups.h"
#include "base/parallel.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

// A part of a class that one of the methods proposed: places in the space.
struct Proposal {
  std::size_t method = 0;
  std::int32_t label = 0;
  std::vector<std::uint32_t> places;
};

struct OfClass {
  std::vector<Proposal> proposals;
  std::vector<double> scores;  // spectral, in order of place
};

constexpr std::array<std::string_view, 3> kMethods = {"activation_clustering", "spectral", "spectre"};

Table rows_of(const MaskedSpace& space, const Activations& activations, std::size_t label) {
  Table table{.rows = 0, .width = activations.width, .values = {}};
  for (std::size_t place = space.class_begin(label); place < space.class_end(label); ++place) {
    const auto row = std::span<const float>(activations.values)
                         .subspan(space.row(place) * activations.width, activations.width);
    table.values.insert(table.values.end(), row.begin(), row.end());
    ++table.rows;
  }
  return table;
}

OfClass proposals_of(const MaskedSpace& space, const Activations& activations, std::size_t label,
                     std::uint64_t seed) {
  OfClass result;
  const Table rows = rows_of(space, activations, label);
  const std::array<std::vector<Subgroup>, 3> parts = {
      clusters_of(rows, seed), spectral_parts(rows, seed, result.scores), spectre_parts(rows, seed)};
  for (std::size_t method = 0; method < parts.size(); ++method)
    for (const Subgroup& part : parts[method]) {
      Proposal proposal{.method = method, .label = static_cast<std::int32_t>(label), .places = {}};
      for (const std::uint32_t i : part)
        proposal.places.push_back(static_cast<std::uint32_t>(space.class_begin(label)) + i);
      result.proposals.push_back(std::move(proposal));
    }
  return result;
}

Plot score_plot(const Frame& frame, const std::vector<OfClass>& classes, const std::vector<bool>& flagged,
                const MaskedSpace& space) {
  Plot plot;
  plot.title = "Spectral scores by class";
  plot.kind = Plot::Kind::Scatter;
  plot.x_label = "class";
  plot.y_label = "distance along the first singular vector";
  plot.series = {{.name = "rows", .x = {}, .y = {}}, {.name = "flagged", .x = {}, .y = {}}};
  for (std::size_t k = 0; k < classes.size(); ++k)
    for (std::size_t i = 0; i < classes[k].scores.size(); ++i) {
      Series& series = plot.series[flagged[space.class_begin(k) + i] ? 1 : 0];
      series.x.push_back(static_cast<double>(k));
      series.y.push_back(std::sqrt(classes[k].scores[i]));
    }
  plot.says = "How far each row of the " + std::to_string(frame.classes.size()) +
              " classes lies from its class along the direction in which the class spreads most.";
  return plot;
}

DetectorRun run_of(std::string_view name, std::size_t proposed) {
  DetectorRun run;
  run.name = name;
  run.tier = 'A';
  run.ran = true;
  run.rule = &kActivationRule;
  run.false_alarm_rate = kTriggerAlpha;
  run.basis = "Bonferroni over " + std::to_string(proposed) +
              " parts of classes; their rows were classified by their nearest inputs, and compared with the "
              "other rows of the class";
  run.details = json_map({{"parts", json_integer(static_cast<std::int64_t>(proposed))}});
  return run;
}

}  // namespace

std::vector<DetectorRun> find_in_activations(const Frame& frame, const MaskedSpace& inputs,
                                             const Activations& activations,
                                             const std::vector<std::uint32_t>& frame_rows, std::uint64_t seed,
                                             std::size_t jobs) {
  std::vector<OfClass> classes(inputs.classes());
  parallel_for(classes.size(), jobs,
               [&](std::size_t k) { classes[k] = proposals_of(inputs, activations, k, seed); });
  std::array<std::size_t, 3> proposed{};
  for (const OfClass& of_class : classes)
    for (const Proposal& proposal : of_class.proposals) ++proposed[proposal.method];

  std::vector<DetectorRun> runs;
  std::array<std::map<std::uint32_t, std::string>, 3> reasons;
  for (std::size_t method = 0; method < kMethods.size(); ++method)
    runs.push_back(run_of(kMethods[method], proposed[method]));
  MaskedSpace::Scratch scratch;
  std::vector<bool> flagged(inputs.rows());
  for (const OfClass& of_class : classes)
    for (const Proposal& proposal : of_class.proposals) {
      auto verdict = judge(inputs, proposal.places, proposal.label, {}, scratch);
      if (!verdict || verdict->p * static_cast<double>(proposed[proposal.method]) >= kTriggerAlpha) continue;
      const Trigger trigger = trigger_of(inputs, proposal.places, proposal.label, std::move(*verdict));
      const std::string reason = "in the model it lies in a part of its class (" +
                                 std::to_string(trigger.carriers) + " rows) of which " +
                                 std::to_string(trigger.disagreeing) +
                                 " look like other classes by what they show";
      for (const std::uint32_t row : trigger.rows) reasons[proposal.method].emplace(frame_rows[row], reason);
      DetectorRun& run = runs[proposal.method];
      if (run.summary.empty())
        run.summary = std::to_string(trigger.disagreeing) + " of " + std::to_string(trigger.carriers) +
                      " rows of a part of class " +
                      printable(frame.classes[static_cast<std::size_t>(proposal.label)], 40) +
                      " look like other classes by what they show";
      for (const std::uint32_t place : proposal.places)
        if (std::ranges::binary_search(trigger.rows, inputs.row(place))) flagged[place] = true;
    }
  for (std::size_t method = 0; method < runs.size(); ++method)
    for (auto& [row, reason] : reasons[method])
      runs[method].rows.push_back({.row = row, .reason = std::move(reason)});
  runs[1].plots.push_back(score_plot(frame, classes, flagged, inputs));
  return runs;
}

}  // namespace bulwark::assay
