#include "unit/assess/example.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "scan/engine.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

// Fixed, so that the golden files do not change with every control that is built.
constexpr std::array<std::string_view, 6> kImplemented = {"SC-AGENT", "SC-CODE",  "SC-CONF",
                                                          "SC-DEPS",  "SC-MODEL", "SC-SECRET"};

}  // namespace

Tree example_tree(const std::string& name) {
  const std::filesystem::path root =
      std::filesystem::path(BULWARK_SOURCE_DIR) / "tests/fixtures/repositories" / name;
  Tree tree;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (entry.is_regular_file())
      tree[entry.path().lexically_relative(root).generic_string()] = read_file(entry.path().string());
  return tree;
}

std::vector<assess::Component> discovered(const Tree& tree) {
  const StoppedClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), Limits{}, {}, clock);
  assess::Discoverer discoverer(engine);
  for (const auto& [path, content] : tree)
    discoverer.look(path, Bytes(std::vector<std::uint8_t>(content.begin(), content.end())));
  return discoverer.take();
}

assess::Assessment assessed(const std::string& name, const Tree& tree) {
  assess::Looked looked{.name = name, .tree = name, .files = tree.size(), .read = tree.size()};
  return assess::assess({.looked = std::move(looked),
                         .merged = assess::merge({}, discovered(tree)),
                         .implemented = kImplemented},
                        atlas::pinned(), atlas::map(), assess::knowledge());
}

const assess::Component* find(const std::vector<assess::Component>& components, assess::Kind kind,
                              std::string_view name) {
  const auto found = std::ranges::find_if(components, [&](const assess::Component& component) {
    return component.kind == kind && component.name == name;
  });
  return found == components.end() ? nullptr : &*found;
}

}  // namespace bulwark::test
