#pragma once
// How complete a bill of materials of a model is, and what is missing: fields with a weight by category and
// tier (data/bom/fields.tsv), after the idea of the OWASP AIBOM generator.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"

namespace bulwark::trust {

struct BomField {
  std::string_view category, name, paths, fill;
  int tier = 1;  // 3: nobody can do without, 2: important, 1: good to have
};

// The table; lives for ever.
[[nodiscard]] const std::vector<BomField>& bom_fields();

struct CategoryScore {
  std::string_view category;
  double weight = 0;  // points that it can give; all categories together 100
  double points = 0;
  std::size_t present = 0, fields = 0;
};

struct BomScore {
  double points = 0;  // 0 to 100
  std::vector<CategoryScore> categories;
  std::vector<const BomField*> missing;  // the weightiest first
  std::string model;                     // whose score it is
  std::size_t models = 0;                // in the document
};

struct BomProfile {
  std::string_view name;
  double least = 0;
};
inline constexpr std::array<BomProfile, 3> kBomProfiles = {
    BomProfile{"basic", 40}, BomProfile{"standard", 70}, BomProfile{"advanced", 85}};

// The highest profile that is reached; "none" below all.
[[nodiscard]] std::string_view profile_of(double points);

// Any CycloneDX document. A field counts if one of its paths leads to a value that says something: not empty,
// not "unknown", "NOASSERTION" and their like. Of several models the least complete one counts.
[[nodiscard]] BomScore score_bom(const Document& bom);

}  // namespace bulwark::trust
