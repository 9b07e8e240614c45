#include "atlas/alias.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::atlas {
namespace {

constexpr std::string_view kArrow = "-> ";

bool is_inferred(const UpstreamChange& change) {
  return change.change.find("inferred") != std::string_view::npos ||
         change.source.find("inferred") != std::string_view::npos;
}

}  // namespace

std::vector<Alias> aliases(const Map& map) {
  std::vector<Alias> found;
  for (const UpstreamChange& change : map.upstream) {
    if (change.kind != "retired" || !change.change.starts_with(kArrow) || is_inferred(change)) continue;
    const std::string_view rest = change.change.substr(kArrow.size());
    const std::string_view successor = rest.substr(0, rest.find(' '));
    found.push_back({change.id, successor, trim(rest.substr(successor.size())), change.release});
  }
  return found;
}

std::optional<Alias> alias_of(const Map& map, std::string_view retired) {
  const std::vector<Alias> all = aliases(map);
  const auto found = std::ranges::find(all, retired, &Alias::retired);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

std::optional<Alias> alias_to(const Map& map, std::string_view successor) {
  const std::vector<Alias> all = aliases(map);
  const auto found = std::ranges::find(all, successor, &Alias::successor);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

const Defence* defence_of(const Map& map, std::string_view technique) {
  if (const Defence* defence = map.defence(technique)) return defence;
  const std::optional<Alias> alias = alias_to(map, technique);
  return alias ? map.defence(alias->retired) : nullptr;
}

const UpstreamChange* upstream_change(const Map& map, std::string_view id) {
  // A cell may hold several ids: "AML.M0003 AML.M0006".
  const auto found = std::ranges::find_if(map.upstream, [&](const UpstreamChange& change) {
    const std::vector<std::string_view> ids = words(change.id);
    return std::ranges::find(ids, id) != ids.end();
  });
  return found == map.upstream.end() ? nullptr : &*found;
}

}  // namespace bulwark::atlas
