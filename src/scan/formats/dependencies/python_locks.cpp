#include "scan/formats/dependencies/python_locks.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::scan {
namespace {

const Document kNothing;

const Document& at(const Document& map, std::string_view key) {
  const Document* value = map.find(key);
  return value == nullptr ? kNothing : *value;
}

bool is_true(const Document& map, std::string_view key) {
  const Document& value = at(map, key);
  return value.kind == Document::Kind::Boolean && value.boolean;
}

std::vector<std::string> texts_of(const Document& list) {
  std::vector<std::string> texts;
  for (const Document& item : list.list)
    if (item.is_string()) texts.push_back(item.string);
  return texts;
}

bool holds(const std::vector<std::string>& texts, std::string_view word) {
  return std::ranges::find(texts, word) != texts.end();
}

// A version that its publisher took back: what the tool wrote down of it.
std::string yanked_note(const Document& package) {
  const Document& yanked = at(package, "yanked");
  if (yanked.is_string() && !yanked.string.empty()) return yanked.string;
  return yanked.kind == Document::Kind::Boolean && yanked.boolean ? "yanked" : std::string();
}

Dependency named(const Document& package) {
  Dependency found;
  found.ecosystem = "PyPI";
  found.name = package.text("name");
  found.version = package.text("version");
  found.wanted = found.version.empty() ? "" : "==" + found.version;
  found.deprecated = yanked_note(package);
  const Document* name = package.find("name");
  found.place = place_in_list(name == nullptr ? package : *name);
  return found;
}

// The packages of a TOML lock file: tables with a name under `key`.
template <class Fill>
Result<DependencyList> read_toml_lock(std::string_view text, const Limits& limits, std::string_view key,
                                      Fill fill) {
  const Document root = TRY(parse_toml(text, limits));
  DependencyList list;
  list.locked = true;
  UniqueDependencies unique(list);
  for (const Document& package : at(root, key).list) {
    if (!package.is_map() || package.text("name").empty()) continue;
    Dependency found = named(package);
    if (fill(root, package, found)) unique.add(std::move(found));
  }
  return list;
}

bool has_file_hashes(const Document& files) {
  return std::ranges::any_of(files.list, [](const Document& file) {
    return !file.text("hash").empty() || !at(file, "hashes").map.empty();
  });
}

void take_digests(const Document& file, Dependency& found) {
  std::string_view name = file.text("file").empty() ? file.text("name") : file.text("file");
  const std::string_view url = file.text("url");
  if (name.empty()) name = url.substr(url.rfind('/') == std::string_view::npos ? 0 : url.rfind('/') + 1);
  if (!file.text("hash").empty()) add_digest(found, file.text("hash"), name);
  for (const auto& [algorithm, digest] : at(file, "hashes").map)
    if (digest.is_string()) add_digest(found, algorithm + ":" + digest.string, name);
}
void take_all_digests(const Document& files, Dependency& found) {
  for (const Document& file : files.list) take_digests(file, found);
}

void name_groups(const std::vector<std::string>& groups, std::string_view always, const Document& package,
                 Dependency& found) {
  if (holds(groups, always)) {
    if (is_true(package, "optional")) found.groups = {"optional"};
    return;
  }
  found.groups = groups;
}

bool fill_poetry(const Document& root, const Document& package, Dependency& found) {
  const Document& source = at(package, "source");
  const std::string_view type = source.text("type");
  if (type == "git" || type == "url" || type == "directory" || type == "file") {
    found.source = source.text("url");
    if (type == "git") found.source.insert(0, "git+");
    found.commit = source.text("resolved_reference");
  }
  take_all_digests(at(package, "files"), found);
  take_all_digests(at(at(at(root, "metadata"), "files"), found.name), found);
  found.hashed = has_file_hashes(at(package, "files"));
  if (!found.hashed)  // lock files of Poetry 1.0 to 1.4 keep the hashes in one table at the end
    found.hashed = has_file_hashes(at(at(at(root, "metadata"), "files"), found.name));
  if (const Document* groups = package.find("groups")) {
    name_groups(texts_of(*groups), "main", package, found);
  } else {
    if (package.text("category") == "dev") found.groups = {"dev"};
    if (is_true(package, "optional")) found.groups = {"optional"};
  }
  return true;
}

bool fill_pdm(const Document&, const Document& package, Dependency& found) {
  found.commit = package.text("revision");
  if (!package.text("git").empty()) found.source = "git+" + std::string(package.text("git"));
  if (!package.text("url").empty()) found.source = package.text("url");
  if (!package.text("path").empty()) found.source = package.text("path");
  take_all_digests(at(package, "files"), found);
  found.hashed = has_file_hashes(at(package, "files"));
  const std::vector<std::string> groups = texts_of(at(package, "groups"));
  if (groups.empty() || holds(groups, "default")) return true;
  found.groups = {holds(groups, "dev") ? "dev" : "optional"};
  return true;
}

bool fill_pylock(const Document&, const Document& package, Dependency& found) {
  const Document& vcs = at(package, "vcs");
  const Document& archive = at(package, "archive");
  // A directory is the project itself or one of its workspace.
  if (package.find("directory") != nullptr && found.version.empty()) return false;
  if (vcs.is_map()) {
    found.source = "git+" + std::string(vcs.text("url").empty() ? vcs.text("path") : vcs.text("url"));
    found.commit = vcs.text("commit-id");
  } else if (archive.is_map()) {
    found.source = archive.text("url").empty() ? archive.text("path") : archive.text("url");
  }
  const Document& sdist = at(package, "sdist");
  take_digests(archive, found);
  take_digests(sdist, found);
  take_all_digests(at(package, "wheels"), found);
  found.hashed = !at(archive, "hashes").map.empty() || !at(sdist, "hashes").map.empty() ||
                 has_file_hashes(at(package, "wheels"));
  return true;
}

bool fill_uv(const Document&, const Document& package, Dependency& found) {
  const Document& source = at(package, "source");
  // The project itself and members of its workspace.
  if (source.find("virtual") != nullptr || source.find("editable") != nullptr) return false;
  for (const std::string_view key : {"git", "url", "path", "directory"}) {
    if (source.text(key).empty()) continue;
    found.source = (key == "git" ? "git+" : "") + std::string(source.text(key));
    if (key == "git") found.commit = commit_in(found.source);
  }
  take_digests(at(package, "sdist"), found);
  take_all_digests(at(package, "wheels"), found);
  found.hashed = !at(package, "sdist").text("hash").empty() || has_file_hashes(at(package, "wheels"));
  return true;
}

Dependency pipfile_entry(const std::string& name, const Document& entry) {
  Dependency found;
  found.ecosystem = "PyPI";
  found.name = name;
  found.wanted = entry.is_string() ? entry.string : std::string(entry.text("version"));
  std::string_view version = found.wanted;
  if (version.starts_with("===")) {
    version.remove_prefix(3);
  } else if (version.starts_with("==")) {
    version.remove_prefix(2);
  } else {
    version = {};
  }
  found.version = trim(version);
  if (!entry.text("git").empty()) {
    found.source = "git+" + std::string(entry.text("git"));
    if (is_commit(entry.text("ref"))) found.commit = entry.text("ref");
  }
  for (const std::string_view key : {"file", "path"})
    if (!entry.text(key).empty()) found.source = entry.text(key);
  for (const std::string& digest : texts_of(at(entry, "hashes"))) add_digest(found, digest);
  found.hashed = !at(entry, "hashes").list.empty();
  found.place = place_in_list(entry);
  return found;
}

void read_sources(const Document& sources, DependencyList& list) {
  for (const Document& source : sources.list) {
    if (source.text("url").empty()) continue;
    list.indexes.push_back(
        {.kind = list.indexes.empty() ? PackageIndex::Kind::Main : PackageIndex::Kind::Extra,
         .url = std::string(source.text("url")),
         .name = std::string(source.text("name")),
         .explicit_only = true,  // Pipenv asks one index for each package, by name
         .scope = {},
         .place = place_in_list(source)});
  }
}

}  // namespace

