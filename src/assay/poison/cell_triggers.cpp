#include <algorithm>
#include <map>

#include "assay/poison/image_triggers.h"
#include "assay/poison/other_triggers.h"
#include "assay/poison/rules_of_poison.h"
#include "assay/poison/value_mining.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

std::string columns_of(const Trigger& trigger) {
  std::string text;
  for (const std::string& name : trigger.names) text += (text.empty() ? "" : " and ") + printable(name, 40);
  return text;
}

}  // namespace

DetectorRun find_cell_triggers(const Frame& frame, const LabelledRows& labelled, const Settings& settings) {
  if (frame.images) return did_not_run("cells", 'D', "the data set is one of images");
  const Features features = dense_features(frame, Scaling::Deviation);
  if (features.width < 2)
    return did_not_run("cells", 'D', "there are fewer than two columns to compare rows by");
  const std::vector<std::uint32_t> chosen =
      mined_sample(labelled.rows.size(), mined_rows(labelled.rows.size(), features.width, {}), settings.seed);
  std::vector<float> values;
  std::vector<std::int32_t> labels;
  for (const std::uint32_t place : chosen) {
    const auto cells = std::span<const float>(features.values)
                           .subspan(labelled.rows[place] * features.width, features.width);
    values.insert(values.end(), cells.begin(), cells.end());
    labels.push_back(labelled.labels[place]);
  }
  const MaskedSpace space({.values = values, .rows = chosen.size(), .width = features.width}, labels,
                          settings.seed, settings.jobs);
  Mined mined = mine_values(space, Hide::Columns, settings.jobs);
  explain_away(mined);
  flag_all_carriers(mined);

  DetectorRun run;
  run.name = "cells";
  run.ran = true;
  run.rule = &kTriggerRule;
  run.false_alarm_rate = kTriggerAlpha;
  run.basis = "Bonferroni over " + std::to_string(mined.tests) +
              " values and pairs of values, against other rows of the class under the same mask" +
              (chosen.size() < labelled.rows.size()
                   ? "; mined among " + std::to_string(chosen.size()) + " rows, then looked for in all"
                   : std::string());
  run.details = json_map({{"tests", json_integer(static_cast<std::int64_t>(mined.tests))},
                          {"owned", json_integer(static_cast<std::int64_t>(mined.owned))}});
  run.triggers = std::move(mined.triggers);
  std::map<std::uint32_t, std::string> reasons;
  MaskedSpace::Scratch scratch;
  for (Trigger& trigger : run.triggers) {
    for (const std::uint32_t c : trigger.columns) trigger.names.push_back(features.names[c]);
    for (std::uint32_t& row : trigger.rows) row = labelled.rows[chosen[row]];
    for (std::uint32_t& row : trigger.carrier_rows) row = labelled.rows[chosen[row]];
    if (chosen.size() < labelled.rows.size())
      extend_to_others(
          trigger, {.values = features.values, .rows = frame.rows, .width = features.width}, labelled, chosen,
          space, {.columns = trigger.hidden, .barred = {}},
          [&](std::span<const float> point) {
            for (std::size_t c = 0; c < trigger.columns.size(); ++c)
              if (point[trigger.columns[c]] != trigger.values[c]) return false;
            return true;
          },
          scratch);
    trigger.values.clear();  // scaled, and perhaps somebody's: the report names columns only
    for (const std::uint32_t row : trigger.rows)
      reasons.emplace(row, "without " + columns_of(trigger) + " it looks like another class; " +
                               std::to_string(trigger.disagreeing) + " of " +
                               std::to_string(trigger.carriers) +
                               " rows of its class with the same value there do");
  }
  for (auto& [row, reason] : reasons) run.rows.push_back({.row = row, .reason = std::move(reason)});
  return run;
}

}  // namespace bulwark::assay
