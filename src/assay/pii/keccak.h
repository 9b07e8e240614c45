#pragma once
// Keccak-256 as Ethereum uses it: the sponge before NIST changed the padding for SHA-3. Only for the capitals
// of addresses (EIP-55); nothing secret goes through it.

#include <array>
#include <cstdint>
#include <string_view>

namespace bulwark::assay::pii {

[[nodiscard]] std::array<std::uint8_t, 32> keccak256(std::string_view text);

}  // namespace bulwark::assay::pii
