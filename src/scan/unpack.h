#pragma once
// Decompression under the budget of an inspection: one judgement of bombs, ceilings and defects for every
// container.

#include <cstdint>
#include <string_view>

#include "scan/formats/decompress.h"
#include "scan/inspector.h"

namespace bulwark::scan {

// Where packed bytes stand, for messages.
struct Packed {
  Bytes bytes;
  std::uint64_t offset = 0;  // of `bytes` in the artifact
  std::string_view what;     // "member weights.bin"
};

// True if so many bytes out of `packed` are a bomb.
[[nodiscard]] bool out_of_proportion(std::uint64_t produced, std::uint64_t packed, const Limits& limits);
// The most that `packed` bytes may become: what may still be held, and no more than a bomb needs to be told
// apart.
[[nodiscard]] std::uint64_t output_ceiling(std::uint64_t packed, Inspection& in);
// Charges `produced` bytes and raises `bomb` if they are out of proportion or were cut at output_ceiling().
void judge_output(std::uint64_t produced, bool cut, const Packed& packed, const Rule& bomb, Inspection& in);
// Unpacks; a cut or damaged stream leaves a gap and what came out. Errors: InvalidInput (not that codec),
// LimitReached (budget is used up: nothing was unpacked).
[[nodiscard]] Result<Decompressed> unpack(Codec codec, const Packed& packed, const Rule& bomb,
                                          Inspection& in);

// A finished vector as content that owns itself.
[[nodiscard]] Content owned_content(std::vector<std::uint8_t> bytes);

}  // namespace bulwark::scan
