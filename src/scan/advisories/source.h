#pragma once
// Where advisories are imported from: one OSV document (JSON or YAML) or a zip of them, as osv-scanner keeps
// them.

#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "scan/advisories/compiler.h"

namespace bulwark::scan {

struct ImportProblem {
  std::string where;
  std::string why;
};

// True for names that `add_advisories` should be asked about: .json, .yaml, .yml, .zip.
[[nodiscard]] bool holds_advisories(std::string_view path);

// Adds every advisory in `content`. What cannot be read is listed, and the rest is still taken.
void add_advisories(std::string_view name, Bytes content, const Limits& limits, AdvisoryCompiler& compiler,
                    std::vector<ImportProblem>& problems);

}  // namespace bulwark::scan
