#pragma once
// Trees to assess: the examples of tests/fixtures/repositories, and small ones made on the spot.

#include <map>
#include <string>
#include <vector>

#include "assess/assessment.h"

namespace bulwark::test {

// Path -> content.
using Tree = std::map<std::string, std::string>;

[[nodiscard]] Tree example_tree(const std::string& name);
[[nodiscard]] std::vector<assess::Component> discovered(const Tree& tree);
// As the command line does it, with a fixed set of controls in this build and no drills run.
[[nodiscard]] assess::Assessment assessed(const std::string& name, const Tree& tree);

// The component of that kind and name, or null.
[[nodiscard]] const assess::Component* find(const std::vector<assess::Component>& components,
                                            assess::Kind kind, std::string_view name);

}  // namespace bulwark::test
