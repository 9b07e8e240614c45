// SARIF 2.1.0 (OASIS), in the form that code-scanning services show well.

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <utility>

#include "base/text.h"
#include "report/atlas.h"
#include "report/grouping.h"
#include "report/pretty.h"
#include "report/run.h"

namespace bulwark::report {
namespace {

namespace json = boost::json;

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

json::string text(std::string_view value) {
  return json::string(clean_utf8(value));
}
json::object message(std::string_view value) {
  return {{"text", text(value)}};
}

std::string_view level_of(Severity severity) {
  constexpr std::array<std::string_view, 5> kLevels = {"note", "note", "warning", "error", "error"};
  return kLevels[std::to_underlying(severity)];
}
// The scale of CVSS, by which services sort security alerts.
std::string_view score_of(Severity severity) {
  constexpr std::array<std::string_view, 5> kScores = {"0.5", "3.0", "5.5", "8.0", "9.5"};
  return kScores[std::to_underlying(severity)];
}

std::string percent_encoded(std::string_view path) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char letter : path) {
    if (kPlain.find(letter) != std::string_view::npos) {
      out += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
  }
  return out;
}

// Relative to the working folder where the file lies below it: services match alerts to files by that.
json::object artifact_location(std::string_view path, const Run& run) {
  if (path == "-") return {{"uri", "stdin"}};
  while (path.starts_with("./")) path.remove_prefix(2);
  const std::string folder = run.working_folder + "/";
  if (!run.working_folder.empty() && path.starts_with(folder)) path.remove_prefix(folder.size());
  if (path.starts_with('/')) return {{"uri", "file://" + percent_encoded(path)}};
  return {{"uri", percent_encoded(path.empty() ? "." : path)}, {"uriBaseId", "%SRCROOT%"}};
}

json::object location(std::string_view path, const std::vector<std::string>& origin, const Place& place,
                      const Run& run) {
  // Services want a line even for a binary file. An offset within a member is no offset in the file.
  json::object region{{"startLine", std::max(place.line, 1U)}};
  if (place.column != 0) region["startColumn"] = place.column;
  if (place.offset != kNoOffset && origin.empty() && place.offset <= std::uint64_t{1} << 53) {
    region["byteOffset"] = place.offset;
    region["byteLength"] = 0;
  }
  json::object out{{"physicalLocation", json::object{{"artifactLocation", artifact_location(path, run)},
                                                     {"region", std::move(region)}}}};
  if (!origin.empty()) {
    std::string name;
    for (const std::string& member : origin) name += (name.empty() ? "" : " > ") + clean_utf8(member);
    out["logicalLocations"] = json::array{json::object{{"fullyQualifiedName", name}, {"kind", "member"}}};
  }
  return out;
}

json::object rule_object(const Rule& rule) {
  json::array tags{"security", "model-file"};
  std::string techniques;
  for (const std::string_view id : techniques_of(rule)) {
    tags.emplace_back("external/atlas/" + std::string(id));
    techniques += "- " + std::string(id) + " " + std::string(technique_name(id)) + "\n";
  }
  const std::string why(rule.why);
  const std::string fix(rule.fix);
  return {
      {"id", rule.id},
      {"name", rule.id},
      {"shortDescription", message(rule.title)},
      {"fullDescription", message(rule.why)},
      {"help", json::object{{"text", why + "\n\n" + fix},
                            {"markdown", "**Why it matters.** " + why + "\n\n**What to do.** " + fix +
                                             "\n\n**MITRE ATLAS**\n" + techniques}}},
      {"defaultConfiguration", json::object{{"level", level_of(rule.severity)}}},
      {"properties", json::object{{"tags", std::move(tags)},
                                  {"security-severity", score_of(rule.severity)},
                                  {"problem.severity", rule.severity >= Severity::High ? "error" : "warning"},
                                  {"precision", rule.severity >= Severity::High ? "very-high" : "medium"}}}};
}

// Bytes of the file and what replaces them: what `bulwark scan --fix` would do.
json::array fixes_of(const Finding& found, const Run& run) {
  json::array replacements;
  for (const Edit& edit : found.edits) {
    replacements.emplace_back(json::object{
        {"deletedRegion", json::object{{"byteOffset", edit.offset}, {"byteLength", edit.before.size()}}},
        {"insertedContent", message(edit.after)}});
  }
  json::object change{{"artifactLocation", artifact_location(found.path, run)},
                      {"replacements", std::move(replacements)}};
  return {json::object{{"description", message(found.rule->fix)},
                       {"artifactChanges", json::array{std::move(change)}}}};
}

json::array suppressions_of(const policy::JudgedFinding& judged) {
  const bool in_source = judged.allowed_by == policy::AllowedBy::Note;
  return {json::object{{"kind", in_source ? "inSource" : "external"},
                       {"status", "accepted"},
                       {"justification", text(judged.allowed_because)}}};
}

class Builder {
 public:
  explicit Builder(const Run& run) : run_(run) {}