Result<DependencyList> read_pipfile_lock(std::string_view text, const Limits& limits) {
  DependencyList list;
  list.locked = true;
  if (trim(text).empty()) return list;
  const ParsedDocument parsed = TRY(parse_json(text, limits));
  if (!parsed.root.is_map()) return fail(Code::InvalidInput, "Pipfile.lock is no JSON object", 0);
  UniqueDependencies unique(list);
  for (const auto& [section, packages] : parsed.root.map) {
    if (section == "_meta") read_sources(at(packages, "sources"), list);
    if (section == "_meta" || !packages.is_map()) continue;
    for (const auto& [name, entry] : packages.map) {
      Dependency found = pipfile_entry(name, entry);
      if (section != "default") found.groups = {section == "develop" ? "dev" : section};
      unique.add(std::move(found));
    }
  }
  return list;
}

Result<DependencyList> read_poetry_lock(std::string_view text, const Limits& limits) {
  return read_toml_lock(text, limits, "package", fill_poetry);
}
Result<DependencyList> read_pdm_lock(std::string_view text, const Limits& limits) {
  return read_toml_lock(text, limits, "package", fill_pdm);
}
Result<DependencyList> read_pylock(std::string_view text, const Limits& limits) {
  return read_toml_lock(text, limits, "packages", fill_pylock);
}
Result<DependencyList> read_uv_lock(std::string_view text, const Limits& limits) {
  return read_toml_lock(text, limits, "package", fill_uv);
}

}  // namespace bulwark::scan
