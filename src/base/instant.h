#pragma once
// Moments in UTC and their text (RFC 3339 date-time).

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

// "2026-11-20T15:04:05Z"; with three decimals if there are milliseconds.
[[nodiscard]] std::string instant_text(Instant time);
// Any offset; parts of a second below a millisecond are dropped. Nothing if `text` is not a moment that
// exists (leap seconds do not), in exactly that form.
[[nodiscard]] std::optional<Instant> instant_from(std::string_view text);

}  // namespace bulwark
