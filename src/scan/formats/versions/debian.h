#pragma once
// Order of Debian package versions (Policy 5.6.12).

#include <compare>
#include <string_view>

namespace bulwark::scan {

[[nodiscard]] std::strong_ordering compare_debian(std::string_view left, std::string_view right);

}  // namespace bulwark::scan
