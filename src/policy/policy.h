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

// What is different below some paths. Where several fit, the last one wins.
struct PathRule {
  std::string path;  // glob (base/glob.h)
  std::optional<Severity> fail_on;
  std::map<std::string, Severity, std::less<>> severities;
};

struct Policy {
  Severity fail_on = Severity::High;
  // By GapReason. What could not be looked at is refused unless the policy says otherwise.
  std::array<bool, kGapReasons> refuse_gap = {true, true, true, true, true, true, true};
  std::map<std::string, Severity, std::less<>> severities;  // overrides by rule id
  std::vector<Allowance> allowed;
  std::vector<PathRule> paths;
  // Whether notes in the scanned texts count (Finding::waiver). Refuse them for what others wrote.
  bool notes_count = true;
};

// A finding that was there when somebody decided to live with it for a while.
struct Accepted {
  std::string fingerprint;  // of the finding, see fingerprints_of
  std::string reason;
  std::optional<std::chrono::year_month_day> expires;
  std::uint32_t line = 0;  // in the baseline file
};
struct Baseline {
  std::vector<Accepted> accepted;
};

// Reads a policy file (YAML, docs/howto/policy.md). `known_rules`: ids that exist.
// Errors: InvalidInput naming the line and, for unknown keys and rules, the nearest known one.
[[nodiscard]] Result<Policy> read_policy(std::string_view text,
                                         const std::vector<std::string_view>& known_rules);

// Errors: InvalidInput naming the line. Format: docs/formats/baseline.md.
[[nodiscard]] Result<Baseline> read_baseline(std::string_view text);

// Names of the findings of a report that stay the same when lines move: the first 32 digits of the SHA-256 of
// rule, path, members, subject and evidence, and of how many alike stand before it. One per finding.
[[nodiscard]] std::vector<std::string> fingerprints_of(const Report& report);

enum class Outcome : std::uint8_t {
  Accepted,    // complete, and nothing that refuses
  Refused,     // at least one finding refuses
  Incomplete,  // nothing refuses, but something could not be looked at
};
[[nodiscard]] std::string_view name_of(Outcome outcome);  // "accepted" …

enum class AllowedBy : std::uint8_t { Nobody, Policy, Baseline, Note };
[[nodiscard]] std::string_view name_of(AllowedBy by);  // "nobody", "policy", "baseline", "note"

struct JudgedFinding {
  Severity severity = Severity::Info;  // after overrides
  bool refuses = false;
  AllowedBy allowed_by = AllowedBy::Nobody;
  std::string allowed_because;  // the reason; empty where nobody allows it
  std::string fingerprint;
};

struct Verdict {
  Outcome outcome = Outcome::Accepted;
  std::vector<JudgedFinding> findings;  // one per finding of the report, in its order
  std::vector<bool> gap_refuses;        // one per gap
  std::vector<std::string> warnings;    // allowances that have expired or fit nothing
};

[[nodiscard]] Verdict decide(const Policy& policy, const Report& report, std::chrono::year_month_day today,
                             const Baseline& baseline = {});

// A baseline file that accepts what `verdict` refuses, and what `before` accepted already and is still there.
[[nodiscard]] std::string write_baseline(const Report& report, const Verdict& verdict, const Baseline& before,
                                         std::string_view reason, std::chrono::year_month_day expires);

}  // namespace bulwark::policy
