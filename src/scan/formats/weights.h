#pragma once
// Payloads in the low bits of weights: decoding the bit planes that embedding tools use, and telling a
// payload from what weights look like by nature.
//
// A model keeps its accuracy when the lowest bits of its weights are replaced (EvilModel, MaleficNet,
// published "torch steganography" scripts), so gigabytes of weights can carry any file. A payload that is
// encrypted first looks like noise and cannot be told from weights; what is found here is the unencrypted
// kind.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "scan/formats/number_type.h"

namespace bulwark::scan {

// How bytes are spread over values.
struct BitPlane {
  unsigned bits = 1;       // lowest bits taken of each value
  bool high_first = true;  // within a value and within a byte: the first bit is the highest
};

// The stream that lies in `plane` of `values`, at most `limit` bytes, beginning at value `first`.
[[nodiscard]] std::vector<std::uint8_t> read_plane(Bytes content, NumberType type, BitPlane plane,
                                                   std::uint64_t first, std::uint64_t limit);

struct HiddenPayload {
  BitPlane plane;
  std::uint64_t first = 0;  // value at which the stream begins
  std::uint64_t start = 0;  // byte of the stream at which the payload begins
  std::string_view what;    // a literal: "an ELF executable", "text" …
};

// Looks at the stream that begins at value `first`. Cost: about 60 µs, whatever the size of the tensor.
[[nodiscard]] std::optional<HiddenPayload> find_payload(Bytes content, NumberType type, std::uint64_t first);

// The kind of file or text that begins within the first bytes of `stream`, if chance cannot have made it.
[[nodiscard]] std::optional<HiddenPayload> recognise_payload(Bytes stream);

// Chi-square statistics of the lowest byte of two stretches of a tensor; 255 ± 23 for weights by nature.
struct LowByteStatistics {
  double head = 0;
  double tail = 0;
  bool unlike = false;  // one stretch is uniform, the other is not, and it is no table of few values
};
// Nothing below 4096 values or for types without room in the low byte.
[[nodiscard]] std::optional<LowByteStatistics> compare_low_bytes(Bytes content, NumberType type);

// The floating type whose values `content` would hold if it is an array of weights: a guess by the exponents.
[[nodiscard]] std::optional<NumberType> guess_number_type(Bytes content);

}  // namespace bulwark::scan
