// Poison and backdoors: all detectors that the given things allow, their union with reasons, and what none of
// them would have seen.

#include <algorithm>
#include <cmath>
#include <set>

#include "assay/parts.h"
#include "assay/poison/image_triggers.h"
#include "assay/poison/poison_report.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kLeastRows = 50;  // below that ten neighbours are no neighbourhood

std::string summary_of(const Frame& frame, const DetectorRun& run) {
  if (run.triggers.empty()) return {};
  std::set<std::int32_t> labels;
  for (const Trigger& trigger : run.triggers) labels.insert(trigger.label);
  std::string classes;
  for (const std::int32_t label : labels)
    classes += (classes.empty() ? "" : ", ") + printable(frame.classes[static_cast<std::size_t>(label)], 40);
  const Trigger& first = run.triggers.front();
  return std::to_string(run.triggers.size()) + " codes are owned by class " + classes + "; of the most " +
         "significant one " + std::to_string(first.disagreeing) + " of " + std::to_string(first.carriers) +
         " carriers look like other classes without it";
}

// Why images cannot be mined; empty: they can.
std::string images_unfit(const Frame& frame, const LabelledRows& labelled) {
  if (!frame.images) return "the data set has no images";
  if (labelled.rows.empty()) return "there are no labels";
  if (labelled.rows.size() < kLeastRows)
    return "fewer than " + std::to_string(kLeastRows) + " rows have a label";
  const std::set<std::int32_t> seen(labelled.labels.begin(), labelled.labels.end());
  if (seen.size() < 2) return "all rows have the same label";
  if (!std::ranges::all_of(frame.images->values, [](float value) { return std::isfinite(value); }))
    return "the images hold values that are not numbers";
  return {};
}

void run_on_images(const Frame& frame, const LabelledRows& labelled, const Settings& settings,
                   std::vector<DetectorRun>& runs) {
  if (const std::string why = images_unfit(frame, labelled); !why.empty()) {
    runs.push_back(did_not_run("windows", 'D', why));
    runs.push_back(did_not_run("shared_values", 'D', why));
    runs.push_back(did_not_run("anywhere", 'D', why));
    return;
  }
  ImageTriggers found = find_image_triggers(frame, labelled, settings);
  for (DetectorRun* run : {&found.windows, &found.values, &found.anywhere}) {
    run->summary = summary_of(frame, *run);
    runs.push_back(std::move(*run));
  }
}

bool ran(const std::vector<DetectorRun>& runs, std::string_view name) {
  return std::ranges::any_of(runs, [&](const DetectorRun& run) { return run.ran && run.name == name; });
}

std::vector<Coverage> coverage_of(const std::vector<DetectorRun>& runs) {
  std::vector<Coverage> coverage;
  const bool windows = ran(runs, "windows");
  coverage.push_back({.attack = Attack::Patch,
                      .covered = windows,
                      .why = windows ? "windows of 1 to 4 pixels were mined" : "no windows were mined"});
  return coverage;
}

}  // namespace

PartResult assay_poison(const Frame& frame, const Extras&, const Settings& settings) {
  const LabelledRows labelled = labelled_rows(frame);
  std::vector<DetectorRun> runs;
  run_on_images(frame, labelled, settings, runs);
  std::vector<Coverage> coverage = coverage_of(runs);
  return poison_result(frame, settings, std::move(runs), std::move(coverage));
}

}  // namespace bulwark::assay
