#include "report/verification.h"

#include <algorithm>

#include "base/json_text.h"
#include "base/text.h"
#include "report/pretty.h"

namespace bulwark::report {
namespace {

using trust::Check;
using trust::Outcome;

std::string painted(std::string_view text, std::string_view code, bool colour) {
  if (!colour) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::string_view colour_of(std::string_view verdict) {
  return verdict == "accepted" ? "1;32" : verdict == "refused" ? "1;31" : "1;33";
}

std::string mark_of(Outcome outcome, bool colour) {
  switch (outcome) {
    case Outcome::Passed: return painted("ok  ", "32", colour);
    case Outcome::Failed: return painted("FAIL", "1;31", colour);
    case Outcome::NotDone: return painted("-   ", "33", colour);
    case Outcome::NotProved: return "?   ";
  }
  return "-   ";
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& letter : out)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return out;
}

std::string check_lines(const std::vector<Check>& checks, bool colour) {
  std::size_t width = 0;
  for (const Check& check : checks) width = std::max(width, check.id.size());
  std::string text;
  for (const Check& check : checks) {
    std::string name = padded(check.id, width + 2);
    std::ranges::replace(name, '-', ' ');
    text += "  " + mark_of(check.outcome, colour) + " " + name + printable(check.detail, 1000) + "\n";
  }
  return text;
}

// The worst first, then by place.
std::vector<const Finding*> ordered(const std::vector<Finding>& findings) {
  std::vector<const Finding*> order;
  for (const Finding& finding : findings) order.push_back(&finding);
  std::sort(order.begin(), order.end(), [](const Finding* left, const Finding* right) {
    return std::tuple(right->severity, left->path, left->rule->id, left) <
           std::tuple(left->severity, right->path, right->rule->id, right);
  });
  return order;
}

std::string finding_lines(const std::vector<Finding>& findings, bool colour) {
  std::string text;
  for (const Finding* finding : ordered(findings)) {
    const std::string_view severity = name_of(finding->severity);
    text += "  " + painted(padded(severity, 8), finding->severity >= Severity::High ? "31" : "33", colour) +
            "  " + std::string(finding->rule->id) + "  " + printable(finding->path, 300) + "\n            " +
            printable(finding->message, 1000) + "\n";
  }
  return text;
}

Document words_json(std::string_view text) {
  Document list = json_list();
  for (const std::string_view word : words(text)) list.list.push_back(json_string(std::string(word)));
  return list;
}

Document finding_json(const Finding& finding) {
  Document json = json_map({{"rule", json_string(std::string(finding.rule->id))},
                            {"title", json_string(std::string(finding.rule->title))},
                            {"severity", json_string(std::string(name_of(finding.severity)))},
                            {"path", json_string(clean_utf8(finding.path))},
                            {"message", json_string(clean_utf8(finding.message))},
                            {"atlas", words_json(finding.rule->atlas)},
                            {"controls", words_json(finding.rule->controls)}});
  if (!finding.evidence.empty()) json.map.emplace_back("evidence", json_string(clean_utf8(finding.evidence)));
  return json;
}

}  // namespace

std::string_view verdict_of(const trust::Verification& verification) {
  return verification.refused() ? "refused" : verification.complete() ? "accepted" : "incomplete";
}

std::string verification_text(const VerificationRun& run) {
  const trust::Verification& verification = run.verification;
  const std::string_view verdict = verdict_of(verification);
  std::string text = printable(verification.path(), 300) + ": " +
                     painted(upper(verdict), colour_of(verdict), run.colour) + "\n" +
                     check_lines(verification.checks(), run.colour);
  const Report& report = verification.report();
  if (!report.findings.empty()) text += "\n" + finding_lines(report.findings, run.colour);
  if (!report.gaps.empty()) text += "\nnot looked at:\n";
  for (const Gap& gap : report.gaps)
    text += "  " + padded(name_of(gap.reason), 11) + "  " + printable(gap.path, 300) + ": " +
            printable(gap.why, 1000) + "\n";
  if (verdict == "accepted")
    text +=
        "\nThese bytes are the ones that were signed. That they are harmless is for 'bulwark scan' to say.\n";
  return text;
}

std::string verification_json(const VerificationRun& run) {
  const trust::Verification& verification = run.verification;
  std::vector<Document> checks;
  for (const Check& check : verification.checks())
    checks.push_back(json_map({{"check", json_string(std::string(check.id))},
                               {"outcome", json_string(std::string(name_of(check.outcome)))},
                               {"detail", json_string(clean_utf8(check.detail))}}));
  std::vector<Document> findings;
  for (const Finding* finding : ordered(verification.report().findings))
    findings.push_back(finding_json(*finding));
  std::vector<Document> gaps;
  for (const Gap& gap : verification.report().gaps)
    gaps.push_back(json_map({{"reason", json_string(std::string(name_of(gap.reason)))},
                             {"path", json_string(clean_utf8(gap.path))},
                             {"why", json_string(clean_utf8(gap.why))}}));
  Document json = json_map({{"schema", json_string("bulwark.verify/1")},
                            {"tool", json_map({{"name", json_string("bulwark")},
                                               {"version", json_string(std::string(run.version))}})},
                            {"kind", json_string(run.kind)},
                            {"target", json_string(clean_utf8(verification.path()))},
                            {"signature", json_string(clean_utf8(run.signature))},
                            {"method", json_string(run.method)},
                            {"verdict", json_string(std::string(verdict_of(verification)))},
                            {"checks", json_list(std::move(checks))},
                            {"findings", json_list(std::move(findings))},
                            {"gaps", json_list(std::move(gaps))}});
  for (const Document::Entry& fact : run.facts) json.map.push_back(fact);
  return pretty_json(json);
}

}  // namespace bulwark::report
