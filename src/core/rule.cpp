#include "core/rule.h"

#include <array>
#include <utility>

namespace bulwark {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"info", "low", "medium", "high", "critical"};

}  // namespace

std::string_view name_of(Severity severity) {
  return kNames[std::to_underlying(severity)];
}

std::optional<Severity> severity_from(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Severity>(i);
  return std::nullopt;
}

}  // namespace bulwark
