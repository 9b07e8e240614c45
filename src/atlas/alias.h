#pragma once
// Ids that upstream retired after the pinned version, and what they are called now.

#include <optional>
#include <string_view>
#include <vector>

#include "atlas/map.h"

namespace bulwark::atlas {

struct Alias {
  std::string_view retired;    // "AML.T0019"
  std::string_view successor;  // "AML.T0115.000"
  std::string_view name;       // of the successor, as upstream's notes have it
  std::string_view release;    // that retired it: "2026.07"
};

// From upstream_delta.tsv, in its order. Rows that say "inferred" are left out: nobody has read them yet.
[[nodiscard]] std::vector<Alias> aliases(const Map& map);
[[nodiscard]] std::optional<Alias> alias_of(const Map& map, std::string_view retired);
[[nodiscard]] std::optional<Alias> alias_to(const Map& map, std::string_view successor);

// Our row for a technique of any version: under its id, or under the id that it had in the pinned version.
[[nodiscard]] const Defence* defence_of(const Map& map, std::string_view technique);

// What upstream_delta.tsv says about an id, or null: the row that retired, renamed or added it.
[[nodiscard]] const UpstreamChange* upstream_change(const Map& map, std::string_view id);

}  // namespace bulwark::atlas
