#pragma once
// Weights for samples: reproducible numbers that look trained, and what somebody hid in their low bits.

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::recipe {

// `count` float32 values, little-endian, bell-shaped around zero. The same for the same seed on every
// machine.
[[nodiscard]] std::vector<std::uint8_t> make_weights(std::uint64_t count, std::uint64_t seed);

// Puts `payload` into the lowest `bits` bits of successive float32 values, the lowest bit of a byte first.
// Errors: InvalidInput (does not fit, or more bits than a byte has).
[[nodiscard]] Result<void> hide_in_low_bits(Bytes payload, std::uint64_t bits,
                                            std::vector<std::uint8_t>& weights);

}  // namespace bulwark::recipe
