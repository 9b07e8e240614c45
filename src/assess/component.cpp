#include "assess/component.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bulwark::assess {
namespace {

constexpr std::array kKinds = {
#define BULWARK_KIND(enumerator, file, id, title, looks_for) KindInfo{Kind::enumerator, id, title, looks_for},
    BULWARK_COMPONENT_KINDS(BULWARK_KIND)
#undef BULWARK_KIND
};
constexpr std::array<std::string_view, 3> kConfidences = {"possible", "likely", "sure"};
constexpr std::array<std::string_view, 4> kExposures = {"unknown", "internal", "network", "public"};

}  // namespace

std::span<const KindInfo> kinds() {
  return kKinds;
}

const KindInfo& info(Kind kind) {
  return kKinds[std::to_underlying(kind)];
}

std::optional<Kind> kind_from(std::string_view id) {
  const auto found = std::ranges::find(kKinds, id, &KindInfo::id);
  if (found == kKinds.end()) return std::nullopt;
  return found->kind;
}

std::string_view name_of(Confidence confidence) {
  return kConfidences[std::to_underlying(confidence)];
}

std::string_view name_of(Exposure exposure) {
  return kExposures[std::to_underlying(exposure)];
}

std::optional<Exposure> exposure_from(std::string_view name) {
  const auto found = std::ranges::find(kExposures, name);
  if (found == kExposures.end()) return std::nullopt;
  return static_cast<Exposure>(found - kExposures.begin());
}

}  // namespace bulwark::assess
