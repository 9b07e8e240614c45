#pragma once
// Mining of single values that many rows share, for patterns without a place.

#include "assay/poison/trigger.h"

namespace bulwark::assay {

// What is hidden of a value: all other carriers are barred from voting, so that what they share cannot make
// them neighbours of each other (images); or its columns (tables).
enum class Hide : std::uint8_t { Carriers, Columns };

// Codes are exact values of single columns, and pairs of them.
[[nodiscard]] Mined mine_values(const MaskedSpace& space, Hide hide, std::size_t jobs);

// Rows of a pattern carry many of its values, an odd row of the class carries one by chance: where a class
// has many significant values, a row that carries less than an eighth of them is taken out of `rows`.
void drop_stragglers(std::vector<Trigger>& triggers);

}  // namespace bulwark::assay
