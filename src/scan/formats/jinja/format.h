#pragma once
// Python's two ways to format a string, over values of which only a part is known.

#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/jinja/value.h"

namespace bulwark::scan::jinja {

// format % values; `names` for "%(name)s", or null.
[[nodiscard]] Value percent_format(std::string_view format, const std::vector<Value>& values,
                                   const Value* names);

// format.format(arguments)
[[nodiscard]] Value brace_format(std::string_view format, const Arguments& arguments);

// One replacement field of str.format that walks into its argument: "{0.__class__[x]}".
struct FormatField {
  std::vector<std::string> steps;  // attribute names and keys in order
};
[[nodiscard]] std::vector<FormatField> format_fields(std::string_view format);

}  // namespace bulwark::scan::jinja
