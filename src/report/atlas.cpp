#include "report/atlas.h"

#include <algorithm>

#include "base/text.h"

extern "C" const char bw_atlas_techniques[], bw_atlas_techniques_end[];

namespace bulwark::report {
namespace {

constexpr std::string_view kUmbrella = "AML.T0010.003";

}  // namespace

std::string_view technique_name(std::string_view id) {
  const char* first = bw_atlas_techniques;
  const std::string_view table(first, static_cast<std::size_t>(bw_atlas_techniques_end - first));
  for (const std::string_view line : split(table, '\n')) {
    if (line.starts_with(id) && line.substr(id.size()).starts_with('\t')) return trim(line.substr(id.size()));
  }
  return {};
}

std::vector<std::string_view> techniques_of(const Rule& rule) {
  std::vector<std::string_view> ids = words(rule.atlas);
  if (std::ranges::find(ids, kUmbrella) == ids.end()) ids.push_back(kUmbrella);
  return ids;
}

}  // namespace bulwark::report
