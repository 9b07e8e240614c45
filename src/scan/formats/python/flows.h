#pragma once
// Which calls and names of Python code bring in what somebody else wrote: answers of language models,
// requests, prompts, files.

#include <string_view>

#include "scan/formats/python/program.h"

namespace bulwark::python {

// What the result of calling `name` carries. `name`: as CallSite::name().
[[nodiscard]] Taint flow_of_call(std::string_view name);
// What reading the attribute `name` carries: "flask.request.form".
[[nodiscard]] Taint flow_of_attribute(std::string_view name);
// What parameters of a function carry that is decorated so: "app.post", "langchain.tools.tool".
// `path`: the first argument of the decorator, if it is a constant text.
[[nodiscard]] Taint flow_of_decorator(std::string_view name, bool has_path);
// Calling it makes a number, a truth value or a quoted text: what came in cannot steer anything any more.
[[nodiscard]] bool checks(std::string_view name);

// Methods of tables and columns that call a function with every value: apply, map …
[[nodiscard]] bool applies_to_rows(std::string_view method);

}  // namespace bulwark::python
