#pragma once
// The published JSON schemas of CycloneDX 1.5, 1.6 and 1.7, compiled in (data/schemas), and validation
// against them with `format` asserted.

#include <array>
#include <string_view>
#include <vector>

#include "base/json_schema.h"

namespace bulwark::trust {

inline constexpr std::array<std::string_view, 3> kBomVersions = {"1.5", "1.6", "1.7"};

// Empty: the document is valid. `version`: one of kBomVersions; which the document claims is for the caller
// to look at. Errors: Unsupported (another version), LimitReached.
[[nodiscard]] Result<std::vector<SchemaProblem>> validate_bom(const Document& document,
                                                              std::string_view version);

// What the schema cannot say: references within the document that lead nowhere, and names (bom-ref) that two
// elements share. Places as in SchemaProblem.
[[nodiscard]] std::vector<SchemaProblem> broken_references(const Document& document);

}  // namespace bulwark::trust
