#pragma once
// What the inspectors of formats with free-text metadata share: a command line in a field is judged in one
// way.

#include <cstdint>
#include <string_view>

#include "base/document.h"
#include "scan/inspector.h"

namespace bulwark::scan {

// Reports `rule` if `text`, which starts at `offset` of the artifact, would start a command if something ran
// it.
void judge_field(Inspection& in, const Rule& rule, std::uint64_t offset, std::string_view field,
                 std::string_view text);

// The same for every readable run of `bytes`, which starts at `offset` of the artifact.
void judge_texts(Inspection& in, const Rule& rule, std::uint64_t offset, Bytes bytes);

// The same for every string of a document (keys excluded); offsets are relative to `offset`.
void judge_document(Inspection& in, const Rule& rule, std::uint64_t offset, const Document& document);

// True if `bytes` begin like something a loader or the operating system would run: a pickle of protocol 2 and
// later, native code, an archive, a script. Cheap; the inspectors decide what it really is.
[[nodiscard]] bool begins_like_payload(Bytes bytes);

}  // namespace bulwark::scan
