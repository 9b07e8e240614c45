#pragma once
// How inspectors judge what a model file carries besides its numbers: texts, and blobs that should be none.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "core/rule.h"
#include "scan/inspector.h"

namespace bulwark::scan {

// For formats that have no rule of their own about texts.
inline constexpr Rule kMetadataCommand{
    .id = "BW-META-001",
    .title = "metadata holds a command line or code that runs one",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.002 AML.T0050",
    .why =
        "Tools around a model run its post-processing scripts and hooks; a command line in a metadata field "
        "is there to be executed by one of them.",
    .fix =
        "Remove the field and ask its author what runs it; never pass model metadata to a shell or "
        "interpreter.",
};

// Reports `rule` if `text` would start a command if something ran it. `offset`: of the text in the artifact
// (kNoOffset if it was unpacked). `where` names the field. Returns whether a finding was raised.
bool judge_metadata_text(Inspection& in, std::string_view text, std::uint64_t offset, std::string_view where,
                         const Rule& rule = kMetadataCommand);

// The same for a named field; texts too short for a command with an argument are left alone.
void judge_field(Inspection& in, const Rule& rule, std::uint64_t offset, std::string_view field,
                 std::string_view text);

// The same for every readable run of `bytes`, which starts at `offset` of the artifact.
void judge_texts(Inspection& in, const Rule& rule, std::uint64_t offset, Bytes bytes);

// The same for every string of a document (keys excluded); offsets are relative to `offset`.
void judge_document(Inspection& in, const Rule& rule, std::uint64_t offset, const Document& document);

// Reports `rule` if `blob`, which should be numbers or text, is a file, and has it inspected as one.
// Returns whether it is.
bool judge_payload(Inspection& in, const Rule& rule, Bytes blob, std::uint64_t offset,
                   const std::string& where);

// A gap for each of the first defects, and one for the rest: a broken file repeats itself.
void report_defects(Inspection& in, const std::vector<Error>& defects, const std::string& format);

}  // namespace bulwark::scan
