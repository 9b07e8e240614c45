// For people: a verdict for each part, what was found with what to do, the rows to look at, and what was not
// seen. The same page as markdown.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "base/text.h"
#include "report/assay.h"
#include "report/assay_page.h"
#include "report/grouping.h"
#include "report/page.h"

namespace bulwark::report {
namespace {

using assay::Outcome;
using assay::PartResult;

constexpr std::size_t kRowsInText = 8;
constexpr std::size_t kRowsInMarkdown = 20;

std::string counted_text(std::uint64_t count, std::string_view one, std::string_view many) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits + " " + std::string(count == 1 ? one : many);
}

std::string about(const assay::Assayed& data) {
  std::string text = data.format + ", " + counted_text(data.rows, "row", "rows") + " × " +
                     counted_text(data.columns, "column", "columns") + ", " + human_size(data.bytes);
  for (const auto& [role, column] : data.roles) text += ", " + role + " '" + printable(column, 60) + "'";
  return text;
}

Section verdicts(const assay::Assayed& data) {
  Section section{.title = printable(data.path, 300)};
  section.paragraphs.push_back(about(data));
  for (const std::string& note : data.notes) section.paragraphs.push_back(note);
  section.header = {"", "", ""};
  for (const PartResult& part : data.parts)
    section.rows.push_back(
        {Cell(part.part), Cell(assay::name_of(part.outcome), tone_of(part.outcome)),
         Cell(part.why +
              (part.measures.empty() ? std::string() : " (" + measure_text(part.measures.front()) + ")"))});
  return section;
}

Tone tone_of_severity(Severity severity) {
  if (severity >= Severity::High) return Tone::Bad;
  if (severity == Severity::Medium) return Tone::Warn;
  return severity == Severity::Low ? Tone::Note : Tone::Faint;
}

Section findings(const AssayRun& run, bool verbose) {
  Section section{.title = "Findings"};
  section.header = {"", "", ""};
  std::vector<std::size_t> order(run.run.report.findings.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t i) { return run.run.verdict.findings[i].severity; });
  std::set<const Rule*> explained;
  std::size_t hidden = 0;
  for (const std::size_t i : order) {
    const Finding& found = run.run.report.findings[i];
    const policy::JudgedFinding& judged = run.run.verdict.findings[i];
    if (judged.severity == Severity::Info && !verbose) {
      ++hidden;
      continue;
    }
    std::string words = found.message;
    if (!found.evidence.empty() && found.evidence != found.message) words += " [" + found.evidence + "]";
    if (judged.allowed_by != policy::AllowedBy::Nobody)
      words += " (allowed by " + std::string(policy::name_of(judged.allowed_by)) + ": " +
               judged.allowed_because + ")";
    if (explained.insert(found.rule).second) words += " → " + std::string(found.rule->fix);
    section.rows.push_back({Cell(bulwark::name_of(judged.severity), tone_of_severity(judged.severity)),
                            Cell(found.rule->id, Tone::Faint), Cell(std::move(words))});
  }
  if (hidden > 0)
    section.notes.push_back(counted_text(hidden, "note", "notes") + " of severity info (-v shows them)");
  return section;
}

Section listing_of(const PartResult& part, const assay::Listing& listing, std::size_t most) {
  Section section{.title = part.part + ": " + listing.title};
  section.header = listing.header;
  const std::size_t shown = std::min(most, listing.rows.size());
  for (std::size_t i = 0; i < shown; ++i) {
    Row row;
    for (const std::string& cell : listing.rows[i]) row.emplace_back(cell);
    row.resize(listing.header.size(), Cell(""));
    section.rows.push_back(std::move(row));
  }
  if (listing.rows.size() > shown)
    section.notes.push_back(counted_text(listing.rows.size() - shown, "more row", "more rows") +
                            " (-v, --format html or json)");
  if (!listing.note.empty()) section.notes.push_back(listing.note);
  return section;
}

Section not_seen(const AssayRun& run, bool verbose) {
  Section section{.title = "Not seen"};
  for (const Gap& gap : run.run.report.gaps) {
    const std::string place = place_text(gap.origin, gap.place);
    section.paragraphs.push_back("• " + printable(gap.path, 200) + (place.empty() ? "" : ", " + place) +
                                 ": " + std::string(bulwark::name_of(gap.reason)) + ", " + gap.why);
  }
  for (const assay::Assayed& data : run.data) {
    if (data.sampled > 0)
      section.paragraphs.push_back("• Parts in memory looked at " +
                                   counted_text(data.sampled, "row", "rows") + " drawn from " +
                                   counted_text(data.rows, "row", "rows") + ".");
    for (const PartResult& part : data.parts)
      for (const std::string& words : part.blind)
        if (verbose || part.outcome == Outcome::Passed)
          section.paragraphs.push_back("• " + part.part + ": " + words);
  }
  return section;
}

}  // namespace

std::string number_text(double value) {
  if (std::isnan(value)) return "unknown";
  if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
  char text[32];
  const bool whole = std::abs(value) < 1e15 && std::floor(value) == value;
  std::snprintf(text, sizeof text, whole ? "%.0f" : "%.4g", value);
  return text;
}

std::string measure_text(const assay::Measure& measure) {
  const stats::Interval& interval = measure.interval;
  return measure.name + " " + number_text(interval.estimate) + " [" + number_text(interval.low) + ", " +
         number_text(interval.high) + "], at most " + number_text(measure.threshold);
}

Tone tone_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Passed: return Tone::Good;
    case Outcome::Failed: return Tone::Bad;
    case Outcome::Undecided: return Tone::Warn;
    case Outcome::NotAssessed: return Tone::Faint;
  }
  return Tone::Plain;
}

std::string why_accepted(const AssayRun& run) {
  if (run.run.verdict.outcome == policy::Outcome::Refused) return {};
  std::string failed;
  for (const assay::Assayed& data : run.data)
    for (const PartResult& part : data.parts)
      if (part.outcome == Outcome::Failed) failed += (failed.empty() ? "" : ", ") + part.part;
  if (failed.empty()) return {};
  return "Failed, with findings that the policy does not refuse (--fail-on): " + failed + ".";
}

Page assay_page(const AssayRun& run, std::size_t rows, bool verbose) {
  Page page{.title = "Bulwark assay: " + std::string(policy::name_of(run.run.verdict.outcome)),
            .subtitle = why_accepted(run)};
  for (const assay::Assayed& data : run.data) page.sections.push_back(verdicts(data));
  page.sections.push_back(findings(run, verbose));
  for (const assay::Assayed& data : run.data)
    for (const PartResult& part : data.parts)
      for (const assay::Listing& listing : part.listings)
        // What passed is listed for those who want it all.
        if (verbose || part.outcome == Outcome::Failed || part.outcome == Outcome::Undecided)
          page.sections.push_back(listing_of(part, listing, verbose ? listing.rows.size() : rows));
  page.sections.push_back(not_seen(run, verbose));
  Section warnings{.title = "Warnings"};
  warnings.paragraphs = run.run.verdict.warnings;
  page.sections.push_back(std::move(warnings));
  return page;
}

std::string assay_text(const AssayRun& run) {
  return page_text(assay_page(run, kRowsInText, run.run.verbose),
                   {.colour = run.run.colour, .columns = run.run.columns});
}

std::string assay_markdown(const AssayRun& run) {
  return page_markdown(assay_page(run, kRowsInMarkdown, run.run.verbose));
}

}  // namespace bulwark::report
