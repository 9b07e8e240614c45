#pragma once
// What the files of people have in common: every key is known, every mistake names its line.

#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/result.h"

namespace bulwark {

[[nodiscard]] std::string at_line(const Document& value);  // "line 3"

// InvalidInput: "line 3: what".
[[nodiscard]] std::unexpected<Error> wrong(const Document& value, std::string_view what);

// "line 3: unknown key 'fial_on'; did you mean 'fail_on'?"
[[nodiscard]] std::unexpected<Error> unknown(const Document& value, std::string_view kind,
                                             std::string_view word,
                                             const std::vector<std::string_view>& known);

// `map` is a map, its keys are among `known` (not empty) and none comes twice. `where`: "a baseline".
[[nodiscard]] Result<void> check_keys(const Document& map, std::string_view where,
                                      const std::vector<std::string_view>& known);

// `text` made printable, cut to `limit` characters, as a YAML double-quoted scalar.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t limit);

}  // namespace bulwark
