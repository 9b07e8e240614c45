#include <algorithm>
#include <utility>

#include "base/glob.h"
#include "policy/policy.h"

namespace bulwark::policy {
namespace {

constexpr std::array<std::string_view, 3> kOutcomes = {"accepted", "refused", "incomplete"};

std::string written(std::chrono::year_month_day date) {
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) +
         "-" + two(static_cast<unsigned>(date.day()));
}

std::string described(const Allowance& allowance) {
  std::string text = "allowance in line " + std::to_string(allowance.line) + " (";
  for (const std::string* part : {&allowance.rule, &allowance.subject, &allowance.path})
    if (!part->empty()) text += (text.ends_with('(') ? "" : " ") + *part;
  return text + ")";
}

bool fits(const Allowance& allowance, const Finding& finding) {
  return (allowance.rule.empty() || allowance.rule == finding.rule->id) &&
         (allowance.subject.empty() || allowance.subject == finding.subject) &&
         (allowance.path.empty() || matches_glob(allowance.path, finding.path));
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  return kOutcomes[std::to_underlying(outcome)];
}

Verdict decide(const Policy& policy, const Report& report, std::chrono::year_month_day today) {
  Verdict verdict;
  std::vector<const Allowance*> valid;
  for (const Allowance& allowance : policy.allowed) {
    if (!allowance.expires || std::chrono::sys_days(*allowance.expires) >= std::chrono::sys_days(today)) {
      valid.push_back(&allowance);
    } else {
      verdict.warnings.push_back(described(allowance) + " expired on " + written(*allowance.expires) +
                                 " and is ignored");
    }
  }
  for (const Finding& finding : report.findings) {
    JudgedFinding judged{.severity = finding.severity};
    const auto override_at = policy.severities.find(finding.rule->id);
    if (override_at != policy.severities.end()) judged.severity = override_at->second;
    const auto allowance = std::ranges::find_if(valid, [&](const Allowance* a) { return fits(*a, finding); });
    if (allowance != valid.end()) judged.allowed_because = (*allowance)->reason;
    judged.refuses = judged.allowed_because.empty() && judged.severity >= policy.fail_on;
    if (judged.refuses) verdict.outcome = Outcome::Refused;
    verdict.findings.push_back(std::move(judged));
  }
  for (const Gap& gap : report.gaps) {
    const bool refuses = policy.refuse_gap[std::to_underlying(gap.reason)];
    if (refuses && verdict.outcome == Outcome::Accepted) verdict.outcome = Outcome::Incomplete;
    verdict.gap_refuses.push_back(refuses);
  }
  return verdict;
}

}  // namespace bulwark::policy
