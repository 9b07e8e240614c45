#include "assay/poison/poison_report.h"

#include <algorithm>
#include <map>

#include "assay/poison/trigger_report.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kRowsInAMessage = 10;

// A row and everything that flags it.
struct Suspect {
  std::vector<const DetectorRun*> detectors;
  std::vector<std::string> reasons;
  bool gates = false;
};
using Suspects = std::map<std::uint32_t, Suspect>;

Suspects united(const std::vector<DetectorRun>& runs) {
  Suspects suspects;
  for (const DetectorRun& run : runs)
    for (const Suspicion& suspicion : run.rows) {
      Suspect& suspect = suspects[suspicion.row];
      suspect.detectors.push_back(&run);
      suspect.reasons.push_back(suspicion.reason);
      suspect.gates = suspect.gates || run.rule != nullptr;
    }
  return suspects;
}

Document rows_json(const Frame& frame, const Suspects& suspects) {
  std::vector<Document> rows;
  for (const auto& [row, suspect] : suspects) {
    if (!suspect.gates) continue;
    std::vector<Document> detectors;
    std::vector<Document> reasons;
    for (const DetectorRun* run : suspect.detectors) detectors.push_back(json_string(run->name));
    for (const std::string& reason : suspect.reasons) reasons.push_back(json_string(reason));
    rows.push_back(json_map({{"row", json_integer(static_cast<std::int64_t>(frame.row_number(row)))},
                             {"detectors", json_list(std::move(detectors))},
                             {"reasons", json_list(std::move(reasons))}}));
  }
  return json_list(std::move(rows));
}

Document detectors_json(const std::vector<DetectorRun>& runs) {
  std::vector<Document> list;
  for (const DetectorRun& run : runs) {
    std::vector<Document::Entry> entry = {{"name", json_string(run.name)},
                                          {"tier", json_string(std::string(1, run.tier))},
                                          {"ran", json_boolean(run.ran)}};
    if (run.ran) {
      entry.emplace_back("false_alarm_rate", json_number(run.false_alarm_rate));
      entry.emplace_back("basis", json_string(run.basis));
      entry.emplace_back("flagged", json_integer(static_cast<std::int64_t>(run.rows.size())));
      entry.emplace_back("gates", json_boolean(run.rule != nullptr));
      for (const auto& [key, value] : run.details.map) entry.emplace_back(key, value);
    } else {
      entry.emplace_back("why_not", json_string(run.why_not));
    }
    list.push_back(json_map(std::move(entry)));
  }
  return json_list(std::move(list));
}

Document coverage_json(const std::vector<Coverage>& coverage) {
  std::vector<Document> list;
  for (const Coverage& entry : coverage)
    list.push_back(json_map({{"attack", json_string(std::string(name_of(entry.attack)))},
                             {"covered", json_boolean(entry.covered)},
                             {"why", json_string(entry.why)}}));
  return json_list(std::move(list));
}

std::string first_rows(const Frame& frame, const DetectorRun& run) {
  std::string text = run.rows.size() == 1 ? "row " : "rows ";
  for (std::size_t i = 0; i < std::min(run.rows.size(), kRowsInAMessage); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(frame.row_number(run.rows[i].row));
  return run.rows.size() > kRowsInAMessage ? text + " …" : text;
}

Finding finding_of(const Frame& frame, const DetectorRun& run) {
  Finding finding;
  finding.rule = run.rule;
  finding.severity = run.rule->severity;
  const std::uint32_t first = run.rows.front().row;
  finding.place.line = first < frame.line.size() ? frame.line[first] : 0;
  finding.message = std::to_string(run.rows.size()) +
                    (run.rows.size() == 1 ? " row, first row " : " rows, first row ") +
                    std::to_string(frame.row_number(first)) + ": " + run.summary;
  finding.evidence = printable(first_rows(frame, run));
  finding.subject = run.name;
  return finding;
}

Listing detector_listing(const std::vector<DetectorRun>& runs) {
  Listing listing;
  listing.title = "Detectors";
  listing.header = {"detector", "needs", "flagged", "false alarms", "what it says"};
  for (const DetectorRun& run : runs) {
    const char* needs = run.tier == 'D' ? "data" : run.tier == 'P' ? "predictions" : "activations";
    const std::string rate = printable(std::to_string(run.false_alarm_rate), 6);
    listing.rows.push_back({run.name, needs, run.ran ? std::to_string(run.rows.size()) : "did not run",
                            run.ran ? rate : "", printable(run.ran ? run.summary : run.why_not)});
  }
  listing.note = "False alarms: the chance that the detector flags anything on a clean data set.";
  return listing;
}

Listing coverage_listing(const std::vector<Coverage>& coverage) {
  Listing listing;
  listing.title = "What this run could have seen";
  listing.header = {"attack", "covered", "why"};
  for (const Coverage& entry : coverage)
    listing.rows.push_back({std::string(name_of(entry.attack)), entry.covered ? "yes" : "no", entry.why});
  return listing;
}

Listing row_listing(const Frame& frame, const Suspects& suspects, std::size_t most) {
  Listing listing;
  listing.title = "Suspicious rows";
  listing.header = {"row", "label", "detectors", "why"};
  std::size_t all = 0;
  for (const auto& [row, suspect] : suspects) {
    if (!suspect.gates || ++all > most) continue;
    std::string detectors;
    for (const DetectorRun* run : suspect.detectors) detectors += (detectors.empty() ? "" : ", ") + run->name;
    const std::int32_t label = row < frame.labels.size() ? frame.labels[row] : -1;
    listing.rows.push_back({std::to_string(frame.row_number(row)),
                            label < 0 ? "" : printable(frame.classes[static_cast<std::size_t>(label)], 40),
                            detectors, printable(suspect.reasons.front())});
  }
  if (all > most) listing.note = std::to_string(all - most) + " more rows are in the json report.";
  return listing;
}

// Of which attacks nothing would have been seen.
std::vector<std::string> blind_of(const std::vector<Coverage>& coverage) {
  std::vector<std::string> blind;
  for (const Coverage& entry : coverage)
    if (!entry.covered) {
      std::string name(name_of(entry.attack));
      std::ranges::replace(name, '_', ' ');
      blind.push_back("Attack \"" + name + "\" is not covered: " + entry.why + ".");
    }
  return blind;
}

}  // namespace

