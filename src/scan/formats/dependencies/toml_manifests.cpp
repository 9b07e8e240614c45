// pyproject.toml, uv.toml, Pipfile

#include <algorithm>

#include "base/text.h"
#include "scan/formats/dependencies/manifests.h"
#include "scan/formats/dependencies/requirements.h"
#include "scan/formats/versions/semver.h"

namespace bulwark::scan {
namespace {

const Document kNothing;

const Document& at(const Document& map, std::string_view key) {
  const Document* value = map.find(key);
  return value == nullptr ? kNothing : *value;
}

bool is_true(const Document& map, std::string_view key) {
  return at(map, key).kind == Document::Kind::Boolean && at(map, key).boolean;
}

void add_requirement(const Document& value, std::string_view group, DependencyList& list) {
  if (!value.is_string()) return;  // {include-group = "…"}
  auto found = parse_requirement(value.string);
  if (!found) {
    list.unread.push_back({"is no requirement", value.string, place_in_list(value)});
    return;
  }
  found->place = place_in_list(value);
  if (!group.empty()) found->groups = {std::string(group)};
  list.dependencies.push_back(std::move(*found));
}

void add_requirements(const Document& values, std::string_view group, DependencyList& list) {
  for (const Document& value : values.list) add_requirement(value, group, list);
}

// The version that a bare "1.2.3" or "==1.2.3" of Poetry and Pipenv leaves.
std::string exact_version(std::string_view wanted) {
  wanted = trim(wanted);
  while (wanted.starts_with('=')) wanted = trim(wanted.substr(1));
  const bool exact = !wanted.empty() && wanted.find_first_of("<>~^!*, |") == std::string_view::npos;
  return exact ? std::string(wanted) : std::string();
}

// name = "^1.0" | {version = …} | {git = …, rev|branch|tag = …} | {url = …} | {path = …}
void add_table_entry(const std::string& name, const Document& value, std::string_view group,
                     DependencyList& list) {
  if (value.is_list()) {  // one of several, chosen by markers
    for (const Document& each : value.list) add_table_entry(name, each, group, list);
    return;
  }
  Dependency found;
  found.ecosystem = "PyPI";
  found.name = name;
  found.wanted = value.is_string() ? value.string : std::string(value.text("version"));
  found.version = exact_version(found.wanted);
  found.place = place_in_list(value);
  for (const std::string_view key : {"path", "file", "url", "git"}) {
    const std::string_view source = value.text(key);
    if (source.empty()) continue;
    found.source = (key == "git" && !source.starts_with("git+") ? "git+" : "") + std::string(source);
  }
  for (const std::string_view key : {"rev", "ref"})
    if (is_commit(value.text(key))) found.commit = value.text(key);
  if (!value.text("source").empty() || !value.text("index").empty()) list.bound.push_back(name);
  if (!group.empty()) found.groups = {std::string(group)};
  list.dependencies.push_back(std::move(found));
}

void add_table(const Document& table, std::string_view group, DependencyList& list) {
  for (const auto& [name, value] : table.map)
    if (name != "python") add_table_entry(name, value, group, list);
}

void read_project(const Document& project, DependencyList& list) {
  add_requirements(at(project, "dependencies"), {}, list);
  for (const auto& [group, values] : at(project, "optional-dependencies").map)
    add_requirements(values, group, list);
}

void add_poetry_source(const Document& source, DependencyList& list) {
  const std::string_view priority = source.text("priority");
  const bool main = priority == "primary" || is_true(source, "default") || priority == "default";
  list.indexes.push_back({.kind = main ? PackageIndex::Kind::Main : PackageIndex::Kind::Extra,
                          .url = std::string(source.text("url")),
                          .name = std::string(source.text("name")),
                          .explicit_only = priority == "explicit",
                          .scope = {},
                          .place = place_in_list(source)});
}

void read_poetry(const Document& poetry, DependencyList& list) {
  add_table(at(poetry, "dependencies"), {}, list);
  add_table(at(poetry, "dev-dependencies"), "dev", list);
  for (const auto& [group, content] : at(poetry, "group").map)
    add_table(at(content, "dependencies"), group, list);
  for (const Document& source : at(poetry, "source").list)
    if (!source.text("url").empty()) add_poetry_source(source, list);
}

void add_index(const Document& value, PackageIndex::Kind kind, DependencyList& list) {
  if (!value.is_string() || value.string.empty()) return;
  list.indexes.push_back(
      {.kind = kind, .url = value.string, .name = {}, .scope = {}, .place = place_in_list(value)});
}

// What uv.toml holds, and pyproject.toml below tool.uv.
void read_uv(const Document& uv, DependencyList& list) {
  for (const Document& index : at(uv, "index").list) {
    if (index.text("url").empty()) continue;
    list.indexes.push_back(
        {.kind = is_true(index, "default") ? PackageIndex::Kind::Main : PackageIndex::Kind::Extra,
         .url = std::string(index.text("url")),
         .name = std::string(index.text("name")),
         .explicit_only = is_true(index, "explicit"),
         .scope = {},
         .place = place_in_list(index)});
  }
  for (const std::string_view owner : {"", "pip"}) {
    const Document& settings = owner.empty() ? uv : at(uv, owner);
    add_index(at(settings, "index-url"), PackageIndex::Kind::Main, list);
    for (const Document& each : at(settings, "extra-index-url").list)
      add_index(each, PackageIndex::Kind::Extra, list);
    for (const Document& each : at(settings, "find-links").list)
      add_index(each, PackageIndex::Kind::FindLinks, list);
  }
  add_requirements(at(uv, "dev-dependencies"), "dev", list);
  for (const auto& [name, source] : at(uv, "sources").map) {
    if (!source.text("index").empty()) list.bound.push_back(name);
    const bool elsewhere = !source.text("git").empty() || !source.text("url").empty();
    if (elsewhere) add_table_entry(name, source, {}, list);
  }
}

void read_pdm_sources(const Document& pdm, DependencyList& list) {
  for (const Document& source : at(pdm, "source").list) {
    if (source.text("url").empty()) continue;
    list.indexes.push_back({.kind = PackageIndex::Kind::Extra,
                            .url = std::string(source.text("url")),
                            .name = std::string(source.text("name")),
                            .explicit_only = !at(source, "include_packages").list.empty(),
                            .scope = {},
                            .place = place_in_list(source)});
  }
}

}  // namespace

Result<DependencyList> read_pyproject(std::string_view text, const Limits& limits) {
  const Document root = TRY(parse_toml(text, limits));
  DependencyList list;
  read_project(at(root, "project"), list);
  for (const auto& [group, values] : at(root, "dependency-groups").map) add_requirements(values, group, list);
  add_requirements(at(at(root, "build-system"), "requires"), "build", list);
  const Document& tool = at(root, "tool");
  read_poetry(at(tool, "poetry"), list);
  read_uv(at(tool, "uv"), list);
  read_pdm_sources(at(tool, "pdm"), list);
  return list;
}

Result<DependencyList> read_uv_configuration(std::string_view text, const Limits& limits) {
  const Document root = TRY(parse_toml(text, limits));
  DependencyList list;
  read_uv(root, list);
  return list;
}

Result<DependencyList> read_pipfile(std::string_view text, const Limits& limits) {
  const Document root = TRY(parse_toml(text, limits));
  DependencyList list;
  for (const Document& source : at(root, "source").list) {
    if (source.text("url").empty()) continue;
    // Pipenv takes every package from the first source unless the package names another.
    list.indexes.push_back(
        {.kind = list.indexes.empty() ? PackageIndex::Kind::Main : PackageIndex::Kind::Extra,
         .url = std::string(source.text("url")),
         .name = std::string(source.text("name")),
         .explicit_only = !list.indexes.empty(),
         .scope = {},
         .place = place_in_list(source)});
  }
  for (const auto& [section, packages] : root.map) {
    if (section == "source" || section == "requires" || section == "scripts" || section == "pipenv") continue;
    add_table(packages, section == "packages" ? std::string_view() : std::string_view(section), list);
  }
  return list;
}

}  // namespace bulwark::scan
