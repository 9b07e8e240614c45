// Does the list say exactly what is installed?

#include <algorithm>

#include "base/text.h"
#include "scan/inspectors/dependency_checks.h"
#include "scan/inspectors/dependency_rules.h"

namespace bulwark::scan::inspectors {
namespace {

using Role = DependencyFile::Role;

bool is_repository(std::string_view source) {
  constexpr std::string_view kStarts[] = {"git+",    "git:",    "git@",       "hg+",   "svn+", "bzr+",
                                          "github:", "gitlab:", "bitbucket:", "gist:", "ssh:"};
  return std::ranges::any_of(kStarts, [&](std::string_view start) { return source.starts_with(start); }) ||
         source.ends_with(".git");
}

void check_source(const DependencyContext& at, const Dependency& package) {
  const std::string_view source = package.source;
  if (source.empty() || is_local(source) || at.model_rules) return;
  const bool url = source.starts_with("http://") || source.starts_with("https://");
  const std::optional<Severity> milder =
      at.has_lock || at.beside_model ? std::optional(Severity::Low) : std::nullopt;
  if (is_repository(source) ||
      (package.ecosystem == "npm" && !url && source.contains('/') && at.file.role == Role::Manifest)) {
    if (!package.commit.empty()) return;
    report(at, kMovingSource, package.place,
           "takes what the repository holds at the time of installation; name the commit: `…@<40 digits>`",
           source, milder);
    return;
  }
  if (!url || package.hashed || !package.commit.empty() || is_well_known_host(source)) return;
  report(at, kMovingSource, package.place,
         source.starts_with("http://") ? "is fetched over plain http and not pinned by a digest"
                                       : "is fetched from an address without a digest; add `#sha256=…`",
         source, milder);
}

void check_pin(const DependencyContext& at, const Dependency& package) {
  if (at.file.role != Role::Requirements || !package.version.empty() || !package.source.empty()) return;
  // Conda solves an environment once, a lock file beside decides, and a model's list is installed by nobody
  // unasked.
  const bool milder = at.beside_model || at.has_lock || package.ecosystem == "conda";
  const std::string wanted = shown(package);
  report(at, kUnpinnedPackage, package.place,
         "`" + wanted + "` takes whatever was published last; write `" + package.name +
             (package.ecosystem == "conda" ? "=" : "==") + "<version>` instead",
         wanted, milder ? std::optional(Severity::Low) : std::nullopt);
}

void check_hashes(const DependencyContext& at) {
  if (at.file.role != Role::Lock && at.file.role != Role::Requirements) return;
  if (at.list.requires_hashes || at.file.format == "conda-meta") return;
  const auto from_index = [](const Dependency& each) { return each.source.empty(); };
  const auto first = std::ranges::find_if(
      at.list.dependencies, [&](const Dependency& each) { return from_index(each) && !each.hashed; });
  if (first == at.list.dependencies.end()) return;
  const auto unhashed = std::ranges::count_if(
      at.list.dependencies, [&](const Dependency& each) { return from_index(each) && !each.hashed; });
  const auto all = std::ranges::count_if(at.list.dependencies, from_index);
  if (at.file.role == Role::Lock && unhashed < all) return;  // packages of the workspace have none
  report(at, kNoHashes, first->place,
         std::to_string(unhashed) + " of " + std::to_string(all) + " packages are not pinned by a digest",
         shown(*first), at.beside_model ? std::optional(Severity::Info) : std::nullopt);
}

void check_remote_lists(const DependencyContext& at) {
  for (const IncludedList& included : at.list.included)
    if (included.path.starts_with("http://") || included.path.starts_with("https://"))
      report(at, kMovingSource, included.place,
             "takes its requirements from a server at the time of installation", included.path);
}

}  // namespace

void check_pins(const DependencyContext& at) {
  for (const Dependency& package : at.list.dependencies) {
    check_pin(at, package);
    check_source(at, package);
    if (package.install_script)
      report(at, kInstallScript, package.place, shown(package) + " runs a script while it is installed",
             shown(package), Severity::Info);
    if (!package.deprecated.empty())
      report(at, kYanked, package.place, shown(package) + " was withdrawn: " + package.deprecated,
             shown(package));
  }
  for (const InstallScript& script : at.list.scripts)
    report(at, kInstallScript, script.place, "`" + script.name + "` runs on every installation",
           script.command);
  check_hashes(at);
  check_remote_lists(at);
}

}  // namespace bulwark::scan::inspectors
