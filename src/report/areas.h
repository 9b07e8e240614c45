#pragma once
// What the areas of rule ids are about: BW-PKL-001 is of the area PKL, pickles.

#include <string_view>

namespace bulwark::report {

// "PKL" of "BW-PKL-001"; the whole id if it is not made so.
[[nodiscard]] std::string_view area_of(std::string_view rule_id);
// What the area is about, or empty if nobody has said it.
[[nodiscard]] std::string_view area_meaning(std::string_view area);

}  // namespace bulwark::report
