#include "report/run.h"

#include <algorithm>
#include <array>

namespace bulwark::report {
namespace {

constexpr auto kWriters = std::to_array<Writer>({
    {"text", "for people", write_text},
    {"json", "for machines: docs/formats/report.schema.json", write_json},
    {"sarif", "SARIF 2.1.0, for code-scanning services", write_sarif},
    {"markdown", "for comments on a change", write_markdown},
});

}  // namespace

std::span<const Writer> writers() {
  return kWriters;
}

const Writer* find_writer(std::string_view name) {
  const auto found = std::ranges::find(kWriters, name, &Writer::name);
  return found == kWriters.end() ? nullptr : &*found;
}

}  // namespace bulwark::report
