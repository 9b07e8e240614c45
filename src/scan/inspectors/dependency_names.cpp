// Is the name that of the package meant, and does the organisation know it?

#include <unordered_set>

#include "scan/advisories/database.h"
#include "scan/inspectors/dependency_checks.h"
#include "scan/inspectors/dependency_rules.h"
#include "scan/knowledge/allowed_packages.h"
#include "scan/knowledge/package_names.h"

namespace bulwark::scan::inspectors {
namespace {

// Conda has channels of its own; their names are those of the Python index mostly.
std::string_view table_of(const Dependency& package) {
  return package.ecosystem == "conda" ? std::string_view("PyPI") : package.ecosystem;
}

void check_allowed(const DependencyContext& at, const Dependency& package, const AllowedPackages& allowed) {
  switch (allowed.ask(table_of(package), package.name, package.version)) {
    case AllowedPackages::Answer::Allowed: return;
    case AllowedPackages::Answer::UnknownName:
      return report(at, kNotAllowed, package.place,
                    "`" + package.name + "` is not on the list of allowed packages", package.name);
    case AllowedPackages::Answer::OtherVersion:
      return report(at, kOutsidePolicy, package.place,
                    shown(package) + " is not allowed: the list says `" + package.name +
                        std::string(allowed.constraint(table_of(package), package.name)) + "`",
                    shown(package));
  }
}

void check_name(const DependencyContext& at, const Dependency& package) {
  const auto doubt = doubt_name(table_of(package), package.name);
  if (!doubt) return;
  const Options& options = at.in.options();
  if (options.advisories != nullptr && options.advisories->is_legitimate(table_of(package), package.name))
    return;
  if (doubt->kind == NameDoubt::Kind::Invented) {
    report(
        at, kInvented, package.place,
        "`" + package.name + "` is not the package meant: write `" + doubt->meant + "` (" + doubt->why + ")",
        package.name, package.ecosystem == "conda" ? std::optional(Severity::Low) : std::nullopt);
    return;
  }
  // An added word is how many honest packages are called; a conda channel has a keeper.
  const bool weak = doubt->kind == NameDoubt::Kind::Affix || package.ecosystem == "conda";
  report(at, kImitation, package.place,
         "`" + package.name + "` looks like `" + doubt->meant + "`: " + doubt->why, package.name,
         weak ? std::optional(Severity::Low) : std::nullopt);
}

}  // namespace

void check_names(const DependencyContext& at) {
  const AllowedPackages* allowed = at.in.options().allowed_packages;
  std::unordered_set<std::string> seen;
  for (const Dependency& package : at.list.dependencies) {
    // What comes from a repository or a path was not chosen by its name.
    if (package.name.empty() || !package.source.empty()) continue;
    const bool listed = allowed != nullptr &&
                        allowed->ask(table_of(package), package.name, {}) == AllowedPackages::Answer::Allowed;
    if (allowed != nullptr) check_allowed(at, package, *allowed);
    if (!listed && seen.insert(package.name).second) check_name(at, package);
  }
}

}  // namespace bulwark::scan::inspectors
