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
  const std::size_t most = mined_rows(labelled.rows.size(), features.width, {});
  if (most < labelled.rows.size())
    return did_not_run("cells", 'D',
                       std::to_string(labelled.rows.size()) + " rows of " + std::to_string(features.width) +
                           " columns are beyond the budget of " + std::to_string(most) +
                           " rows; use --sample");
  std::vector<float> values;
  for (const std::uint32_t row : labelled.rows) {
    const auto cells = std::span<const float>(features.values).subspan(row * features.width, features.width);
    values.insert(values.end(), cells.begin(), cells.end());
  }
  const MaskedSpace space({.values = values, .rows = labelled.rows.size(), .width = features.width},
                          labelled.labels, settings.seed, settings.jobs);
  Mined mined = mine_values(space, Hide::Columns, settings.jobs);
  explain_away(mined);
  flag_all_carriers(mined);

  DetectorRun run;
  run.name = "cells";
  run.ran = true;
  run.rule = &kTriggerRule;
  run.false_alarm_rate = kTriggerAlpha;
  run.basis = "Bonferroni over " + std::to_string(mined.tests) +
              " values and pairs of values, against other rows of the class under the same mask";
  run.details = json_map({{"tests", json_integer(static_cast<std::int64_t>(mined.tests))},
                          {"owned", json_integer(static_cast<std::int64_t>(mined.owned))}});
  run.triggers = std::move(mined.triggers);
  std::map<std::uint32_t, std::string> reasons;
  for (Trigger& trigger : run.triggers) {
    for (const std::uint32_t c : trigger.columns) trigger.names.push_back(features.names[c]);
    trigger.values.clear();  // scaled, and perhaps somebody's: the report names columns only
    for (std::uint32_t& row : trigger.rows) row = labelled.rows[row];
    for (std::uint32_t& row : trigger.carrier_rows) row = labelled.rows[row];
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
