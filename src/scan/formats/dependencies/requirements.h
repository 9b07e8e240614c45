#pragma once
// requirements.txt as pip reads it: continuation lines, comments, options, hashes, extras, markers, direct
// references; and one PEP 508 requirement, as it stands in manifests.

#include <optional>
#include <string_view>

#include "scan/formats/dependencies/list.h"

namespace bulwark::scan {

// The whole text. Never fails: what is no requirement is listed in `unread`.
[[nodiscard]] DependencyList read_requirements(std::string_view text);

// "name[extra]>=1.0; marker", "name @ url", a URL or a path, with pip's options behind it. Nothing if it is
// neither. The place of the result is left empty.
[[nodiscard]] std::optional<Dependency> parse_requirement(std::string_view text);

// The last part of a wheel's or archive's address: "torch" of ".../torch-2.0-cp310-….whl".
[[nodiscard]] std::string name_from_url(std::string_view url);

}  // namespace bulwark::scan
