// Poison and backdoors: all detectors that the given things allow, their union with reasons, and what none of
// them would have seen.

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "assay/parts.h"
#include "assay/poison/crowds.h"
#include "assay/poison/image_triggers.h"
#include "assay/poison/model_view.h"
#include "assay/poison/other_triggers.h"
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

// Why no detector can run; empty: some can.
std::string unfit(const LabelledRows& labelled) {
  if (labelled.rows.empty()) return "there are no labels (--label)";
  if (labelled.rows.size() < kLeastRows)
    return "fewer than " + std::to_string(kLeastRows) + " rows have a label";
  const std::set<std::int32_t> seen(labelled.labels.begin(), labelled.labels.end());
  if (seen.size() < 2) return "all rows have the same label";
  if (2 * seen.size() > labelled.rows.size()) return "the label has nearly as many values as there are rows";
  return {};
}

void run_on_images(const Frame& frame, const LabelledRows& labelled, const Settings& settings,
                   std::vector<DetectorRun>& runs) {
  std::string why;
  if (!frame.images) {
    why = "the data set has no images";
  } else if (!std::ranges::all_of(frame.images->values, [](float value) { return std::isfinite(value); })) {
    why = "the images hold values that are not numbers";
  }
  if (!why.empty()) {
    for (const char* name : {"windows", "shared_values", "anywhere"})
      runs.push_back(did_not_run(name, 'D', why));
    return;
  }
  ImageTriggers found = find_image_triggers(frame, labelled, settings);
  for (DetectorRun* run : {&found.windows, &found.values, &found.anywhere}) runs.push_back(std::move(*run));
}

void run_on_neighbours(const Frame& frame, const LabelledRows& labelled, const Settings& settings,
                       std::vector<DetectorRun>& runs) {
  const Neighbourhood around = neighbourhood_of(frame, labelled, settings.jobs);
  runs.push_back(find_floods(frame, labelled, around));
  runs.push_back(find_bursts(frame, labelled, around, settings.seed, settings.jobs));
  runs.push_back(find_contributors(frame, labelled, around));
  runs.push_back(find_flips(frame, labelled, around));
  runs.push_back(rank_disagreement(labelled, around));
}

const DetectorRun* run_named(const std::vector<DetectorRun>& runs, std::string_view name) {
  const auto found = std::ranges::find(runs, name, &DetectorRun::name);
  return found == runs.end() || !found->ran ? nullptr : &*found;
}

Coverage covered_by(Attack attack, const DetectorRun* run, const std::string& covered,
                    const std::string& not_covered) {
  return {.attack = attack, .covered = run != nullptr, .why = run != nullptr ? covered : not_covered};
}

// Share of the values of a frame's images that are the commonest value of their pixel: on a constant
// background a blend or a wave leaves the same value everywhere.
double background_share(const Images& images) {
  const std::size_t width = images.height * images.width * images.channels;
  const std::size_t rows = std::min<std::size_t>(width == 0 ? 0 : images.values.size() / width, 500);
  std::vector<float> column(rows);
  std::size_t common = 0;
  for (std::size_t c = 0; c < width; ++c) {
    for (std::size_t i = 0; i < rows; ++i) column[i] = images.values[i * width + c];
    std::ranges::sort(column);
    std::size_t longest = 0;
    for (std::size_t i = 0, run = 0; i < rows; ++i) {
      run = i > 0 && column[i] == column[i - 1] ? run + 1 : 1;
      longest = std::max(longest, run);
    }
    common += longest;
  }
  return rows == 0 ? 0 : static_cast<double>(common) / static_cast<double>(rows * width);
}

constexpr double kEnoughBackground = 0.2;

Coverage patches_covered(const std::vector<DetectorRun>& runs) {
  std::string what;
  for (const auto& [name, said] :
       {std::pair{"windows", "windows of 1 to 4 pixels, at one place and anywhere"},
        std::pair{"cells", "exact values of one and two columns (not ranges of values)"},
        std::pair{"phrases", "phrases of one to three words"}})
    if (run_named(runs, name) != nullptr) what += (what.empty() ? "" : "; ") + std::string(said);
  return {.attack = Attack::Patch,
          .covered = !what.empty(),
          .why = what.empty() ? "nothing could be mined" : "mined were " + what};
}

std::vector<Coverage> coverage_of(const Frame& frame, const LabelledRows& labelled,
                                  const std::vector<DetectorRun>& runs) {
  std::vector<Coverage> coverage;
  coverage.push_back(patches_covered(runs));
  const std::set<std::int32_t> seen(labelled.labels.begin(), labelled.labels.end());
  const DetectorRun* values = run_named(runs, "shared_values");
  std::string why_not = "there are no images whose values could be shared";
  if (values != nullptr && seen.size() < 3) {
    why_not = "with two classes poisoned rows and a variety of a class cannot be told apart";
    values = nullptr;
  } else if (values != nullptr && background_share(*frame.images) < kEnoughBackground) {
    why_not = "the images have no constant background on which a pattern would leave the same value";
    values = nullptr;
  }
  for (const Attack attack : {Attack::Blended, Attack::Sinusoid})
    coverage.push_back(
        covered_by(attack, values,
                   "values that a pattern leaves on the constant background were mined; a pattern "
                   "that is only where images differ is not seen",
                   why_not));
  coverage.push_back(
      {.attack = Attack::CleanLabel,
       .covered = false,
       .why = "carriers have the label that they look like; only a trial of the trained model can tell"});
  coverage.push_back(
      covered_by(Attack::LabelFlip, run_named(runs, "label_flips"),
                 "flips from one class into another and of one source; evenly spread flips are the "
                 "matter of the labels part",
                 "neighbours could not be compared"));
  const DetectorRun* floods = run_named(runs, "floods");
  const auto found = std::ranges::find(runs, "floods", &DetectorRun::name);
  coverage.push_back(covered_by(Attack::Flood, floods, "groups of ten and more near duplicates",
                                found == runs.end() ? "no neighbours" : found->why_not));
  return coverage;
}

}  // namespace

PartResult assay_poison(const Frame& frame, const Extras& extras, const Settings& settings) {
  const LabelledRows labelled = labelled_rows(frame);
  std::vector<DetectorRun> runs;
  if (const std::string why = unfit(labelled); !why.empty()) {
    PartResult result = poison_result(frame, settings, {did_not_run("all", 'D', why)}, {});
    result.why = why;
    return result;
  }
  run_on_images(frame, labelled, settings, runs);
  runs.push_back(find_cell_triggers(frame, labelled, settings));
  runs.push_back(find_phrase_triggers(frame, labelled, settings));
  for (DetectorRun& run : runs)
    if (!run.triggers.empty()) run.summary = summary_of(frame, run);
  run_on_neighbours(frame, labelled, settings, runs);
  std::ranges::move(find_with_model(frame, labelled, extras, settings), std::back_inserter(runs));
  std::vector<Coverage> coverage = coverage_of(frame, labelled, runs);
  return poison_result(frame, settings, std::move(runs), std::move(coverage));
}

}  // namespace bulwark::assay
