#pragma once
// LZMA streams without a container, as zip (method 14) and 7z store them, with a ceiling on output and
// dictionary.

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "scan/formats/decompress.h"

namespace bulwark::scan {

// One filter of a chain as 7z describes it: liblzma's identifier and its raw properties.
struct RawFilter {
  enum class Kind : std::uint8_t { Lzma1, Lzma2, X86, PowerPc, Ia64, Arm, ArmThumb, Sparc, Delta };
  Kind kind = Kind::Lzma1;
  Bytes properties;
};

// `filters` in the order in which decoding needs them last (liblzma's order: the compressor is the last one).
// `size`: exact size of the output if known, for streams without an end marker. Errors: InvalidInput
// (properties), LimitReached (dictionary), Unsupported (filter chain).
[[nodiscard]] Result<Decompressed> decompress_raw(const std::vector<RawFilter>& filters, Bytes input,
                                                  std::uint64_t size, std::uint64_t max_output);

}  // namespace bulwark::scan
