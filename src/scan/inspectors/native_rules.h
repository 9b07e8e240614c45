#pragma once
// The rules about native code and scripts, raised at the start of an artifact (native) and inside of one
// (raw).

#include "core/rule.h"

namespace bulwark::scan::native_rules {

inline constexpr Rule kProgram{
    .id = "BW-EXE-001",
    .title = "native program in a model",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0018.002",
    .why =
        "A model is data. A program in it is run by whoever can start it: a loader that was told to, a "
        "second stage "
        "that finds it, a user who double-clicks the renamed file.",
    .fix =
        "Refuse the file unless it is meant to be a program (llamafile, compiled model) and its producer is "
        "verified.",
};
inline constexpr Rule kScript{
    .id = "BW-EXE-002",
    .title = "script in a model",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0018.002 AML.T0050",
    .why = "Unpacked beside the weights it is one call away from being run; loaders never need it.",
    .fix = "Read the script; refuse the archive if it is not part of the documented package.",
};

inline constexpr Rule kScriptCommand{
    .id = "BW-EXE-003",
    .title = "script runs what it downloads or opens a shell",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050 AML.T0072",
    .why =
        "Whoever starts the script runs code that somebody else can change at any time, or hands over the "
        "machine.",
    .fix = "Do not run the script; remove it from the model's folder.",
};

}  // namespace bulwark::scan::native_rules
