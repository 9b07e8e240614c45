#pragma once
// Path patterns as users write them.

#include <string_view>

namespace bulwark {

// `*` any text without '/', `**` any text, `?` one character but '/'. The whole text must fit.
[[nodiscard]] bool matches_glob(std::string_view glob, std::string_view text);

}  // namespace bulwark
