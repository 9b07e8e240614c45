#include <utility>

#include "base/text.h"
#include "scan/inspector.h"
#include "scan/secrets/search.h"

namespace bulwark::scan {

void Inspection::report(const Rule& rule, FindingDetails details) {
  // A hostile file may raise one rule a million times; the reader needs the first hundred and the count.
  // Remarks beyond the limit are no loss; anything else that is not shown becomes a gap.
  std::uint32_t& count = raised_[&rule];
  const bool shown = count < limits().findings_per_rule;
  if (shown || details.severity.value_or(rule.severity) > Severity::Info) ++count;
  if (!shown) return;
  Finding finding;
  finding.rule = &rule;
  finding.severity = details.severity.value_or(rule.severity);
  finding.path = artifact_.path;
  finding.origin = artifact_.origin;
  finding.place = details.place;
  if (!details.text.empty() && details.place.line == 0 && details.place.offset != kNoOffset) {
    const LineColumn at = line_column(details.text, details.place.offset);
    finding.place.line = at.line;
    finding.place.column = at.column;
  }
  // The engine redacts and cuts them once all of a scan are known; more than this is never shown.
  constexpr std::size_t kKept = 4'096;
  finding.message = details.message.empty() ? std::string(rule.title) : std::move(details.message);
  finding.evidence = std::move(details.evidence);
  for (std::string* text : {&finding.message, &finding.evidence})
    if (text->size() > kKept) text->resize(kKept);
  finding.subject = printable(details.subject);
  finding.edits = std::move(details.edits);
  report_.findings.push_back(std::move(finding));
}

void Inspection::gap(GapReason reason, std::string why, Place place) {
  report_.gaps.push_back(
      {reason, artifact_.path, artifact_.origin, place, printable(secrets::redacted(why), 400)});
}

void Inspection::gap(const Error& error, std::string_view context) {
  const std::string why = context.empty() ? error.message : std::string(context) + ": " + error.message;
  gap(gap_reason_from(error.code), why, {.offset = error.offset});
}

void Inspection::fact(std::string key, std::string_view value) {
  about_.facts.emplace_back(std::move(key), printable(value));
}

void Inspection::trace(std::string_view text) {
  if (options_.trace) about_.trace += text;
}

void Inspection::child(std::string name, Bytes slice_of_this_artifact, std::string_view as) {
  children_.push_back({std::move(name), {slice_of_this_artifact, artifact_.keeps}, as});
}

void Inspection::child(std::string name, std::vector<std::uint8_t> content, std::string_view as) {
  // Shared because slices of the child may outlive the list of children.
  auto owned = std::make_shared<const std::vector<std::uint8_t>>(std::move(content));
  const Bytes bytes(*owned);
  children_.push_back({std::move(name), {bytes, std::move(owned)}, as});
}

void Inspection::open(std::unique_ptr<Package> package) {
  packages_.push_back(std::move(package));
}

}  // namespace bulwark::scan
