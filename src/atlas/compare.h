#pragma once
// What another version of ATLAS changes, and which of our mappings it breaks.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/catalogue.h"
#include "atlas/map.h"

namespace bulwark::atlas {

struct Change {
  enum class Kind : std::uint8_t { Added, Renamed, Retired };
  Kind kind = Kind::Added;
  std::string object;  // "tactic", "technique", "mitigation", "case study"
  std::string id;
  std::string before;     // name; empty if added
  std::string after;      // name; empty if retired
  std::string successor;  // of a retired id, by the alias table: "AML.T0115.000"; empty if unknown
};
[[nodiscard]] std::string_view name_of(Change::Kind kind);  // "added", "renamed", "retired"

// By kind of object, then by id.
[[nodiscard]] std::vector<Change> compare(const Catalogue& before, const Catalogue& after, const Map& map);

// A place in our data that names an object of ATLAS.
struct Reference {
  std::string place;  // "control_map", "rule BW-PKL-001", "drill DR-0011.000"
  std::string id;
  std::string name;  // that it gives to the object; empty: names the id only
};

// Every id in our tables: control_map, mitigation_map, casestudy_drills.
[[nodiscard]] std::vector<Reference> references_of(const Map& map);

struct BrokenReference {
  Reference reference;
  std::string why;  // "AML.T0019 is not in ATLAS 2026.07; it is AML.T0115.000 now"
};

// Those that do not hold in `catalogue`: unknown ids, and names that differ. In the order given.
[[nodiscard]] std::vector<BrokenReference> broken(std::span<const Reference> references,
                                                  const Catalogue& catalogue, const Map& map);

}  // namespace bulwark::atlas
