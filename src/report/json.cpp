// For machines: the versioned schema docs/formats/report.schema.json.

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <utility>

#include "report/atlas.h"
#include "report/grouping.h"
#include "report/pretty.h"
#include "report/run.h"

namespace bulwark::report {
namespace {

namespace json = boost::json;

// Raised in the first part when a reader of the old form would misunderstand the new one.
constexpr std::string_view kSchemaVersion = "1.0";

json::string text(std::string_view value) {
  return json::string(clean_utf8(value));
}

json::array texts(const std::vector<std::string>& values) {
  json::array list;
  for (const std::string& value : values) list.emplace_back(text(value));
  return list;
}

void put_place(json::object& out, const Place& place) {
  if (place.offset != kNoOffset) out["offset"] = place.offset;
  if (place.line != 0) out["line"] = place.line;
  if (place.column != 0) out["column"] = place.column;
}

json::array edits(const std::vector<Edit>& edits) {
  json::array out;
  for (const Edit& edit : edits)
    out.emplace_back(
        json::object{{"offset", edit.offset}, {"before", text(edit.before)}, {"after", text(edit.after)}});
  return out;
}

json::object finding(const Finding& found, const policy::JudgedFinding& judged) {
  json::object out;
  out["rule"] = found.rule->id;
  out["title"] = found.rule->title;
  out["severity"] = bulwark::name_of(judged.severity);
  out["path"] = text(found.path);
  out["origin"] = texts(found.origin);
  put_place(out, found.place);
  out["message"] = text(found.message);
  if (!found.evidence.empty()) out["evidence"] = text(found.evidence);
  if (!found.subject.empty()) out["subject"] = text(found.subject);
  json::array atlas;
  for (const std::string_view id : techniques_of(*found.rule)) atlas.emplace_back(json::string(id));
  out["atlas"] = std::move(atlas);
  out["fix"] = found.rule->fix;
  out["refuses"] = judged.refuses;
  out["fingerprint"] = judged.fingerprint;
  if (judged.allowed_by != policy::AllowedBy::Nobody) {
    out["allowed_by"] = policy::name_of(judged.allowed_by);
    out["allowed_because"] = text(judged.allowed_because);
  }
  if (!found.edits.empty()) out["edits"] = edits(found.edits);
  if (judged.severity != found.severity) out["severity_before_policy"] = bulwark::name_of(found.severity);
  return out;
}

json::object gap(const Gap& gap, bool refuses) {
  json::object out;
  out["reason"] = bulwark::name_of(gap.reason);
  out["path"] = text(gap.path);
  out["origin"] = texts(gap.origin);
  put_place(out, gap.place);
  out["why"] = text(gap.why);
  out["refuses"] = refuses;
  return out;
}

json::object artifact(const Inspected& about, const Run& run) {
  json::object out;
  out["path"] = text(about.path);
  out["origin"] = texts(about.origin);
  out["size"] = about.size;
  out["formats"] = texts(about.formats);
  json::object facts;
  // A fact may come several times: {"producer": ["a", "b"]} would need a second form, so values are joined.
  for (const auto& [key, value] : about.facts) {
    const json::string name = text(key);
    json::value& slot = facts[name];
    slot = slot.is_string() ? json::string(std::string(slot.as_string()) + "; " + clean_utf8(value))
                            : text(value);
  }
  out["facts"] = std::move(facts);
  const auto digest = run.digests.find(about.path);
  if (about.origin.empty() && digest != run.digests.end()) out["sha256"] = digest->second;
  if (!about.trace.empty()) out["trace"] = text(about.trace);
  return out;
}

json::object summary(const Run& run) {
  const Totals totals = totals_of(run);
  json::object out;
  out["files"] = run.files;
  out["artifacts"] = totals.artifacts;
  out["bytes"] = totals.bytes;
  json::object by_severity;
  for (std::size_t i = totals.findings.size(); i-- > 0;)
    by_severity[bulwark::name_of(static_cast<Severity>(i))] = totals.findings[i];
  out["findings"] = std::move(by_severity);
  out["allowed"] = totals.allowed;
  out["gaps"] = totals.gaps;
  out["complete"] = run.report.complete();
  return out;
}

json::object technique_names(const Report& report) {
  std::set<std::string_view> ids;
  for (const Finding& found : report.findings)
    for (const std::string_view id : techniques_of(*found.rule)) ids.insert(id);
  json::object names;
  for (const std::string_view id : ids) names[id] = technique_name(id);
  return names;
}

}  // namespace

std::string write_json(const Run& run) {
  json::object root;
  root["schema_version"] = kSchemaVersion;
  root["tool"] = {{"name", "bulwark"}, {"version", run.version}};
  root["verdict"] = policy::name_of(run.verdict.outcome);
  root["summary"] = summary(run);
  json::array findings;
  for (std::size_t i = 0; i < run.report.findings.size(); ++i)
    findings.emplace_back(finding(run.report.findings[i], run.verdict.findings[i]));
  root["findings"] = std::move(findings);
  json::array gaps;
  for (std::size_t i = 0; i < run.report.gaps.size(); ++i)
    gaps.emplace_back(gap(run.report.gaps[i], run.verdict.gap_refuses[i]));
  root["gaps"] = std::move(gaps);
  json::array artifacts;
  for (const Inspected& about : run.report.inspected) artifacts.emplace_back(artifact(about, run));
  root["artifacts"] = std::move(artifacts);
  root["techniques"] = technique_names(run.report);
  root["warnings"] = texts(run.verdict.warnings);
  return pretty(root);
}

}  // namespace bulwark::report
