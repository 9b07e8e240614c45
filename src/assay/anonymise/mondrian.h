#pragma once
// Multidimensional k-anonymity: LeFevre, DeWitt and Ramakrishnan, "Mondrian" (2006). Rows are parted at the
// median of the quasi-identifier with the widest range, as long as both parts are large and diverse enough.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "assay/anonymise/plan.h"
#include "assay/anonymise/ranked.h"
#include "base/result.h"

namespace bulwark::assay::anonymise {

inline constexpr std::uint32_t kSuppressedRow = ~std::uint32_t{0};

// What stands for one quasi-identifier in all rows of a leaf.
struct Partition {
  std::vector<std::uint32_t> leaf_of_row;  // or kSuppressedRow
  std::size_t leaves = 0;
  std::vector<std::vector<std::string>> labels;  // by leaf, then by quasi-identifier
  std::uint64_t suppressed = 0;
};

// `columns`: the quasi-identifiers; `sensitive`: in the order of wanted.sensitive. All are equally long, at
// least one and below 2^32 rows. Time O(rows log(rows / k) columns), memory O(rows columns); the same rows
// give the same partition. Errors: InvalidInput (fewer than k rows; the whole is not diverse enough).
[[nodiscard]] Result<Partition> mondrian(std::span<const Ranked* const> columns,
                                         std::span<const Ranked* const> sensitive, const KAnonymity& wanted);

// Leaves classes of equal rows as they are and suppresses those that are too small or not diverse enough.
// Errors: InvalidInput: more rows than wanted.suppress_at_most allows, with the number.
[[nodiscard]] Result<Partition> suppress_small_classes(std::span<const Ranked* const> columns,
                                                       std::span<const Ranked* const> sensitive,
                                                       const KAnonymity& wanted);

}  // namespace bulwark::assay::anonymise
