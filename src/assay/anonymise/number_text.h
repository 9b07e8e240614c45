#pragma once
// Numbers as they stand in cells.

#include <string>

namespace bulwark::assay::anonymise {

// The shortest text that reads as this number, without an exponent where that stays short.
[[nodiscard]] std::string number_text(double value);
// With so many decimals, 0 to 15.
[[nodiscard]] std::string number_text(double value, int decimals);
// Decimals that its shortest text has, at most 15.
[[nodiscard]] int decimals_of(double value);

}  // namespace bulwark::assay::anonymise
