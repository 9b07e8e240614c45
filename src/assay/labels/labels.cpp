#include <algorithm>
#include <utility>

#include "assay/labels/rules.h"
#include "assay/labels/sections.h"
#include "assay/parts.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

using namespace labels;

// Published sets that people train on have 3 to 6 % of wrong labels (Northcutt, Athalye and Mueller,
// "Pervasive Label Errors in Test Sets", NeurIPS 2021, mean 3.3 %): more than that needs a look before
// training.
constexpr double kMostNoise = 0.05;

Finding finding(const Rule& rule, std::string message, std::string evidence, const Settings& settings) {
  return {.rule = &rule,
          .severity = rule.severity,
          .message = std::move(message),
          .evidence = std::move(evidence),
          .subject = settings.roles.label};
}

Filter chosen_filter(PartResult& result, const std::string& name) {
  if (const auto filter = filter_from(name)) return *filter;
  result.gaps.push_back(
      {.reason = GapReason::Unsupported,
       .why = "there is no filter `" + printable(name, 40) + "`: prune_by_noise_rate was used"});
  return Filter::PruneByNoiseRate;
}

// Why labels cannot be judged at all; empty: they can.
std::string not_judged(const Frame& frame) {
  if (frame.labels.empty()) return "no label column was named";
  if (std::ranges::none_of(frame.labels, [](std::int32_t label) { return label >= 0; }))
    return "no row has a label";
  if (frame.classes.size() < 2) return "all rows carry the same label";
  return {};
}

std::vector<std::unique_ptr<Probabilities>> probabilities_for(const Frame& frame, const Extras& extras,
                                                              const Similarity& similar,
                                                              const Settings& settings) {
  if (extras.probabilities == nullptr) return own_probabilities(frame, similar, extras, settings);
  std::vector<std::unique_ptr<Probabilities>> all;
  all.push_back(given_probabilities(frame, *extras.probabilities, settings.jobs));
  return all;
}

void worst_first(const Given& given, std::vector<std::uint32_t>& rows) {
  std::ranges::stable_sort(
      rows, {}, [&](std::uint32_t row) { return given.at(row, static_cast<std::size_t>(given.label[row])); });
}

void find_noisy_sources(PartResult& result, const Errors& errors, const Settings& settings) {
  for (const Share& source : errors.by_source) {
    // Noisier than allowed, and noisier than the data as a whole can explain.
    if (source.rate.low <= kMostNoise || source.rate.low <= errors.noise.high) continue;
    Finding found =
        finding(kNoisySource,
                "of the " + std::to_string(source.rows) + " rows of source `" + printable(source.name, 60) +
                    "` " + percent(source.rate) + " look wrong, of all rows " + percent(errors.noise),
                {}, settings);
    found.subject = printable(source.name, 60);
    result.findings.push_back(std::move(found));
  }
}

void decide(PartResult& result, const Errors& errors, const Settings& settings) {
  result.measures.push_back({.name = "noise rate", .interval = errors.noise, .threshold = kMostNoise});
  const std::string counts = std::to_string(errors.flagged.size()) + " of " +
                             std::to_string(errors.p.label.size()) + " labels look wrong; estimated share " +
                             percent(errors.noise) + ", allowed " + percent(kMostNoise);
  result.why = counts;
  if (errors.noise.low > kMostNoise) {
    result.outcome = Outcome::Failed;
    result.findings.push_back(
        finding(kWrongLabels, counts, rows_text(errors.frame, errors.flagged), settings));
  } else {
    result.outcome = errors.noise.high <= kMostNoise ? Outcome::Passed : Outcome::Undecided;
    if (result.outcome == Outcome::Undecided) result.why += "; more rows would narrow the interval";
    if (!errors.flagged.empty())
      result.findings.push_back(
          finding(kSuspectLabels, counts, rows_text(errors.frame, errors.flagged), settings));
  }
  find_noisy_sources(result, errors, settings);
}

Document origin_json(const Probabilities& p) {
  return json_map({{"origin", json_string(p.origin)},
                   {"accuracy_on_given", json_number(p.accuracy)},
                   {"mean_self_confidence", json_number(p.confidence)}});
}

void put_origin(PartResult& result, const std::vector<std::unique_ptr<Probabilities>>& all) {
  Document origin = origin_json(*all.front());
  if (all.size() > 1) origin.map.emplace_back("second_opinion", origin_json(*all[1]));
  result.details.map.emplace_back("probabilities", std::move(origin));
  if (!all.front()->note.empty())
    result.gaps.push_back({.reason = GapReason::Limit, .why = "label errors: " + all.front()->note});
}

void judge(PartResult& result, const Frame& frame, const Extras& extras, const Similarity& similar,
           const Settings& settings) {
  const auto all = probabilities_for(frame, extras, similar, settings);
  const Probabilities& p = *all.front();
  if (!p.why_not.empty()) {
    result.why = p.why_not;
    if (extras.probabilities != nullptr)
      result.gaps.push_back({.reason = GapReason::Malformed, .why = "label errors: " + p.why_not});
    return;
  }
  put_origin(result, all);
  if (extras.probabilities != nullptr && p.in_sample()) {
    const std::string seen = "the probabilities agree with " + percent(p.accuracy) +
                             " of the labels with a mean of " + percent(p.confidence) +
                             ": they look like those of a model that has seen them";
    result.findings.push_back(finding(kInSample, seen, {}, settings));
    if (!extras.allow_in_sample) {
      result.why = seen;
      return;
    }
  }
  const Filter filter = chosen_filter(result, extras.label_filter);
  const auto learned = learn_confidently(p.given, settings.jobs);
  Errors errors{.frame = frame,
                .p = p,
                .learned = *learned,
                .filter = filter,
                .flagged = learned->flagged(filter),
                .agreed = {},
                .second = all.size() > 1,
                .noise = noise_rate(*learned, uncounted_rows(*learned), settings.seed, settings.jobs),
                .by_class = noise_by_class(*learned, p.classes),
                .by_source = {}};
  errors.by_source = noise_by_source(frame, errors.flagged);
  worst_first(p.given, errors.flagged);
  if (errors.second) errors.agreed = learn_confidently(all[1]->given, settings.jobs)->flagged(filter);
  tell_errors(result, errors, settings);
  decide(result, errors, settings);
}

}  // namespace

PartResult assay_labels(const Frame& frame, const Extras& extras, const Settings& settings) {
  PartResult result;
  result.part = "labels";
  const std::vector<RowGroup> equal = equal_rows(frame);
  const Similarity similar = compare_rows(frame, extras, settings, equal);
  if (!frame.labels.empty()) tell_balance(result, frame);
  if (std::string why = not_judged(frame); !why.empty())
    result.why = why;
  else
    judge(result, frame, extras, similar, settings);
  if (result.outcome == Outcome::NotAssessed) result.why += "; duplicates and outliers were looked for";
  tell_rows(result, frame, similar, equal, settings);
  std::ranges::sort(result.rows);
  result.rows.erase(std::ranges::unique(result.rows).begin(), result.rows.end());
  result.blind.emplace_back(
      "Wrong labels that the features explain (a trigger, a systematic mistake of every annotator) look "
      "right to the "
      "model; classes that truly overlap look like noise.");
  result.blind.emplace_back("Single wrong labels in classes of a few rows cannot be told from rare cases.");
  return result;
}

}  // namespace bulwark::assay
