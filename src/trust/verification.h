#pragma once
// What a verification has to say: which checks were made with which outcome, and what it found.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/report.h"

namespace bulwark::trust {

enum class Outcome : std::uint8_t {
  Passed,
  Failed,
  NotDone,    // an earlier check failed, or it could not be made
  NotProved,  // this kind of signature cannot show it
};

[[nodiscard]] std::string_view name_of(Outcome outcome);  // "passed", "failed", "not-done", "not-proved"

// One line of the checklist. `id` is stable: "signature", "files" …
struct Check {
  std::string_view id;  // a literal
  Outcome outcome = Outcome::NotDone;
  std::string detail;  // for people
};

// A list of checks and findings that grows; not more than a hundred findings of one rule, the rest counted.
class Verification {
 public:
  // `path`: what is verified, as given; begins every finding's path.
  explicit Verification(std::string path) : path_(std::move(path)) {}

  void pass(std::string_view id, std::string detail) { note(id, Outcome::Passed, std::move(detail)); }
  void note(std::string_view id, Outcome outcome, std::string detail) {
    checks_.push_back({id, outcome, std::move(detail)});
  }
  // Adds a failed check and its finding.
  void fail(std::string_view id, const Rule& rule, const std::string& message);
  // `below`: a file of the model; empty for the model itself. `severity`: other than the rule's.
  void find(const Rule& rule, const std::string& below, std::string message, std::string evidence = {});
  void find(const Rule& rule, Severity severity, const std::string& below, std::string message,
            std::string evidence = {});
  void gap(GapReason reason, const std::string& below, std::string why);
  // Sorts, and adds the findings that were only counted. May come again after more findings.
  void close();

  [[nodiscard]] const std::vector<Check>& checks() const { return checks_; }
  [[nodiscard]] const Report& report() const { return report_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // A finding of severity high or above, or a failed check.
  [[nodiscard]] bool refused() const;
  [[nodiscard]] bool complete() const { return report_.complete(); }
  // How often a rule was raised, those that were only counted included.
  [[nodiscard]] std::size_t count(const Rule& rule) const;

 private:
  std::string path_;
  std::vector<Check> checks_;
  Report report_;
  std::map<const Rule*, std::size_t> raised_;
  std::set<const Rule*> closed_;  // whose rest is in the report
};

}  // namespace bulwark::trust
