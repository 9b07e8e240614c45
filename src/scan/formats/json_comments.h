#pragma once
// JSON with comments and trailing commas, as editors keep their settings (JSONC, JSON5's common part).

#include <string>
#include <string_view>

namespace bulwark::scan {

// The same text with comments and trailing commas blanked, so that a strict parser reads it and every offset
// and line stays where it was.
[[nodiscard]] std::string without_json_comments(std::string_view text);

}  // namespace bulwark::scan
