#pragma once
// Recipes: samples as text. Hostile files are never stored live; a `*.recipe` says how to build the bytes and
// what the scanner must say about them. The language is described in docs/formats/recipe.md.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/report.h"

namespace bulwark::test {

// A finding that must be raised, at any depth of nesting.
struct ExpectedFinding {
  std::string rule;
  std::optional<std::uint64_t> offset = {};  // within the innermost artifact
  std::optional<std::uint32_t> line = {};    // for texts, written `at line N`
  std::optional<Severity> severity = {};
};

struct Recipe {
  std::string title;
  std::string name = "sample";  // of the file, for formats that are found by name: `name: Dockerfile`
  std::vector<ExpectedFinding> findings;
  std::vector<std::string> gaps;     // names of reasons that must appear
  std::vector<std::string> allowed;  // rules that may be raised besides
  bool clean = false;                // no finding of severity low or above, no gap
  std::vector<std::uint8_t> bytes;
};

// Parses a recipe and builds its bytes. Errors: InvalidInput, naming the line.
[[nodiscard]] Result<Recipe> parse_recipe(std::string_view text);
[[nodiscard]] Result<Recipe> load_recipe(const std::string& path);

// Every *.recipe below `folder` (relative to the project's root), sorted, as paths relative to the root.
[[nodiscard]] std::vector<std::string> recipe_paths(std::string_view folder);

// What `report` does not fulfil of the recipe's head, one complaint a line; empty if all holds.
[[nodiscard]] std::string unmet(const Recipe& recipe, const Report& report);

}  // namespace bulwark::test
