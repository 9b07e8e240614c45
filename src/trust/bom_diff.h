#pragma once
// What changed between two bills of material: components, their fields (digests, licences, model card …),
// vulnerabilities and dependencies. When it was made and by which tool does not count.

#include <string>
#include <vector>

#include "base/document.h"

namespace bulwark::trust {

struct BomDifference {
  enum class Kind : std::uint8_t { Added, Removed, Changed };
  Kind kind = Kind::Changed;
  std::string what;    // "component", "vulnerability", "dependency", "document"
  std::string name;    // of the element: "library numpy", "CVE-2024-1 affects pkg:…"
  std::string field;   // of Changed: "hashes[SHA-256]", "modelCard.modelParameters.task"
  std::string before;  // of Changed and Removed; several values are separated by "; "
  std::string after;
};

[[nodiscard]] std::string_view name_of(BomDifference::Kind kind);  // "added" …

// In a fixed order: components, vulnerabilities, dependencies, document; each by name and field.
[[nodiscard]] std::vector<BomDifference> diff_boms(const Document& before, const Document& after);

}  // namespace bulwark::trust
