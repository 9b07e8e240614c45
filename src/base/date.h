#pragma once
// Calendar days as YYYY-MM-DD (RFC 3339 full-date): when an allowance ends.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark {

// Empty if `text` is not a date that exists, in exactly that form.
[[nodiscard]] std::optional<std::chrono::year_month_day> date_from(std::string_view text);
[[nodiscard]] std::string date_text(std::chrono::year_month_day date);

}  // namespace bulwark
