#pragma once
// Expressions of GitHub Actions, `${{ … }}`: which contexts end up in the text that replaces them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

struct Interpolation {
  std::string_view text;  // with its braces; a view into the scalar
  // Contexts whose value may become the result, lower case, indexes as `*`: "github.event.commits.*.message".
  // What is only compared, tested or hashed is none of them.
  std::vector<std::string> sources;
  bool readable = true;  // false: no expression that the grammar knows; `sources` are then all contexts named
};

// Every `${{ … }}` of a scalar, in order. At most 1,000. Nesting beyond 40 is not readable. Cost: linear.
[[nodiscard]] std::vector<Interpolation> interpolations_of(std::string_view scalar);

// The same for a bare expression, as `if:` takes it.
[[nodiscard]] Interpolation read_expression(std::string_view expression);

}  // namespace bulwark::scan