namespace {

// A detector that would have had something to say and did not for the size of the data; null if there is
// none.
const DetectorRun* over_budget(const std::vector<DetectorRun>& runs) {
  const auto stopped = std::ranges::find_if(runs, [](const DetectorRun& run) {
    return !run.ran && run.why_not.find("beyond the budget") != std::string::npos;
  });
  return stopped == runs.end() ? nullptr : &*stopped;
}

}  // namespace

PartResult poison_result(const Frame& frame, const Settings& settings, std::vector<DetectorRun>&& runs,
                         std::vector<Coverage>&& coverage) {
  PartResult result;
  result.part = "poison";
  if (const DetectorRun* stopped = over_budget(runs))
    result.gaps.push_back({GapReason::Limit, {}, {}, {}, "poison: " + stopped->why_not});
  const Suspects suspects = united(runs);
  const auto suspicious = static_cast<std::uint64_t>(
      std::ranges::count_if(suspects, [](const auto& s) { return s.second.gates; }));
  const auto ran =
      std::ranges::count_if(runs, [](const DetectorRun& run) { return run.ran && run.rule != nullptr; });
  if (ran == 0) {
    result.outcome = Outcome::NotAssessed;
    result.why = "no detector could run";
    if (const DetectorRun* stopped = over_budget(runs)) {
      result.why += ": " + stopped->why_not;
    } else if (!runs.empty()) {
      result.why += ": " + runs.front().why_not;
    }
  } else {
    result.outcome = suspicious > 0 ? Outcome::Failed : Outcome::Passed;
    result.why = suspicious > 0 ? std::to_string(suspicious) + " of " + std::to_string(frame.rows) +
                                      " rows are suspicious"
                                : "none of " + std::to_string(ran) + " detectors flags a row";
    result.measures.push_back({.name = "share of suspicious rows",
                               .interval = stats::wilson(suspicious, frame.rows),
                               .threshold = 0});
  }
  for (const auto& [row, suspect] : suspects)
    if (suspect.gates) result.rows.push_back(frame.row_number(row));
  std::ranges::sort(result.rows);
  result.blind = blind_of(coverage);
  if (settings.details)
    result.details = json_map({{"rows", rows_json(frame, suspects)},
                               {"triggers", triggers_json(frame, runs)},
                               {"detectors", detectors_json(runs)},
                               {"coverage", coverage_json(coverage)}});
  std::vector<const Rule*> raised;
  for (const DetectorRun& run : runs) {
    if (run.rule == nullptr || run.rows.empty() || std::ranges::find(raised, run.rule) != raised.end())
      continue;
    raised.push_back(run.rule);
    result.findings.push_back(finding_of(frame, run));
  }
  if (suspicious > 0) result.listings.push_back(row_listing(frame, suspects, settings.listed));
  add_trigger_pictures(frame, runs, result);
  result.listings.push_back(detector_listing(runs));
  result.listings.push_back(coverage_listing(coverage));
  for (DetectorRun& run : runs) std::ranges::move(run.plots, std::back_inserter(result.plots));
  return result;
}

}  // namespace bulwark::assay
