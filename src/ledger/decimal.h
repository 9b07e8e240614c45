#pragma once
// Numbers as the formats of transparency logs write them: ASCII decimal, one spelling.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bulwark::ledger {

// No sign, no leading zeros, at most 2^64 - 1.
[[nodiscard]] inline std::optional<std::uint64_t> decimal_from(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  for (const char c : text)
    if (c < '0' || c > '9') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace bulwark::ledger
