#pragma once
// The one rule about texts that a model file keeps as metadata, shared by all formats with free-text fields.

#include <string_view>

#include "core/rule.h"
#include "scan/inspector.h"

namespace bulwark::scan {

inline constexpr Rule kMetadataCommand{
    .id = "BW-META-001",
    .title = "metadata holds a command line or code that runs one",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.002 AML.T0050",
    .why =
        "Tools around a model run its post-processing scripts and hooks; a command line in a metadata field "
        "is "
        "there to be executed by one of them.",
    .fix =
        "Remove the field and ask its author what runs it; never pass model metadata to a shell or "
        "interpreter.",
};

// Judges one field. `offset`: of the text in the artifact (kNoOffset if it was unpacked). `where` names the
// field. Returns whether a finding was raised.
bool judge_metadata_text(Inspection& in, std::string_view text, std::uint64_t offset, std::string_view where);

}  // namespace bulwark::scan
