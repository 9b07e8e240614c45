// The policy file: every key is known, every mistake names its line.

#include <algorithm>
#include <utility>

#include "base/date.h"
#include "base/document.h"
#include "base/document_checks.h"
#include "base/text.h"
#include "policy/policy.h"

namespace bulwark::policy {
namespace {

Result<Severity> severity_of(const Document& value) {
  const auto severity = severity_from(value.string);
  if (severity) return *severity;
  return unknown(value, "severity", value.string, {"info", "low", "medium", "high", "critical"});
}

Result<std::chrono::year_month_day> date_of(const Document& value) {
  const auto date = date_from(value.string);
  if (date) return *date;
  return wrong(value, "'" + printable(value.string, 40) + "' is no date; write YYYY-MM-DD");
}

std::vector<std::string_view> gap_reasons() {
  std::vector<std::string_view> names;
  names.reserve(kGapReasons);
  for (std::size_t i = 0; i < kGapReasons; ++i) names.push_back(bulwark::name_of(static_cast<GapReason>(i)));
  return names;
}

Result<void> read_gaps(const Document& value, Policy& policy) {
  const std::vector<std::string_view> reasons = gap_reasons();
  if (value.is_map()) {
    TRY(check_keys(value, "gaps", reasons));
  } else if (value.string != "refuse" && value.string != "accept") {
    return wrong(value, "gaps is 'refuse', 'accept' or a map from reason to one of them");
  }
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const Document* answer = value.is_map() ? value.find(reasons[i]) : &value;
    if (answer == nullptr) continue;
    if (answer->string != "refuse" && answer->string != "accept")
      return wrong(*answer, "write 'refuse' or 'accept'");
    policy.refuse_gap[i] = answer->string == "refuse";
  }
  return {};
}

Result<void> check_rule(const Document& at, std::string_view id,
                        const std::vector<std::string_view>& known_rules) {
  if (std::ranges::find(known_rules, id) != known_rules.end()) return {};
  return unknown(at, "rule", id, known_rules);
}

using Severities = std::map<std::string, Severity, std::less<>>;

Result<Severities> read_severities(const Document& value, const std::vector<std::string_view>& known_rules) {
  if (!value.is_map()) return wrong(value, "severities must be a map from rule to severity");
  Severities severities;
  for (const auto& [rule, name] : value.map) {
    TRY(check_rule(name, rule, known_rules));
    const Severity severity = TRY(severity_of(name));
    if (!severities.emplace(rule, severity).second) return wrong(name, "rule " + rule + " comes twice");
  }
  return severities;
}

Result<PathRule> read_path_rule(const Document& entry, const std::vector<std::string_view>& known_rules) {
  TRY(check_keys(entry, "an entry of paths", {"path", "fail_on", "severities"}));
  PathRule rule;
  rule.path = entry.text("path");
  if (rule.path.empty()) return wrong(entry, "an entry of paths needs a 'path', such as 'tests/**'");
  if (const Document* value = entry.find("fail_on")) rule.fail_on = TRY(severity_of(*value));
  if (const Document* value = entry.find("severities"))
    rule.severities = TRY(read_severities(*value, known_rules));
  return rule;
}

Result<bool> counts(const Document& value) {
  if (value.string == "accept" || value.string == "refuse") return value.string == "accept";
  return wrong(value, "notes is 'accept' or 'refuse'");
}

Result<Accepted> read_accepted(const Document& entry) {
  TRY(check_keys(entry, "an accepted finding",
                 {"fingerprint", "reason", "expires", "rule", "path", "place", "message"}));
  Accepted accepted;
  accepted.fingerprint = entry.text("fingerprint");
  accepted.reason = trim(entry.text("reason"));
  accepted.line = entry.line;
  if (accepted.fingerprint.empty()) return wrong(entry, "an accepted finding needs its 'fingerprint'");
  if (accepted.reason.empty()) return wrong(entry, "an accepted finding needs a 'reason'");
  if (const Document* expires = entry.find("expires")) accepted.expires = TRY(date_of(*expires));
  return accepted;
}

Result<Allowance> read_allowance(const Document& entry, const std::vector<std::string_view>& known_rules) {
  TRY(check_keys(entry, "an allowance", {"rule", "subject", "path", "reason", "expires"}));
  Allowance allowance;
  allowance.rule = entry.text("rule");
  allowance.subject = entry.text("subject");
  allowance.path = entry.text("path");
  allowance.reason = trim(entry.text("reason"));
  allowance.line = entry.line;
  if (!allowance.rule.empty()) TRY(check_rule(entry, allowance.rule, known_rules));
  if (allowance.rule.empty() && allowance.subject.empty())
    return wrong(entry, "an allowance needs 'rule' or 'subject': allowing everything is not possible");
  if (allowance.reason.empty()) return wrong(entry, "an allowance needs a 'reason'");
  if (const Document* expires = entry.find("expires")) allowance.expires = TRY(date_of(*expires));
  return allowance;
}

}  // namespace

Result<Policy> read_policy(std::string_view text, const std::vector<std::string_view>& known_rules) {
  Policy policy;
  const std::vector<Document> documents = TRY(parse_yaml(text, Limits{}));
  if (documents.empty()) return policy;
  const Document& root = documents.front();
  if (documents.size() > 1) return wrong(documents[1], "one document only");
  if (root.kind == Document::Kind::Null) return policy;
  TRY(check_keys(root, "a policy", {"fail_on", "gaps", "severities", "allow", "paths", "notes"}));
  if (const Document* value = root.find("fail_on")) policy.fail_on = TRY(severity_of(*value));
  if (const Document* value = root.find("gaps")) TRY(read_gaps(*value, policy));
  if (const Document* value = root.find("severities"))
    policy.severities = TRY(read_severities(*value, known_rules));
  if (const Document* value = root.find("notes")) policy.notes_count = TRY(counts(*value));
  if (const Document* value = root.find("paths")) {
    if (!value->is_list()) return wrong(*value, "paths must be a list");
    for (const Document& entry : value->list) {
      PathRule rule = TRY(read_path_rule(entry, known_rules));
      policy.paths.push_back(std::move(rule));
    }
  }
  if (const Document* value = root.find("allow")) {
    if (!value->is_list()) return wrong(*value, "allow must be a list");
    for (const Document& entry : value->list) {
      Allowance allowance = TRY(read_allowance(entry, known_rules));
      policy.allowed.push_back(std::move(allowance));
    }
  }
  return policy;
}

Result<Baseline> read_baseline(std::string_view text) {
  const std::vector<Document> documents = TRY(parse_yaml(text, Limits{}));
  Baseline baseline;
  if (documents.empty() || documents.front().kind == Document::Kind::Null) return baseline;
  const Document& root = documents.front();
  if (documents.size() > 1) return wrong(documents[1], "one document only");
  TRY(check_keys(root, "a baseline", {"version", "accepted"}));
  const Document* version = root.find("version");
  if (version == nullptr || version->string != "1") return wrong(root, "a baseline needs 'version: 1'");
  const Document* accepted = root.find("accepted");
  if (accepted == nullptr || accepted->kind == Document::Kind::Null) return baseline;
  if (!accepted->is_list()) return wrong(*accepted, "accepted must be a list");
  for (const Document& entry : accepted->list) {
    Accepted read = TRY(read_accepted(entry));
    baseline.accepted.push_back(std::move(read));
  }
  return baseline;
}

}  // namespace bulwark::policy
