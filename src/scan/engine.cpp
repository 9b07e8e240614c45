#include "scan/engine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "scan/diff.h"
#include "scan/inspectors/list.h"
#include "scan/overlaps.h"
#include "scan/secrets/search.h"
#include "scan/waivers.h"

namespace bulwark::scan {
namespace {

constexpr Rule kPolyglot{
    .id = "BW-POLY-001",
    .title = "file has several valid readings",
    .severity = Severity::Medium,
    .atlas = "AML.T0074 AML.T0107",
    .why =
        "A scanner that picks one reading and a loader that picks the other see different files; the second "
        "reading is where a payload hides.",
    .fix =
        "Refuse the file unless its producer explains the second reading; ask for a copy in one plain "
        "format.",
};
constexpr std::array kEngineRules = {kPolyglot};

constexpr std::array kInspectors = {
#define BULWARK_LIST_INSPECTOR(name) &inspectors::name,
    BULWARK_INSPECTORS(BULWARK_LIST_INSPECTOR)
#undef BULWARK_LIST_INSPECTOR
};

std::string_view family_of(const Inspector& inspector) {
  return inspector.family.empty() ? inspector.name : inspector.family;
}

// The name under which a consumer would find the artifact.
std::string_view name_of(const Artifact& artifact) {
  return artifact.origin.empty() ? artifact.path : artifact.origin.back();
}

Match match_of(const Inspector& inspector, const Artifact& artifact) {
  Match match = inspector.recognises == nullptr ? Match::No : inspector.recognises(artifact.bytes);
  if (match == Match::No && inspector.recognises_file != nullptr)
    match = inspector.recognises_file(name_of(artifact), artifact.bytes);
  return match;
}

struct Reading {
  const Inspector* inspector;
  Match match;
};

// `redacted` looks at the beginning of a text only, as much as a finding shows; a trace has no such end.
std::string redacted_trace(std::string_view trace) {
  std::string clean;
  std::string_view separator;
  for (const std::string_view line : split(trace, '\n')) {
    clean.append(separator).append(secrets::redacted(line));
    separator = "\n";
  }
  return clean;
}

// What findings quote may be a secret, whoever raised them: one search for all of them.
void make_printable(std::vector<Finding>& findings) {
  constexpr std::size_t kMessage = 400;
  std::vector<std::string*> texts;
  texts.reserve(findings.size() * 2);
  for (Finding& finding : findings) {
    texts.push_back(&finding.message);
    texts.push_back(&finding.evidence);
  }
  secrets::redact(texts);
  for (Finding& finding : findings) {
    finding.message = printable(finding.message, kMessage);
    finding.evidence = printable(finding.evidence);
  }
}

// Inspectors quote what they find; what another one found to be a secret must not be in the quotation.
void conceal(Report& report, std::vector<std::string>& values) {
  make_printable(report.findings);
  for (Inspected& inspected : report.inspected)
    if (!inspected.trace.empty()) inspected.trace = redacted_trace(inspected.trace);
  if (values.empty()) return;
  std::ranges::sort(values);
  const auto repeated = std::ranges::unique(values);
  values.erase(repeated.begin(), repeated.end());
  constexpr std::size_t kMost =
      1'000;  // quotations are searched for each; beyond, what they look like must do
  if (values.size() > kMost) values.resize(kMost);
  const auto clean = [&](std::string& text) { text = secrets::without_values(text, values); };
  for (Finding& finding : report.findings) {
    if (finding.rule->controls == "SC-SECRET") continue;  // quotes nothing
    clean(finding.message);
    clean(finding.evidence);
    clean(finding.subject);
  }
  for (Gap& gap : report.gaps) clean(gap.why);
  for (Inspected& inspected : report.inspected) {
    for (auto& [key, value] : inspected.facts) clean(value);
    clean(inspected.trace);
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::span<const Inspector* const> builtin_inspectors() {
  return kInspectors;
}
std::span<const Rule> engine_rules() {
  return kEngineRules;
}

std::vector<const Rule*> all_rules() {
  std::vector<const Rule*> rules;
  for (const Rule& rule : kEngineRules) rules.push_back(&rule);
  for (const Rule& rule : diff_rules()) rules.push_back(&rule);
  for (const Rule& rule : waiver_rules()) rules.push_back(&rule);
  for (const Inspector* inspector : kInspectors)
    for (const Rule& rule : inspector->rules) rules.push_back(&rule);
  std::ranges::sort(rules, {}, &Rule::id);
  // Inspectors may share a rule; one id is one rule.
  const auto repeated = std::ranges::unique(rules, {}, &Rule::id);
  rules.erase(repeated.begin(), repeated.end());
  return rules;
}

const Rule* find_rule(std::string_view id) {
  const auto rules = all_rules();
  const auto found = std::ranges::find(rules, id, &Rule::id);
  return found == rules.end() ? nullptr : *found;
}

struct Engine::Walk {
  Budget budget;
  Report report;
  std::vector<std::string> concealed;
  std::uint32_t depth = 0;
};

Report Engine::scan(const Artifact& artifact, const Package* directory) const {
  Walk walk{.budget = Budget(limits_, clock_), .report = {}, .concealed = {}};
  visit(walk, artifact, directory, {});
  conceal(walk.report, walk.concealed);
  walk.report.normalise();
  return std::move(walk.report);
}

Report Engine::scan_directory(const std::string& path, const Package& directory) const {
  Walk walk{.budget = Budget(limits_, clock_), .report = {}, .concealed = {}};
  const Artifact artifact{.path = path, .origin = {}, .bytes = {}, .keeps = nullptr};
  Inspected about{.path = path, .origin = {}, .size = 0, .formats = {}, .facts = {}, .trace = {}};
  visit_package(walk, artifact, directory, about);
  if (!about.formats.empty()) walk.report.inspected.push_back(std::move(about));
  conceal(walk.report, walk.concealed);
  walk.report.normalise();
  return std::move(walk.report);
}

void Engine::visit(Walk& walk, const Artifact& artifact, const Package* package, std::string_view as) const {
  std::vector<Reading> readings;
  for (const Inspector* inspector : inspectors_) {
    if (inspector->inspect == nullptr) continue;
    Match match = match_of(*inspector, artifact);
    if (inspector->name == as) match = Match::Strong;
    if (match != Match::No) readings.push_back({inspector, match});
  }

  Inspected about{.path = artifact.path,
                  .origin = artifact.origin,
                  .size = artifact.bytes.size(),
                  .formats = {},
                  .facts = {},
                  .trace = {}};
  std::vector<std::string> strong_families;
  std::vector<std::unique_ptr<Inspection>> done;
  Report* general = nullptr;  // its gaps are repetitions where a closer reading has some
  for (const Reading& reading : readings) {
    std::unique_ptr<Inspection> inspection(new Inspection(artifact, package, walk.budget, options_));
    const Result<void> result = reading.inspector->inspect(*inspection);
    if (!result && reading.match == Match::Weak && result.error().code == Code::Unsupported) continue;
    if (!result) inspection->gap(result.error(), reading.inspector->name);
    for (const auto& [rule, count] : inspection->raised_) {
      if (count <= limits_.findings_per_rule) continue;
      inspection->gap(GapReason::Limit, std::string(rule->id) + " was raised " + std::to_string(count) +
                                            " times; the first " + std::to_string(limits_.findings_per_rule) +
                                            " are shown");
    }
    if (reading.match != Match::Beside) about.formats.emplace_back(reading.inspector->name);
    const std::string family(family_of(*reading.inspector));
    if (reading.match == Match::Strong && std::ranges::find(strong_families, family) == strong_families.end())
      strong_families.push_back(family);
    std::ranges::move(inspection->about_.facts, std::back_inserter(about.facts));
    about.trace += inspection->about_.trace;
    std::ranges::move(inspection->concealed_, std::back_inserter(walk.concealed));
    if (reading.inspector->general) general = &inspection->report_;
    done.push_back(std::move(inspection));
  }
  if (strong_families.size() > 1) {
    Inspection engine(artifact, package, walk.budget, options_);
    engine.report(kPolyglot,
                  {.place = {.offset = 0}, .message = "content is at once: " + joined(strong_families)});
    walk.report.append(std::move(engine.report_));
  }
  std::vector<Report*> reports;
  for (const auto& inspection : done) reports.push_back(&inspection->report_);
  if (general != nullptr && std::ranges::any_of(reports, [&](const Report* report) {
        return report != general && !report->gaps.empty();
      }))
    general->gaps.clear();
  settle_secrets(reports);
  if (artifact.origin.empty()) {
    for (const auto& inspection : done)
      apply_waivers(text_of(artifact.bytes), artifact.path, inspection->report_.findings);
  }
  for (const auto& inspection : done) {
    walk.report.append(std::move(inspection->report_));
    for (const auto& opened : inspection->packages_) visit_package(walk, artifact, *opened, about);
  }
  walk.report.inspected.push_back(std::move(about));
  for (const auto& inspection : done) visit_inside(walk, artifact, *inspection);
}

void Engine::visit_inside(Walk& walk, const Artifact& artifact, Inspection& inspection) const {
  if (inspection.children_.empty() && inspection.packages_.empty()) return;
  if (walk.depth >= limits_.depth) {
    walk.report.gaps.push_back(
        {GapReason::Limit,
         artifact.path,
         artifact.origin,
         {},
         "content is nested deeper than " + std::to_string(limits_.depth) + " levels"});
    return;
  }
  ++walk.depth;
  const auto visit_member = [&](const std::string& name, Content content, const Package* package,
                                std::string_view as) {
    Artifact inner{.path = artifact.path,
                   .origin = artifact.origin,
                   .bytes = content.bytes,
                   .keeps = std::move(content.keeps)};
    inner.origin.push_back(name);
    const std::uint64_t held =
        inner.keeps != nullptr && inner.keeps != artifact.keeps ? inner.bytes.size() : 0;
    walk.budget.hold(held);
    visit(walk, inner, package, as);
    walk.budget.release(held);
  };
  for (auto& child : inspection.children_) {
    auto allowed = walk.budget.charge_member("content of " + printable(child.name, 60));
    if (allowed) allowed = walk.budget.check_time("content of " + printable(child.name, 60));
    if (!allowed) {
      Inspection stopped(artifact, nullptr, walk.budget, options_);
      stopped.gap(allowed.error());
      walk.report.append(std::move(stopped.report_));
      break;
    }
    visit_member(child.name, std::move(child.content), nullptr, child.as);
  }
  for (const auto& package : inspection.packages_) {
    for (std::size_t i = 0; i < package->members().size(); ++i) {
      const Member& member = package->members()[i];
      if (member.kind != MemberKind::File) continue;
      Inspection reading(artifact, package.get(), walk.budget, options_);
      auto time = walk.budget.check_time("members of " + std::string(package->kind()));
      if (!time) {
        reading.gap(time.error());
        walk.report.append(std::move(reading.report_));
        break;
      }
      auto content = package->read(i, reading);
      // A package that has already said why (encrypted, cut) is not repeated.
      if (!content && reading.report_.gaps.empty()) reading.gap(content.error(), member.name);
      walk.report.append(std::move(reading.report_));
      if (content) visit_member(member.name, std::move(*content), package.get(), {});
    }
  }
  --walk.depth;
}

void Engine::visit_package(Walk& walk, const Artifact& artifact, const Package& package,
                           Inspected& about) const {
  for (const Inspector* inspector : inspectors_) {
    if (inspector->recognises_package == nullptr || !inspector->recognises_package(package)) continue;
    Inspection inspection(artifact, &package, walk.budget, options_);
    const Result<void> result = inspector->inspect_package(package, inspection);
    if (!result) inspection.gap(result.error(), inspector->name);
    about.formats.emplace_back(inspector->name);
    std::ranges::move(inspection.about_.facts, std::back_inserter(about.facts));
    about.trace += inspection.about_.trace;
    std::ranges::move(inspection.concealed_, std::back_inserter(walk.concealed));
    walk.report.append(std::move(inspection.report_));
    visit_inside(walk, artifact, inspection);
  }
}

Result<ModelGraph> Engine::graph(const Artifact& artifact) const {
  Budget budget(limits_, clock_);
  for (const Inspector* inspector : inspectors_) {
    if (inspector->graph == nullptr || inspector->recognises(artifact.bytes) == Match::No) continue;
    Inspection inspection(artifact, nullptr, budget, options_);
    return inspector->graph(inspection);
  }
  return fail(Code::Unsupported, "no architecture can be read from this format");
}

}  // namespace bulwark::scan
