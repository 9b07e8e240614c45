#include "trust/verification.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::trust {
namespace {

// Findings of one rule that are kept. A model with one wrong byte a file has thousands; nobody reads more.
constexpr std::size_t kKept = 100;

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Passed: return "passed";
    case Outcome::Failed: return "failed";
    case Outcome::NotDone: return "not-done";
    case Outcome::NotProved: return "not-proved";
  }
  return "not-done";
}

void Verification::fail(std::string_view id, const Rule& rule, const std::string& message) {
  note(id, Outcome::Failed, message);
  find(rule, {}, message);
}

void Verification::find(const Rule& rule, const std::string& below, std::string message,
                        std::string evidence) {
  find(rule, rule.severity, below, std::move(message), std::move(evidence));
}

void Verification::find(const Rule& rule, Severity severity, const std::string& below, std::string message,
                        std::string evidence) {
  if (++raised_[&rule] > kKept) return;
  report_.findings.push_back({.rule = &rule,
                              .severity = severity,
                              .path = below.empty() ? path_ : path_ + "/" + below,
                              .origin = {},
                              .place = {},
                              .message = std::move(message),
                              .evidence = printable(evidence),
                              .subject = {}});
}

void Verification::gap(GapReason reason, const std::string& below, std::string why) {
  report_.gaps.push_back({.reason = reason,
                          .path = below.empty() ? path_ : path_ + "/" + below,
                          .origin = {},
                          .place = {},
                          .why = std::move(why)});
}

void Verification::close() {
  report_.normalise();
  for (const auto& [rule, times] : raised_) {
    if (times <= kKept || !closed_.insert(rule).second) continue;
    report_.findings.push_back({.rule = rule,
                                .severity = rule->severity,
                                .path = path_,
                                .origin = {},
                                .place = {},
                                .message = "and " + std::to_string(times - kKept) + " more",
                                .evidence = {},
                                .subject = {}});
  }
}

bool Verification::refused() const {
  return std::ranges::any_of(report_.findings,
                             [](const Finding& finding) { return finding.severity >= Severity::High; }) ||
         std::ranges::any_of(checks_, [](const Check& check) { return check.outcome == Outcome::Failed; });
}

std::size_t Verification::count(const Rule& rule) const {
  const auto found = raised_.find(&rule);
  return found == raised_.end() ? 0 : found->second;
}

}  // namespace bulwark::trust
