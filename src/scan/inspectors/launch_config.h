#pragma once
// Launch lines inside of other texts: scripts of pipelines, containers of manifests.

#include "scan/formats/kubernetes.h"
#include "scan/inspectors/config_report.h"
#include "scan/inspectors/launch_lines.h"

namespace bulwark::scan::inspectors {

// Judges every command of the shell script that a scalar holds. Findings stand where the words are written;
// at the start of the scalar if they are written in another way there (folded, escaped). Of `options` the
// words and the place are not used.
void judge_script_in(const ConfigReport& report, const Document& script, const CommandLine& options);

// Judges what the containers of a pod start, and the variables that they start with. Raises rules of
// kLaunchRules and kSettingRules, and `remote_code` in scripts.
void judge_containers(const ConfigReport& report, const Pod& pod, const Rule& remote_code);

}  // namespace bulwark::scan::inspectors
