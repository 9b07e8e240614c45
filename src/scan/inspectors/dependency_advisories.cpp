// What the advisories say about the versions at hand.

#include <algorithm>

#include "base/text.h"
#include "scan/advisories/database.h"
#include "scan/inspectors/dependency_checks.h"
#include "scan/inspectors/dependency_rules.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::int64_t kDay = 86'400;
// An old TensorFlow has two hundred; the worst few say what to do, the rest is named in one line.
constexpr std::size_t kShownPerPackage = 5;

std::string joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
  return text;
}

std::string others_of(const AdvisoryMatch& match) {
  if (match.ids.size() < 2) return {};
  return " (" + joined({match.ids.begin() + 1, match.ids.end()}) + ")";
}

Severity severity_of(const AdvisoryMatch& match, const Dependency& package) {
  // Nobody has scored it: hold until somebody has looked.
  const Severity severity = match.severity.value_or(Severity::Medium);
  // A conda package is only by its name the one that the advisory speaks about.
  return package.ecosystem == "conda" ? std::min(severity, Severity::Medium) : severity;
}

void report_malicious(const DependencyContext& at, const Dependency& package, const AdvisoryMatch& match) {
  report(at, kMalicious, package.place,
         shown(package) + " is malicious: " + joined(match.ids) +
             (match.summary.empty() ? "" : ": " + match.summary),
         match.ids.front());
}

void report_vulnerable(const DependencyContext& at, const Dependency& package, const AdvisoryMatch& match) {
  std::string message = shown(package) + ": " + match.ids.front() + others_of(match);
  if (!match.summary.empty()) message += ": " + match.summary;
  message += match.fixed.empty() ? "; no fixed version is known" : "; fixed in " + match.fixed;
  report(at, kVulnerable, package.place, std::move(message), match.ids.front(), severity_of(match, package));
}

void judge(const DependencyContext& at, const Dependency& package, std::vector<AdvisoryMatch> matches) {
  std::ranges::stable_sort(matches, [&](const AdvisoryMatch& a, const AdvisoryMatch& b) {
    return severity_of(a, package) > severity_of(b, package);
  });
  std::size_t count = 0;
  std::vector<std::string> rest;
  std::vector<std::string> unclear;
  Severity worst_of_rest = Severity::Info;
  for (const AdvisoryMatch& match : matches) {
    if (match.malicious && !match.not_evaluated) {
      report_malicious(at, package, match);
    } else if (match.not_evaluated) {
      unclear.push_back(match.ids.front());
    } else if (package.version.empty()) {
      continue;  // an open version is the matter of BW-DP-002
    } else if (count++ < kShownPerPackage) {
      report_vulnerable(at, package, match);
    } else {
      rest.push_back(match.ids.front());
      worst_of_rest = std::max(worst_of_rest, severity_of(match, package));
    }
  }
  if (!rest.empty())
    report(at, kVulnerable, package.place,
           shown(package) + " has " + std::to_string(rest.size()) +
               " more known vulnerabilities: " + joined(rest),
           shown(package), worst_of_rest);
  if (!unclear.empty())
    report(at, kNotLookedUp, package.place,
           "whether " + shown(package) +
               " is affected was not evaluated, only the history of its repository could tell: " +
               joined(unclear),
           shown(package));
}

void check_age(const DependencyContext& at, const AdvisoryDatabase& database) {
  at.in.fact("advisories", std::to_string(database.advisories()) + ", newest of " +
                               date_of(database.newest()) + ", imported on " + date_of(database.imported()));
  const std::int64_t now = at.in.options().now;
  if (now <= 0) return;
  const std::int64_t age = (now - std::min(database.newest(), database.imported())) / kDay;
  if (age <= 7) return;
  report(at, kOldAdvisories, at.list.dependencies.front().place,
         "the newest advisory is of " + date_of(database.newest()) + ", " + std::to_string(age) + " days ago",
         date_of(database.newest()));
}

}  // namespace

void check_advisories(const DependencyContext& at) {
  if (at.list.dependencies.empty()) return;
  const AdvisoryDatabase* database = at.in.options().advisories;
  if (database == nullptr) {
    report(at, kNotLookedUp, at.list.dependencies.front().place,
           "vulnerabilities of " + std::to_string(at.list.dependencies.size()) +
               " packages were not looked up: no advisory database",
           at.file.format);
    return;
  }
  check_age(at, *database);
  for (const Dependency& package : at.list.dependencies) {
    if (package.name.empty()) continue;
    const std::string_view ecosystem =
        package.ecosystem == "conda" ? std::string_view("PyPI") : package.ecosystem;
    auto matches = database->matches(ecosystem, package.name, package.version);
    if (!matches) {
      at.in.gap(matches.error(), "advisories of " + package.name);
      continue;
    }
    if (!matches->empty()) judge(at, package, std::move(*matches));
  }
}

}  // namespace bulwark::scan::inspectors
