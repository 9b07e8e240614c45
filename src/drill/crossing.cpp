#include "drill/crossing.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/text.h"
#include "policy/approvals.h"
#include "scan/agent_texts.h"
#include "scan/inspectors/agent_rules.h"

namespace bulwark::drill {
namespace {

// The files below one directory of the model, named relative to it.
class Directory : public scan::Package {
 public:
  Directory(std::span<const Crosser> files, std::string_view below) {
    for (const Crosser& file : files) {
      if (!file.name.starts_with(below)) continue;
      members_.push_back({.name = file.name.substr(below.size()), .size = file.bytes.size()});
      contents_.emplace_back(file.bytes);
    }
  }
  [[nodiscard]] std::string_view kind() const override { return "directory"; }
  [[nodiscard]] Result<scan::Content> read(std::size_t index, scan::Inspection&) const override {
    return scan::Content{contents_.at(index), nullptr};
  }

 private:
  std::vector<Bytes> contents_;
};

// "" for the model's directory itself, "code/" and "code/inner/" for those below.
std::set<std::string> directories_of(std::span<const Crosser> files) {
  std::set<std::string> directories = {""};
  for (const Crosser& file : files)
    for (std::size_t slash = file.name.find('/'); slash != std::string::npos;
         slash = file.name.find('/', slash + 1))
      directories.insert(file.name.substr(0, slash + 1));
  return directories;
}

scan::Artifact artifact_of(const Crosser& file) {
  return {.path = file.name, .origin = {}, .bytes = file.bytes, .keeps = nullptr};
}

// An inspector whose rules all belong to the control does not run. One without rules opens containers for the
// others: it is part of the scanner of model files, as a rule that says nothing else.
std::vector<const scan::Inspector*> inspectors_of(const Gate& gate, const ControlSwitches& switches) {
  std::vector<const scan::Inspector*> running;
  for (const scan::Inspector* inspector : gate.inspectors) {
    const bool off = inspector->rules.empty() ? Rule{}.controls == switches.off
                                              : std::ranges::all_of(inspector->rules, [&](const Rule& rule) {
                                                  return silenced(rule, switches);
                                                });
    if (!off) running.push_back(inspector);
  }
  return running;
}

void compare(const Gate& gate, const scan::Engine& engine, const Crosser& file, const Crosser& approved,
             Report& report) {
  const auto before = engine.graph(artifact_of(approved));
  const auto after = engine.graph(artifact_of(file));
  if (before && after) {
    report.append(gate.compare(*before, *after, file.name, Limits{}));
    return;
  }
  const Error& error = before ? after.error() : before.error();
  report.gaps.push_back({GapReason::Unsupported,
                         file.name,
                         {},
                         {},
                         "cannot be compared with the approved model: " + error.message});
}

// The texts of agents in one file, as `bulwark scan --lock` sees them. A file that hides them holds none
// here: the inspectors say what is wrong with it.
std::vector<policy::AgentText> agent_texts(const Crosser& file) {
  std::vector<policy::AgentText> texts;
  const auto found = scan::approvable_texts(file.name, file.bytes, Limits{});
  if (!found) return texts;
  for (const scan::ApprovableText& text : *found)
    texts.push_back({file.name, text.kind, text.name, text.text});
  return texts;
}

// Whether what agents read is what was approved: the lock is written from the approved version.
Result<void> compare_texts(const std::vector<policy::AgentText>& approved, const Crosser& file,
                           Report& report) {
  const std::string lock = TRY(policy::write_approvals(approved));
  const std::vector<policy::Approval> approvals = TRY(policy::read_approvals(lock));
  for (const policy::AgentText& text : agent_texts(file)) {
    const auto approval = std::ranges::find_if(approvals, [&](const policy::Approval& one) {
      return one.kind == text.kind && one.name == text.name;
    });
    const auto difference = TRY(policy::compare(text, approval == approvals.end() ? nullptr : &*approval));
    if (difference.approved == policy::Approved::AsItIs) continue;
    const Rule& rule = difference.approved == policy::Approved::Changed ? scan::inspectors::kChangedTool
                                                                        : scan::inspectors::kUnapproved;
    Finding finding;
    finding.rule = &rule;
    finding.severity = rule.severity;
    finding.path = file.name;
    finding.message = rule.title;
    report.findings.push_back(std::move(finding));
  }
  return {};
}

void note(std::vector<std::string>& list, std::string_view text) {
  if (std::ranges::find(list, text) == list.end()) list.emplace_back(text);
}

Crossing judged(const Gate& gate, const Report& report, std::chrono::year_month_day today) {
  const policy::Verdict verdict = policy::decide(gate.policy, report, today);
  Crossing crossing{.outcome = verdict.outcome};
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (!verdict.findings[i].refuses) continue;
    note(crossing.rules, report.findings[i].rule->id);
    note(crossing.paths, report.findings[i].path);
  }
  for (std::size_t i = 0; i < report.gaps.size(); ++i) {
    if (!verdict.gap_refuses[i]) continue;
    note(crossing.gaps, name_of(report.gaps[i].reason));
    note(crossing.paths, report.gaps[i].path);
  }
  for (auto* list : {&crossing.rules, &crossing.gaps, &crossing.paths}) std::ranges::sort(*list);
  return crossing;
}

}  // namespace

bool silenced(const Rule& rule, const ControlSwitches& switches) {
  if (switches.off.empty()) return false;
  const auto controls = words(rule.controls);
  return std::ranges::all_of(controls, [&](std::string_view control) { return control == switches.off; });
}

Crossing cross(const Gate& gate, std::span<const Crosser> files, std::span<const Crosser> approved,
               const ControlSwitches& switches, const Clock& clock, std::chrono::year_month_day today,
               const Evidence& evidence) {
  const auto started = clock.monotonic();
  const std::vector<const scan::Inspector*> running = inspectors_of(gate, switches);
  const Limits limits;
  const scan::Options options{.advisories = gate.advisories, .allowed_packages = gate.allowed_packages};
  const scan::Engine engine(running, limits, options, clock);
  Report report;
  std::map<std::string, std::unique_ptr<Directory>> directories;
  for (const std::string& below : directories_of(files)) {
    directories[below] = std::make_unique<Directory>(files, below);
    report.append(engine.scan_directory(below.empty() ? "." : below, *directories[below]));
  }
  const bool compares = switches.off != "SC-ARCH";
  const scan::Engine reader(gate.inspectors, limits, {}, clock);
  for (const Crosser& file : files) {
    const std::size_t slash = file.name.rfind('/');
    const std::string below = slash == std::string::npos ? "" : file.name.substr(0, slash + 1);
    report.append(engine.scan(artifact_of(file), directories.at(below).get()));
    const auto before = std::ranges::find(approved, file.name, &Crosser::name);
    if (before == approved.end()) continue;
    if (auto texts = agent_texts(*before); texts.empty()) {
      if (compares) compare(gate, reader, file, *before, report);
    } else if (const auto compared = compare_texts(std::move(texts), file, report); !compared) {
      report.gaps.push_back({GapReason::Unreadable, file.name, {}, {}, compared.error().message});
    }
  }
  if (evidence.kept != Kept::Plain && switches.off != control_of(evidence.kept))
    gate.verify(evidence, files, report);
  if (evidence.assay) gate.assay(evidence, files, switches, report);
  std::erase_if(report.findings, [&](const Finding& found) { return silenced(*found.rule, switches); });
  report.normalise();
  Crossing crossing = judged(gate, report, today);
  crossing.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - started);
  return crossing;
}

}  // namespace bulwark::drill
