#pragma once
// Sizes that reveal less: what is sealed is padded with zeros to one of few sizes.

#include <cstdint>

namespace bulwark::store {

// The least size at or above `size` that is at least 1 KiB and has no more significant bits than the Padmé
// rule allows (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
// 2019): 12 % more at most, and O(log log) bits of the size are told.
[[nodiscard]] std::uint64_t size_class(std::uint64_t size);

}  // namespace bulwark::store
