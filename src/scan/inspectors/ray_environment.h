#pragma once
// Ray runtime environments: which of their sources can change between two starts.

#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"

namespace bulwark::scan {

// A URL of code that names no commit: "https://host/app.zip". Local paths and gcs:// packages are none.
[[nodiscard]] bool is_changing_archive(std::string_view source);

// What in a runtime_env can change, a sentence each; `where` receives the value that says so.
struct ChangingSource {
  std::string message;
  const Document* value = nullptr;
};
[[nodiscard]] std::vector<ChangingSource> changing_sources(const Document& runtime_env);
// The same for JSON text; empty if it is none.
[[nodiscard]] std::vector<std::string> changing_sources(std::string_view json);

}  // namespace bulwark::scan
