// docs/coverage.md: figures over three denominators, drill by drill, and what is out of reach.

#include <algorithm>

#include "atlas/catalogue.h"
#include "atlas/coverage.h"
#include "atlas/map.h"
#include "report/drills.h"

namespace bulwark::report {
namespace {

std::string percent(int part, int whole) {
  return whole == 0 ? "-" : std::to_string((part * 1000 / whole + 5) / 10) + " %";
}

std::string row(std::string_view what, const atlas::Count& count) {
  return "| " + std::string(what) + " | " + std::to_string(count.of) + " | **" +
         std::to_string(count.proven) + "** | " + percent(count.proven, count.of) + " | " +
         std::to_string(count.prevent) + " | " + std::to_string(count.detect) + " | " +
         std::to_string(count.test) + " |\n";
}

std::string_view short_id(std::string_view id) {
  return id.substr(std::min(id.size(), std::string_view("AML.").size()));
}

std::string figures(const atlas::Coverage& coverage) {
  return "| of ATLAS " + std::string(atlas::pinned().version()) +
         " | all | proven | share | prevented | detected | only tested |\n|---|--:|--:|--:|--:|--:|--:|\n" +
         row("techniques", coverage.all) + row("techniques that a platform can answer", coverage.in_reach) +
         row("techniques seen in real incidents", coverage.realized) + row("case studies", coverage.cases) +
         "\nSteps of case studies whose technique is prevented or detected: " +
         std::to_string(coverage.steps) + " of " + std::to_string(coverage.steps_of) + ".\n";
}

std::string drill_row(const drill::Record& record) {
  const drill::Drill& drill = *record.drill;
  std::string about;
  for (const std::string& id : drill.cases) about += (about.empty() ? "" : " ") + std::string(short_id(id));
  for (const std::string& id : drill.techniques)
    about += (about.empty() ? "" : " ") + std::string(short_id(id));
  const bool proven = record.outcome == atlas::Outcome::Proven;
  return "| " + drill.id + " | " + (proven ? "**proven**" : std::string(atlas::name_of(record.outcome))) +
         " | " + drill.controls.front() + " | " + std::string(atlas::name_of(drill.proof)) + " | " + about +
         " | " + drill.title + ": " + (proven ? evidence_of(record) : record.reason) + " |\n";
}

std::string out_of_reach(const atlas::Coverage& coverage) {
  std::string text = "| technique | what one can do |\n|---|---|\n";
  for (const std::string_view id : coverage.document_only) {
    const atlas::Defence* defence = atlas::map().defence(id);
    text += "| " + std::string(short_id(id)) + " " + std::string(atlas::technique_name(id)) + " | " +
            std::string(defence == nullptr ? "" : defence->control) + " |\n";
  }
  return text;
}

}  // namespace

std::string drills_coverage(const std::vector<drill::Record>& records) {
  std::vector<atlas::DrillOutcome> outcomes;
  for (const drill::Record& record : records) outcomes.push_back(record.summary());
  const atlas::Coverage coverage = atlas::coverage(atlas::pinned(), atlas::map(), outcomes);
  std::string text =
      "# Coverage\n\n"
      "Written by `script/coverage` from a real run of `bulwark drill run --all`; a check fails if it is "
      "stale or if a\n"
      "drill that was proven here no longer is. *Proven* means: the attack was stopped or reported within "
      "its limit, the\n"
      "same attack reached its goal with exactly the named control off, and the benign twins passed. A "
      "parent technique\n"
      "counts only with a drill of its own or if all its sub-techniques are proven. `bulwark drill show ID` "
      "says what a\n"
      "drill does not show.\n\n" +
      figures(coverage) + "\n## Drills\n\n" +
      "| drill | outcome | control | proof | of | what was seen |\n|---|---|---|---|---|---|\n";
  for (const drill::Record& record : records) text += drill_row(record);
  return text + "\n## Out of reach\n\nNo platform can answer these " +
         std::to_string(coverage.document_only.size()) +
         " techniques; they are documented and never counted as covered.\n\n" + out_of_reach(coverage);
}

}  // namespace bulwark::report
