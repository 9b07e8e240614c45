#pragma once
// JSON for machines that a person can read.

#include <string>
#include <string_view>

namespace boost::json {
class value;
}

namespace bulwark::report {

// Two blanks per level, lists of plain values in one line, a line feed at the end.
[[nodiscard]] std::string pretty(const boost::json::value& value);
// Text that may be no UTF-8 (names in archives), as text that is: bad bytes become \xNN.
[[nodiscard]] std::string clean_utf8(std::string_view text);

}  // namespace bulwark::report
