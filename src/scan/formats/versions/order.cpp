#include "scan/formats/versions/order.h"

#include <algorithm>

#include "base/text.h"
#include "scan/formats/versions/debian.h"
#include "scan/formats/versions/pep440.h"
#include "scan/formats/versions/semver.h"

namespace bulwark::scan {

VersionOrder order_of(std::string_view ecosystem) {
  ecosystem = ecosystem.substr(0, ecosystem.find(':'));  // the release of a distribution
  constexpr std::string_view kSemver[] = {"npm", "crates.io", "Go",    "Hex",
                                          "Pub", "SwiftURL",  "Julia", "GitHub Actions"};
  if (ecosystem == "PyPI") return VersionOrder::Python;
  if (ecosystem == "Debian" || ecosystem == "Ubuntu") return VersionOrder::Debian;
  return std::ranges::find(kSemver, ecosystem) != std::end(kSemver) ? VersionOrder::Semver
                                                                    : VersionOrder::Unknown;
}

std::optional<std::strong_ordering> compare_versions(VersionOrder order, std::string_view left,
                                                     std::string_view right) {
  switch (order) {
    case VersionOrder::Python: return compare_python(left, right);
    case VersionOrder::Semver: return compare_semver(left, right);
    case VersionOrder::Debian: return compare_debian(left, right);
    case VersionOrder::Unknown: break;
  }
  return std::nullopt;
}

std::string normalised_name(std::string_view ecosystem, std::string_view name) {
  if (ecosystem != "PyPI") return std::string(name);
  std::string result;
  for (const char c : lower(name)) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (separator && result.ends_with('-')) continue;
    result += separator ? '-' : c;
  }
  return result;
}

}  // namespace bulwark::scan
