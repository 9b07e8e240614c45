// package-lock.json, npm-shrinkwrap.json

#include <algorithm>

#include "base/text.h"
#include "scan/formats/dependencies/javascript_locks.h"

namespace bulwark::scan {
namespace {

bool is_true(const Document& map, std::string_view key) {
  const Document* value = map.find(key);
  return value != nullptr && value->kind == Document::Kind::Boolean && value->boolean;
}

bool is_repository(std::string_view text) {
  return text.starts_with("git") || text.starts_with("bitbucket:") ||
         text.find("#") != std::string_view::npos;
}

void read_flags(const Document& entry, Dependency& found) {
  const bool either = is_true(entry, "devOptional");
  if (is_true(entry, "inBundle") || is_true(entry, "bundled")) found.groups.emplace_back("bundled");
  if (is_true(entry, "dev") || either) found.groups.emplace_back("dev");
  if (is_true(entry, "optional") || either) found.groups.emplace_back("optional");
  add_digest(found, entry.text("integrity").substr(0, entry.text("integrity").find(' ')));
  found.hashed = !entry.text("integrity").empty();
  found.install_script = is_true(entry, "hasInstallScript");
  found.deprecated = entry.text("deprecated");
}

// Version 1 keeps in `version` what stands in package.json: an alias, a repository, a file.
void read_old_version(std::string_view version, Dependency& found) {
  if (version.starts_with("npm:")) {
    const std::string_view alias = version.substr(4);
    const std::size_t end = end_of_npm_name(alias);
    found.name = alias.substr(0, end);
    found.version = end == std::string_view::npos ? "" : alias.substr(end + 1);
    return;
  }
  if (version.starts_with("file:") || version.starts_with("link:") ||
      version.find(':') != std::string_view::npos) {
    found.source = version;
    if (is_repository(version)) found.commit = commit_in(version);
    return;
  }
  found.version = version;
}

class OldLock {
 public:
  explicit OldLock(DependencyList& list) : unique_(list) {}

  // Nesting is bounded by the depth of the document.
  void read(const Document& dependencies) {
    for (const auto& [name, entry] : dependencies.map) {
      if (!entry.is_map()) continue;
      Dependency found;
      found.ecosystem = "npm";
      found.name = name;
      read_old_version(entry.text("version"), found);
      found.wanted = found.version;
      read_flags(entry, found);
      found.place = place_in_list(entry);
      unique_.add(std::move(found));
      if (const Document* nested = entry.find("dependencies")) read(*nested);
    }
  }

 private:
  UniqueDependencies unique_;
};

// "node_modules/a/node_modules/@scope/b" is "@scope/b"; "deps/etag" is a package of the workspace.
std::string name_of_path(std::string_view path) {
  constexpr std::string_view kFolder = "node_modules/";
  if (const std::size_t folder = path.rfind(kFolder); folder != std::string_view::npos)
    return std::string(path.substr(folder + kFolder.size()));
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::string(path);
  const std::size_t before = path.rfind('/', slash - 1);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  return std::string(path.substr(path.substr(start).starts_with('@') ? start : slash + 1));
}

void read_new_lock(const Document& packages, DependencyList& list) {
  UniqueDependencies unique(list);
  for (const auto& [path, entry] : packages.map) {
    if (path.empty() || !entry.is_map() || is_true(entry, "link")) continue;
    Dependency found;
    found.ecosystem = "npm";
    found.name = entry.text("name").empty() ? name_of_path(path) : std::string(entry.text("name"));
    found.version = entry.text("version");
    found.wanted = found.version;
    const std::string_view resolved = entry.text("resolved");
    if (resolved.starts_with("git")) {
      found.source = resolved;
      found.commit = commit_in(resolved);
    }
    if (path.find("node_modules/") == std::string_view::npos) found.source = path;
    if (resolved.starts_with("http://")) found.source = resolved;
    read_flags(entry, found);
    found.place = place_in_list(entry);
    unique.add(std::move(found));
  }
}

}  // namespace

std::size_t end_of_npm_name(std::string_view spec) {
  return spec.size() < 2 ? std::string_view::npos : spec.find('@', 1);
}

Result<DependencyList> read_package_lock(std::string_view text, const Limits& limits) {
  const ParsedDocument parsed = TRY(parse_json(text, limits));
  if (!parsed.root.is_map()) return fail(Code::InvalidInput, "package-lock.json is no JSON object", 0);
  DependencyList list;
  list.locked = true;
  if (const Document* packages = parsed.root.find("packages"); packages != nullptr && packages->is_map()) {
    read_new_lock(*packages, list);
  } else if (const Document* dependencies = parsed.root.find("dependencies")) {
    OldLock(list).read(*dependencies);
  }
  return list;
}

}  // namespace bulwark::scan
