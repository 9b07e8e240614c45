#pragma once
// Semantic Versioning 2.0 as registries apply it, and the ranges that npm writes.

#include <compare>
#include <string_view>

namespace bulwark::scan {

// Order of two versions. A leading 'v' or '=' is skipped, missing numbers are 0, numbers may be of any
// length; what follows the third number and is no pre-release is build metadata, which does not count.
[[nodiscard]] std::strong_ordering compare_semver(std::string_view left, std::string_view right);

// True if `text` names exactly one version: "1.2.3", "=1.2.3-rc.1", "v1.2.3+build".
[[nodiscard]] bool is_exact_semver(std::string_view text);

// Whether `version` fulfils an npm range such as "^1.2 || ~2.0 || 3.x || 1.0 - 2.0 || >=1 <2". As npm has it,
// a pre-release only fulfils a range that names a pre-release of the same three numbers. A text that is no
// range (a tag, a URL) is fulfilled by nothing.
[[nodiscard]] bool matches_npm_range(std::string_view range, std::string_view version);

}  // namespace bulwark::scan
