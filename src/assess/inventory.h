#pragma once
// A pipeline as its owner declares it (docs/formats/inventory.md): what a repository cannot show, and what
// was found there for the owner to correct.

#include <string>
#include <string_view>
#include <vector>

#include "assess/component.h"
#include "base/result.h"

namespace bulwark::assess {

inline constexpr std::size_t kInventoryComponents = 2000;
inline constexpr std::uint64_t kInventoryBytes = 2'000'000;

struct Inventory {
  std::string name;                   // of the system; may be empty
  std::string repository;             // folder to discover in, relative to the inventory; empty: none
  std::vector<std::string> controls;  // ids of controls in use, as written
  std::vector<Component> components;  // in the order of the text
};

// Unknown keys and kinds are errors that name line and nearest known word. Errors: InvalidInput,
// LimitReached.
[[nodiscard]] Result<Inventory> read_inventory(std::string_view text);
// With comments for who reads it first. What is read back is what was written, but for all sightings beyond
// the first.
[[nodiscard]] std::string write_inventory(const Inventory& inventory);

// Where what was declared and what was found differ: indices of `components`.
struct Merged {
  std::vector<Component> components;      // in the order of kinds, then by name
  std::vector<std::size_t> not_found;     // declared only
  std::vector<std::size_t> not_declared;  // found only
};
// One component per kind and name (case aside); what the inventory says about exposure and notes holds.
[[nodiscard]] Merged merge(std::vector<Component> declared, std::vector<Component> discovered);

}  // namespace bulwark::assess
