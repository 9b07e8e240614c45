#include <algorithm>
#include <utility>

#include "base/date.h"
#include "base/glob.h"
#include "base/text.h"
#include "policy/policy.h"

namespace bulwark::policy {
namespace {

constexpr std::array<std::string_view, 3> kOutcomes = {"accepted", "refused", "incomplete"};
constexpr std::array<std::string_view, 4> kAllowedBy = {"nobody", "policy", "baseline", "note"};

using Day = std::chrono::year_month_day;

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

bool is_over(const std::optional<Day>& expires, Day today) {
  return expires && std::chrono::sys_days(*expires) < std::chrono::sys_days(today);
}

// The parts of policy, baseline and notes that count today, and what there is to say about the others.
class Judge {
 public:
  Judge(const Policy& policy, const Baseline& baseline, Day today, std::vector<std::string>& warnings)
      : policy_(policy), today_(today), warnings_(warnings) {
    for (const Allowance& allowance : policy.allowed) {
      if (is_over(allowance.expires, today)) {
        expired(described(allowance), *allowance.expires);
      } else {
        allowances_.push_back(&allowance);
      }
    }
    for (const Accepted& accepted : baseline.accepted) {
      if (is_over(accepted.expires, today)) {
        expired("baseline entry in line " + std::to_string(accepted.line), *accepted.expires);
      } else {
        accepted_.emplace(accepted.fingerprint, &accepted);
      }
    }
  }

  JudgedFinding judge(const Finding& finding, std::string fingerprint) {
    JudgedFinding judged{.severity = finding.severity, .fingerprint = std::move(fingerprint)};
    Severity fail_on = policy_.fail_on;
    override_severity(policy_.severities, finding, judged);
    for (const PathRule& rule : policy_.paths) {
      if (!matches_glob(rule.path, finding.path)) continue;
      fail_on = rule.fail_on.value_or(fail_on);
      override_severity(rule.severities, finding, judged);
    }
    allow(finding, judged);
    judged.refuses = judged.allowed_by == AllowedBy::Nobody && judged.severity >= fail_on;
    return judged;
  }

 private:
  static void override_severity(const std::map<std::string, Severity, std::less<>>& severities,
                                const Finding& finding, JudgedFinding& judged) {
    const auto found = severities.find(finding.rule->id);
    if (found != severities.end()) judged.severity = found->second;
  }

  void allow(const Finding& finding, JudgedFinding& judged) {
    const auto allowance =
        std::ranges::find_if(allowances_, [&](const Allowance* a) { return fits(*a, finding); });
    if (allowance != allowances_.end()) {
      judged.allowed_by = AllowedBy::Policy;
      judged.allowed_because = (*allowance)->reason;
      return;
    }
    const auto accepted = accepted_.find(judged.fingerprint);
    if (!judged.fingerprint.empty() && accepted != accepted_.end()) {
      judged.allowed_by = AllowedBy::Baseline;
      judged.allowed_because = accepted->second->reason;
      return;
    }
    if (!finding.waiver || !policy_.notes_count) return;
    const std::optional<Day> until = date_from(finding.waiver->until);
    if (is_over(until, today_)) {
      expired("note in " + printable(finding.path) + " line " + std::to_string(finding.waiver->line), *until);
      return;
    }
    judged.allowed_by = AllowedBy::Note;
    judged.allowed_because = finding.waiver->reason;
  }

  void expired(const std::string& what, Day day) {
    std::string warning = what + " expired on " + date_text(day) + " and is ignored";
    if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(std::move(warning));
  }

  const Policy& policy_;
  const Day today_;
  std::vector<std::string>& warnings_;
  std::vector<const Allowance*> allowances_;
  std::map<std::string_view, const Accepted*> accepted_;
};

}  // namespace

std::string_view name_of(Outcome outcome) {
  return kOutcomes[std::to_underlying(outcome)];
}

std::string_view name_of(AllowedBy by) {
  return kAllowedBy[std::to_underlying(by)];
}

Verdict decide(const Policy& policy, const Report& report, Day today, const Baseline& baseline) {
  Verdict verdict;
  Judge judge(policy, baseline, today, verdict.warnings);
  std::vector<std::string> fingerprints = fingerprints_of(report);
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    verdict.findings.push_back(judge.judge(report.findings[i], std::move(fingerprints[i])));
    if (verdict.findings.back().refuses) verdict.outcome = Outcome::Refused;
  }
  for (const Gap& gap : report.gaps) {
    const bool refuses = policy.refuse_gap[std::to_underlying(gap.reason)];
    if (refuses && verdict.outcome == Outcome::Accepted) verdict.outcome = Outcome::Incomplete;
    verdict.gap_refuses.push_back(refuses);
  }
  return verdict;
}

}  // namespace bulwark::policy
