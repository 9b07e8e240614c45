#pragma once
// Rules about the packages that a project depends on.

#include <array>

#include "core/rule.h"
#include "scan/inspectors/shared_rules.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kVulnerable{
    .id = "BW-DP-001",
    .title = "version with a known vulnerability",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why = "The weakness and often the way to use it are public; whoever reaches the program can try it.",
    .fix = "Upgrade to the version that the message names. The severity is that of the advisory.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kUnpinnedPackage{
    .id = "BW-DP-002",
    .title = "requirement is not pinned to one version",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.001",
    .why =
        "The next installation takes whatever was published last; one stolen account is enough to be in it.",
    .fix =
        "Write `name==version`, or keep ranges in a .in file or pyproject.toml and install from a lock file.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kNoHashes{
    .id = "BW-DP-003",
    .title = "packages are not pinned by their content",
    .severity = Severity::Low,
    .atlas = "AML.T0010.001",
    .why =
        "A version number does not say what the file holds: a mirror or a man in the middle can serve "
        "another one.",
    .fix =
        "Lock with digests (pip-compile --generate-hashes, uv, Poetry, conda-lock) and install with "
        "--require-hashes.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kConfusion{
    .id = "BW-DP-004",
    .title = "packages may come from another index than the one meant",
    .severity = Severity::High,
    .atlas = "AML.T0011.001",
    .why =
        "Installers take the highest version that any index offers: whoever publishes the name of a private "
        "package on "
        "the public index has their code installed instead (dependency confusion).",
    .fix = "Use one index that serves both, or bind the private packages to theirs by name.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kImitation{
    .id = "BW-DP-005",
    .title = "name looks like that of a popular package",
    .severity = Severity::High,
    .atlas = "AML.T0074",
    .why = "Attackers publish packages under mistyped and similar names; installing one runs their code.",
    .fix =
        "Check the name letter by letter. If the package is really meant, put it on your list of allowed "
        "packages.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kMalicious{
    .id = "BW-DP-006",
    .title = "package is known to be malicious",
    .severity = Severity::High,
    .atlas = "AML.T0011.001",
    .why = "The package was published to attack whoever installs it.",
    .fix =
        "Remove it. Where it was installed, rotate every credential of that machine and keep it for the "
        "incident team.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kNotLookedUp{
    .id = "BW-DP-008",
    .title = "vulnerabilities were not looked up",
    .severity = Severity::Info,
    .atlas = "AML.T0010.001",
    .why = "Without a database of advisories nothing is said about known weaknesses and malicious packages.",
    .fix = "Import one: `bulwark scan --import-advisories all.zip` (docs/advisories.md).",
    .controls = "SC-DEPS",
};
inline constexpr Rule kOldAdvisories{
    .id = "BW-DP-009",
    .title = "advisory database is older than seven days",
    .severity = Severity::Low,
    .atlas = "AML.T0010.001",
    .why = "What was found since then is not reported; attacks on fresh weaknesses start within days.",
    .fix = "Import the advisories again: `bulwark scan --import-advisories all.zip`.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kInstallScript{
    .id = "BW-DP-010",
    .title = "code runs while packages are installed",
    .severity = Severity::Low,
    .atlas = "AML.T0011.001",
    .why =
        "Installation scripts run with the rights of the developer or the build, before anything is "
        "reviewed.",
    .fix = "Install with --ignore-scripts and allow the few packages that need theirs.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kYanked{
    .id = "BW-DP-011",
    .title = "version was withdrawn by its publisher",
    .severity = Severity::Low,
    .atlas = "AML.T0010.001",
    .why = "Versions are taken back because they are broken, insecure or no longer kept.",
    .fix = "Move to the version that the publisher names.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kNotAllowed{
    .id = "BW-DP-012",
    .title = "package is not on the list of allowed ones",
    .severity = Severity::Medium,
    .atlas = "AML.T0060",
    .why = "Assistants invent package names, and attackers publish them: nobody here has looked at this one.",
    .fix = "Review the package and add it to the list given by --allowed-packages, or remove it.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kInvented{
    .id = "BW-DP-013",
    .title = "name is not that of the package meant",
    .severity = Severity::High,
    .atlas = "AML.T0060",
    .why =
        "Language models and people ask for this name although the package is called otherwise; whoever "
        "publishes it is "
        "installed.",
    .fix = "Ask for the package that the message names.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kOutsidePolicy{
    .id = "BW-DP-014",
    .title = "version is outside of what the organisation allows",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.001",
    .why = "Versions that are no longer kept do not get repairs.",
    .fix = "Move to a version that the list of allowed packages accepts.",
    .controls = "SC-DEPS",
};
inline constexpr Rule kNoTransportSecurity{
    .id = "BW-DP-015",
    .title = "package index is reached without verified encryption",
    .severity = Severity::High,
    .atlas = "AML.T0010.001",
    .why = "Everybody on the way can hand out other packages; they run at installation.",
    .fix = "Use https with a certificate that the machine trusts, and take out --trusted-host.",
    .controls = "SC-DEPS",
};

inline constexpr std::array kDependencyRules = {
    kVulnerable, kUnpinnedPackage, kNoHashes,    kConfusion,     kImitation,
    kMalicious,  kMovingSource,    kNotLookedUp, kOldAdvisories, kInstallScript,
    kYanked,     kNotAllowed,      kInvented,    kOutsidePolicy, kNoTransportSecurity};

}  // namespace bulwark::scan::inspectors
