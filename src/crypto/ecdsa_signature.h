#pragma once
// The two encodings of an ECDSA signature. Tokens and web tokens write the two numbers one after the other
// (IEEE P1363); everything that we verify is DER.

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::crypto {

// `raw`: r and s, big-endian, each of as many bytes as the curve's order has (32, 48 or 66). Errors: Corrupt
// (of another size).
[[nodiscard]] Result<std::vector<std::uint8_t>> ecdsa_der(Bytes raw, std::size_t number_bytes);

}  // namespace bulwark::crypto
