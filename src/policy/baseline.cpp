#include <algorithm>
#include <map>
#include <utility>

#include "base/date.h"
#include "base/document_checks.h"
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "policy/policy.h"

namespace bulwark::policy {
namespace {

constexpr std::size_t kLongest = 400;  // of what is written for the reader

// Each part with its length before it, so that no two lists of parts give the same text.
void add(std::string& text, std::string_view part) {
  text.append(std::to_string(part.size())).append(":").append(part);
}

std::string_view without_dot(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  return path;
}

// No offset and no line: the same finding in a file that was edited elsewhere is the same finding.
std::string identity_of(const Finding& finding) {
  std::string text;
  add(text, finding.rule->id);
  add(text, without_dot(finding.path));
  add(text, std::to_string(finding.origin.size()));
  for (const std::string& member : finding.origin) add(text, member);
  add(text, finding.subject);
  add(text, finding.evidence);
  return text;
}

}  // namespace

std::vector<std::string> fingerprints_of(const Report& report) {
  constexpr std::size_t kDigits = 32;
  std::map<std::string, unsigned> seen;
  std::vector<std::string> prints;
  prints.reserve(report.findings.size());
  for (const Finding& finding : report.findings) {
    std::string identity = identity_of(finding);
    const unsigned before = seen[identity]++;
    add(identity, std::to_string(before));
    const auto digest = crypto::sha256(bytes_of(identity));
    // Without a digest nothing can match, which refuses: the safe side.
    prints.push_back(digest ? digest->substr(0, kDigits) : std::string());
  }
  return prints;
}

std::string write_baseline(const Report& report, const Verdict& verdict, const Baseline& before,
                           std::string_view reason, std::chrono::year_month_day expires) {
  std::string out =
      "# Findings that are accepted for a while: bulwark scan … --baseline THIS-FILE\n"
      "# Give each its own reason, and mend it before it expires.\n"
      "version: 1\naccepted:\n";
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    const JudgedFinding& judged = verdict.findings[i];
    const auto known = std::ranges::find(before.accepted, judged.fingerprint, &Accepted::fingerprint);
    const bool kept = judged.allowed_by == AllowedBy::Baseline && known != before.accepted.end();
    if (!judged.refuses && !kept) continue;
    out += "  - fingerprint: " + quoted(judged.fingerprint, kLongest) + "\n";
    out += "    rule: " + std::string(finding.rule->id) + "\n";
    out += "    path: " + quoted(finding.path, kLongest) + "\n";
    out += "    message: " + quoted(finding.message, kLongest) + "\n";
    out += "    reason: " + quoted(kept ? std::string_view(known->reason) : reason, kLongest) + "\n";
    const auto ends = kept ? known->expires : std::optional(expires);
    if (ends) out += "    expires: " + date_text(*ends) + "\n";
  }
  return out;
}

}  // namespace bulwark::policy
