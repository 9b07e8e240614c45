#pragma once
// How inspectors have a text searched for secrets. Nothing that is reported shows more than four characters
// of one.

#include <cstdint>
#include <string_view>

#include "scan/inspector.h"

namespace bulwark::scan {

// Metadata of a binary format: `offset` of the text in the artifact (kNoOffset if it was unpacked), `where`
// names the field. Does nothing where the artifact as a whole is a text: then the inspector for texts sees
// it.
void report_secrets_in_metadata(Inspection& in, std::string_view text, std::uint64_t offset,
                                std::string_view where);

// Whether a consumer would read the bytes as text.
[[nodiscard]] bool is_text(Bytes content);

}  // namespace bulwark::scan
