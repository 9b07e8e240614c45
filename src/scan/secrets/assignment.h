#pragma once
// "The name with a keyword in it is given this value", in whatever language: key = "v", "key": "v", key=v,
// os.environ["KEY"] = "v", set("key", "v"), key: str = "v", <key>v</key>, name="key" value="v",
// - name: KEY / value: v.

#include <optional>
#include <string_view>

#include "scan/secrets/pattern.h"

namespace bulwark::scan::secrets {

struct Assignment {
  Span name;              // all of it, keyword included
  std::size_t value = 0;  // where it begins
  char quote = 0;         // that opens it; 0: none
};

// `keyword`: in `text`. Looks at no more than a hundred bytes on each side.
[[nodiscard]] std::optional<Assignment> assignment_of(std::string_view text, Span keyword);

}  // namespace bulwark::scan::secrets
