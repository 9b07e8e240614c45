#pragma once
// A quick look at whether bytes have the shape of a pickle that does something. The pickle engine judges it.

#include <cstdint>

#include "base/byte_reader.h"

namespace bulwark::scan {

// Length of the stream that starts at byte 0 with PROTO and lexes without error to STOP within 1 MiB, names a
// global with printable lines or strings and calls or builds something. 0 otherwise. Takes the opcodes it
// reads off `opcodes` and gives up at 0.
[[nodiscard]] std::uint64_t pickle_shape(Bytes content, std::uint64_t& opcodes);

}  // namespace bulwark::scan
