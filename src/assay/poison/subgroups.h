#pragma once
// Parts of a class that lie apart: what activation clustering, spectral signatures and SPECTRE propose. They
// only propose; whether a part is poison is decided by what its rows show, because every class of clean data
// has parts as well (a one with a foot).

#include <cstdint>
#include <string>
#include <vector>

#include "assay/poison/principal.h"

namespace bulwark::assay {

// Rows of one class, as numbers into the table that was given, ascending.
using Subgroup = std::vector<std::uint32_t>;

// A part is at most this share of its class: an attacker who has more of it owns the class.
inline constexpr double kLargestPart = 0.35;
inline constexpr std::size_t kSmallestPart = 8;

// Activation clustering (Chen et al. 2018): 10 principal components, k-means with k = 2 … 4, the small ones.
[[nodiscard]] std::vector<Subgroup> clusters_of(const Table& rows, std::uint64_t seed);

// Centred spectral signatures (Tran, Li, Madry 2018): rows far out along each of the first three singular
// vectors of the centred class, cut where two groups explain the projection best. `scores`: squared
// projection on the first one.
[[nodiscard]] std::vector<Subgroup> spectral_parts(const Table& rows, std::uint64_t seed,
                                                   std::vector<double>& scores);

// SPECTRE (Hayase et al. 2021): whitened by a covariance that poison cannot move (of the rows near the
// median), scored by quantum entropy (QUE, alpha 4), cut the same way.
[[nodiscard]] std::vector<Subgroup> spectre_parts(const Table& rows, std::uint64_t seed);

}  // namespace bulwark::assay
