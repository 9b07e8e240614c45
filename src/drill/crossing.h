#pragma once
// The crossing that a drill attacks: a model's directory is scanned by the real engine and judged by the real
// policy; only what is accepted is handed to a loader.
//
// A control is switched off here and nowhere else: no command and no configuration reaches ControlSwitches.

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "drill/drill.h"
#include "drill/evidence.h"
#include "policy/policy.h"
#include "scan/diff.h"
#include "scan/engine.h"

namespace bulwark::drill {

// Exists in the harness only.
struct ControlSwitches {
  std::string_view off = {};  // id of the control that does not work in this run; empty: all work
};

// Looks at the data set that the evidence names, as `bulwark assay` does.
void assay_file(const Evidence& evidence, std::span<const Crosser> files, const ControlSwitches& switches,
                Report& report);

// What the gate consists of. Tests put broken parts in.
struct Gate {
  std::span<const scan::Inspector* const> inspectors = scan::builtin_inspectors();
  policy::Policy policy;
  Report (*compare)(const scan::ModelGraph& approved, const scan::ModelGraph& candidate,
                    std::string_view path, const Limits& limits) = scan::compare;
  void (*verify)(const Evidence& evidence, std::span<const Crosser> files, Report& report) = check_evidence;
  void (*assay)(const Evidence& evidence, std::span<const Crosser> files, const ControlSwitches& switches,
                Report& report) = assay_file;
  // What somebody with a copy of the disk sees of a store.
  Result<std::vector<Crosser>> (*disk)(const Vault& vault) = disk_of;
  // What it knows about packages; both outlive it. Null: nothing.
  const scan::AllowedPackages* allowed_packages = nullptr;
  const scan::AdvisoryDatabase* advisories = nullptr;
};

struct Crossing {
  policy::Outcome outcome = policy::Outcome::Refused;
  std::vector<std::string> rules;  // ids of what refused, sorted
  std::vector<std::string> gaps;   // reasons of the gaps that refused, sorted
  std::vector<std::string> paths;  // files that the refusal names, sorted
  std::chrono::milliseconds took{0};

  [[nodiscard]] bool allowed() const { return outcome == policy::Outcome::Accepted; }
};

// Whether this control is switched off for a rule: it is, if the rule implements nothing else.
[[nodiscard]] bool silenced(const Rule& rule, const ControlSwitches& switches);

// `approved`: the version that was approved before, or empty; `evidence`: what was made of it.
// Threads: safe from many at once.
[[nodiscard]] Crossing cross(const Gate& gate, std::span<const Crosser> files,
                             std::span<const Crosser> approved, const ControlSwitches& switches,
                             const Clock& clock, std::chrono::year_month_day today,
                             const Evidence& evidence = {});

}  // namespace bulwark::drill
