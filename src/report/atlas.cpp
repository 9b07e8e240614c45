#include "report/atlas.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::report {
namespace {

constexpr std::string_view kUmbrella = "AML.T0010.003";

bool looks_into_models(const Rule& rule) {
  return std::ranges::any_of(words(rule.controls),
                             [](std::string_view id) { return id == "SC-MODEL" || id == "SC-ARCH"; });
}

}  // namespace

std::vector<std::string_view> techniques_of(const Rule& rule) {
  std::vector<std::string_view> ids = words(rule.atlas);
  if (looks_into_models(rule) && std::ranges::find(ids, kUmbrella) == ids.end()) ids.push_back(kUmbrella);
  return ids;
}

}  // namespace bulwark::report