  json::object log() {
    json::array results;
    for (std::size_t i = 0; i < run_.report.findings.size(); ++i) results.emplace_back(result(i));
    json::object driver{{"name", "Bulwark"},
                        {"version", run_.version},
                        {"semanticVersion", run_.version},
                        {"rules", std::move(rules_)}};
    json::object run{{"tool", json::object{{"driver", std::move(driver)}}},
                     {"columnKind", "utf16CodeUnits"},
                     {"invocations", json::array{invocation()}},
                     {"artifacts", artifacts()},
                     {"results", std::move(results)},
                     {"properties", json::object{{"verdict", policy::name_of(run_.verdict.outcome)}}}};
    return {{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", json::array{std::move(run)}}};
  }

 private:
  std::size_t index_of(const Rule& rule) {
    const auto [at, fresh] = indexes_.emplace(rule.id, rules_.size());
    if (fresh) rules_.emplace_back(rule_object(rule));
    return at->second;
  }

  json::object result(std::size_t index) {
    const Finding& found = run_.report.findings[index];
    const policy::JudgedFinding& judged = run_.verdict.findings[index];
    std::string message_text = found.message;
    if (!found.evidence.empty() && found.evidence != found.message) message_text += ": " + found.evidence;
    const std::string where = place_text(found.origin, found.place);
    if (!where.empty()) message_text += " (" + where + ")";
    json::array atlas;
    for (const std::string_view id : techniques_of(*found.rule)) atlas.emplace_back(json::string(id));
    json::object properties{{"severity", bulwark::name_of(judged.severity)}, {"atlas", std::move(atlas)}};
    if (!found.evidence.empty()) properties["evidence"] = text(found.evidence);
    if (!found.subject.empty()) properties["subject"] = text(found.subject);
    if (found.place.offset != kNoOffset) properties["offset"] = found.place.offset;
    if (!found.origin.empty()) {
      json::array origin;
      for (const std::string& member : found.origin) origin.emplace_back(text(member));
      properties["origin"] = std::move(origin);
    }
    json::object out{{"ruleId", found.rule->id},
                     {"ruleIndex", index_of(*found.rule)},
                     {"level", level_of(judged.severity)},
                     {"message", message(message_text)},
                     {"locations", json::array{location(found.path, found.origin, found.place, run_)}},
                     {"partialFingerprints", json::object{{"bulwark/v2", judged.fingerprint}}},
                     {"properties", std::move(properties)}};
    if (judged.allowed_by != policy::AllowedBy::Nobody) out["suppressions"] = suppressions_of(judged);
    if (!found.edits.empty() && found.origin.empty()) out["fixes"] = fixes_of(found, run_);
    return out;
  }

  json::object invocation() const {
    json::array notifications;
    for (std::size_t i = 0; i < run_.report.gaps.size(); ++i) {
      const Gap& gap = run_.report.gaps[i];
      const std::string reason(bulwark::name_of(gap.reason));
      notifications.emplace_back(
          json::object{{"level", run_.verdict.gap_refuses[i] ? "error" : "warning"},
                       {"message", message("not seen (" + reason + "): " + gap.why)},
                       {"descriptor", json::object{{"id", "gap/" + reason}}},
                       {"locations", json::array{location(gap.path, gap.origin, gap.place, run_)}}});
    }
    for (const std::string& warning : run_.verdict.warnings)
      notifications.emplace_back(
          json::object{{"level", "warning"}, {"message", message("policy: " + warning)}});
    return {{"executionSuccessful", true}, {"toolExecutionNotifications", std::move(notifications)}};
  }

  json::array artifacts() const {
    json::array list;
    for (const Inspected& about : run_.report.inspected) {
      if (!about.origin.empty()) continue;
      json::object artifact{{"location", artifact_location(about.path, run_)}};
      if (about.size <= std::uint64_t{1} << 53) artifact["length"] = about.size;
      const auto digest = run_.digests.find(about.path);
      if (digest != run_.digests.end()) artifact["hashes"] = json::object{{"sha-256", digest->second}};
      list.emplace_back(std::move(artifact));
    }
    return list;
  }

  const Run& run_;
  json::array rules_;
  std::map<std::string_view, std::size_t> indexes_;
};

}  // namespace

std::string write_sarif(const Run& run) {
  Builder builder(run);
  return pretty(builder.log());
}

}  // namespace bulwark::report
