#pragma once
// What an organisation accepts: findings and gaps in, verdict out. Pure: the date is a parameter, so that
// every decision can be replayed from its recorded input.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/report.h"

namespace bulwark::policy {

inline constexpr std::size_t kGapReasons = 7;

// Somebody vouches for what a rule would hold. All given fields must fit the finding.
struct Allowance {
  std::string rule;     // id, or empty: any rule
  std::string subject;  // exact name as in the finding ("sklearn.foo.Bar"), or empty: any
  std::string path;     // glob (base/glob.h), or empty: any file
  std::string reason;   // why it is all right; never empty
  std::optional<std::chrono::year_month_day> expires;  // last day on which it counts
  std::uint32_t line = 0;                              // in the policy file
};

struct Policy {
  Severity fail_on = Severity::High;
  // By GapReason. What could not be looked at is refused unless the policy says otherwise.
  std::array<bool, kGapReasons> refuse_gap = {true, true, true, true, true, true, true};
  std::map<std::string, Severity, std::less<>> severities;  // overrides by rule id
  std::vector<Allowance> allowed;
};

// Reads a policy file (YAML, docs/howto/policy.md). `known_rules`: ids that exist.
// Errors: InvalidInput naming the line and, for unknown keys and rules, the nearest known one.
[[nodiscard]] Result<Policy> read_policy(std::string_view text,
                                         const std::vector<std::string_view>& known_rules);

enum class Outcome : std::uint8_t {
  Accepted,    // complete, and nothing that refuses
  Refused,     // at least one finding refuses
  Incomplete,  // nothing refuses, but something could not be looked at
};
[[nodiscard]] std::string_view name_of(Outcome outcome);  // "accepted" …

struct JudgedFinding {
  Severity severity = Severity::Info;  // after overrides
  bool refuses = false;
  std::string allowed_because;  // reason of the allowance that suppresses it; empty: none
};

struct Verdict {
  Outcome outcome = Outcome::Accepted;
  std::vector<JudgedFinding> findings;  // one per finding of the report, in its order
  std::vector<bool> gap_refuses;        // one per gap
  std::vector<std::string> warnings;    // allowances that have expired or fit nothing
};

[[nodiscard]] Verdict decide(const Policy& policy, const Report& report, std::chrono::year_month_day today);

}  // namespace bulwark::policy
