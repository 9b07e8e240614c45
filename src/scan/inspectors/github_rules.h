#pragma once
// Rules over workflows and actions of GitHub.

#include "core/rule.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kUnpinnedAction{
    .id = "BW-GH-001",
    .title = "action is not pinned to a commit",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why =
        "Who takes over the action's repository moves the tag, and the next run executes their code with the "
        "job's "
        "token and secrets, as happened to tj-actions/changed-files (CVE-2025-30066).",
    .fix = "Name the commit: `uses: owner/action@<40 hexadecimal digits> # v4`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kInjection{
    .id = "BW-GH-002",
    .title = "expression is pasted into a script",
    .severity = Severity::Critical,
    .atlas = "AML.T0050",
    .why =
        "GitHub pastes the text before the shell reads it: the title of an issue or the name of a branch "
        "becomes a "
        "command that has the job's token and secrets.",
    .fix = "Pass the value through `env:` and write \"$NAME\" in the script.",
    .controls = "SC-CONF",
};
inline constexpr Rule kDangerousTrigger{
    .id = "BW-GH-003",
    .title = "workflow with the repository's rights is started by outsiders",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why =
        "pull_request_target, workflow_run and comments run with the repository's token and secrets; with "
        "the pull "
        "request's code checked out, that code has them.",
    .fix =
        "Use `pull_request`; where rights are needed do not check out or run anything of the pull request.",
    .controls = "SC-CONF",
};
inline constexpr Rule kPermissions{
    .id = "BW-GH-004",
    .title = "token of the job may do more than needed",
    .severity = Severity::Medium,
    .atlas = "AML.T0091.000",
    .why = "Code that gets into one step pushes commits, releases and packages with this token.",
    .fix =
        "Write `permissions: {}` (or `contents: read`) at the top and grant writes to the one job that needs "
        "them.",
    .controls = "SC-CONF",
};
inline constexpr Rule kCheckoutCredentials{
    .id = "BW-GH-005",
    .title = "checkout leaves the token in the working tree",
    .severity = Severity::Medium,
    .atlas = "AML.T0055",
    .why =
        "Every later step reads the token from .git/config, and an artifact that holds the tree publishes "
        "it.",
    .fix = "Add `with: {persist-credentials: false}`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kSelfHosted{
    .id = "BW-GH-006",
    .title = "self-hosted runner takes jobs of outsiders",
    .severity = Severity::High,
    .atlas = "AML.T0112",
    .why =
        "A pull request runs its code on the machine, finds what earlier jobs left there and stays for the "
        "next.",
    .fix =
        "Run pull requests on hosted runners; use ephemeral runners in a group that only trusted workflows "
        "may use.",
    .controls = "SC-CONF",
};
inline constexpr Rule kAllSecrets{
    .id = "BW-GH-007",
    .title = "all secrets are handed over",
    .severity = Severity::High,
    .atlas = "AML.T0055",
    .why =
        "The called workflow or the step sees every secret of the repository and the organisation, not the "
        "one it "
        "needs.",
    .fix = "Name the secrets one by one.",
    .controls = "SC-CONF",
};
inline constexpr Rule kCachePoisoning{
    .id = "BW-GH-008",
    .title = "job that publishes restores a cache",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why =
        "Any workflow of the branch may have written the cache: code of a careless job ends up in the "
        "release.",
    .fix = "Build releases without a cache.",
    .controls = "SC-CONF",
};
inline constexpr Rule kEnvironmentFile{
    .id = "BW-GH-009",
    .title = "GITHUB_ENV or GITHUB_PATH is written from untrusted data",
    .severity = Severity::Medium,
    .atlas = "AML.T0050",
    .why =
        "A value with a line break sets any variable of later steps, LD_PRELOAD or PATH included, and so "
        "runs code.",
    .fix = "Use step outputs (`$GITHUB_OUTPUT`), or write literal text only.",
    .controls = "SC-CONF",
};
inline constexpr Rule kReverseShell{
    .id = "BW-GH-010",
    .title = "reverse shell or insecure workflow commands",
    .severity = Severity::Critical,
    .atlas = "AML.T0072",
    .why =
        "The step hands the runner to a remote host; ACTIONS_ALLOW_UNSECURE_COMMANDS lets anything a program "
        "prints "
        "set variables and paths.",
    .fix = "Remove the step and look for who added it; remove the variable.",
    .controls = "SC-CONF",
};
inline constexpr Rule kUnsignedModel{
    .id = "BW-GH-011",
    .title = "model is published without a signature",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.003",
    .why = "Who takes the model cannot tell yours from one that was put in its place.",
    .fix = "Sign it before the upload (`model_signing sign`, cosign, actions/attest-build-provenance).",
    .controls = "SC-CONF",
};
inline constexpr Rule kImitatedAction{
    .id = "BW-GH-012",
    .title = "name of an action imitates a popular one",
    .severity = Severity::Medium,
    .atlas = "AML.T0074",
    .why =
        "Anyone may register a name one letter away and wait for the typing error; the action then runs with "
        "the "
        "job's token.",
    .fix = "Check the owner and write the name you meant.",
    .controls = "SC-CONF",
};
inline constexpr Rule kJobImage{
    .id = "BW-GH-013",
    .title = "container of a job is not pinned",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.004",
    .why = "A tag can be moved: the next run executes in another image, with the job's token.",
    .fix = "Name the image by digest: `image: name:tag@sha256:<digest>`.",
    .controls = "SC-CONF",
};
inline constexpr Rule kStepRunsDownload{
    .id = "BW-GH-014",
    .title = "step runs what it downloads",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.001",
    .why = "Whoever controls the address, or the way there, runs code with the job's token and secrets.",
    .fix = "Download to a file, compare its sha256, then run it; or use a pinned action.",
    .controls = "SC-CONF",
};
inline constexpr Rule kStepTlsOff{
    .id = "BW-GH-015",
    .title = "step does not verify TLS",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why = "Anyone on the way replaces what is downloaded, and it runs with the job's token and secrets.",
    .fix = "Remove the option; install the missing certificate authority instead.",
    .controls = "SC-CONF",
};

}  // namespace bulwark::scan::inspectors
