#pragma once
// The parts of the GitHub Actions inspector.

#include "scan/formats/github_workflow.h"
#include "scan/inspectors/config_report.h"

namespace bulwark::scan::inspectors {

// Name of an action as the tables of knowledge/github_actions.h have it: owner/repository[/path], lower case.
[[nodiscard]] std::string name_of_action(const UsedAction& action);

// BW-GH-002 and, for scripts that write the environment of later steps, 009.
void judge_expressions(const ConfigReport& report, const Workflow& workflow);
// BW-GH-001, 012, 013.
void judge_sources(const ConfigReport& report, const Workflow& workflow);
// BW-GH-003..007.
void judge_rights(const ConfigReport& report, const Workflow& workflow);
// BW-GH-008, 010, 011, 014, 015.
void judge_steps(const ConfigReport& report, const Workflow& workflow);

// The highest severity of what the expressions of a scalar bring in from outside; Info: nothing but outputs
// of other steps. Nothing: only what is safe.
[[nodiscard]] std::optional<Severity> taint_of(const Workflow& workflow, const WorkflowJob& job,
                                               const WorkflowStep* step, std::string_view scalar);
// Started by people without rights in the repository, with its token and secrets.
[[nodiscard]] bool has_privileged_trigger(const Workflow& workflow);

}  // namespace bulwark::scan::inspectors
