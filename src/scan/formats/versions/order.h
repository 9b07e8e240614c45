#pragma once
// How the versions of a package ecosystem are ordered, by the names that OSV gives to ecosystems.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark::scan {

enum class VersionOrder : std::uint8_t { Unknown, Python, Semver, Debian };

// `ecosystem`: "PyPI", "npm", "Debian:12" … Unknown: we cannot say which of two versions is the newer.
[[nodiscard]] VersionOrder order_of(std::string_view ecosystem);
// Nothing if the order is unknown.
[[nodiscard]] std::optional<std::strong_ordering> compare_versions(VersionOrder order, std::string_view left,
                                                                   std::string_view right);
// The name under which an ecosystem knows a package: PEP 503 for PyPI ("Foo._bar" is "foo-bar"), exact
// elsewhere.
[[nodiscard]] std::string normalised_name(std::string_view ecosystem, std::string_view name);

}  // namespace bulwark::scan
