#include "scan/formats/dependencies/conda.h"

#include <algorithm>

#include "base/text.h"
#include "scan/formats/dependencies/requirements.h"

namespace bulwark::scan {
namespace {

// "channel::name", "name=1.0=build", "name==1.0", "name 1.0 build", "name >=1,<2|3".
Dependency read_spec(std::string_view spec) {
  spec = trim(spec.substr(0, spec.find(" #")));
  if (const std::size_t channel = spec.rfind("::"); channel != std::string_view::npos)
    spec = spec.substr(channel + 2);
  Dependency found;
  found.ecosystem = "conda";
  const std::size_t end = std::min(spec.find_first_of(" =<>!~["), spec.size());
  found.name = spec.substr(0, end);
  std::string_view rest = trim(spec.substr(end, spec.find('[', end) - end));
  found.wanted = rest;
  while (rest.starts_with('=')) rest.remove_prefix(1);
  // What is left of the version is exact unless it says otherwise; the build follows behind '=' or a blank.
  const std::string_view version = rest.substr(0, rest.find_first_of("= "));
  if (version.find_first_of("<>!~*|,") == std::string_view::npos) found.version = version;
  return found;
}

Result<void> read_pip_section(const Document& section, DependencyList& list) {
  for (const Document& item : section.list) {
    if (item.is_map() || item.is_list())
      return fail(Code::InvalidInput, "line " + std::to_string(item.line) + ": a pip requirement is no text",
                  item.offset);
    DependencyList lines = read_requirements(item.string);
    for (Dependency& each : lines.dependencies) {
      each.place = place_in_list(item);
      list.dependencies.push_back(std::move(each));
    }
    for (PackageIndex& each : lines.indexes) {
      each.place = place_in_list(item);
      list.indexes.push_back(std::move(each));
    }
    for (IncludedList& each : lines.included) {
      each.place = place_in_list(item);
      list.included.push_back(std::move(each));
    }
  }
  return {};
}

}  // namespace

Result<DependencyList> read_conda_environment(std::string_view text, const Limits& limits) {
  const std::vector<Document> documents = TRY(parse_yaml(text, limits));
  if (documents.empty() || !documents.front().is_map())
    return fail(Code::InvalidInput, "a conda environment is a YAML map", 0);
  const Document& root = documents.front();
  DependencyList list;
  const Document* dependencies = root.find("dependencies");
  if (dependencies == nullptr) return list;
  const bool is_virtualenv = root.find("python") != nullptr && root.find("channels") == nullptr;
  for (const Document& item : dependencies->list) {
    if (is_virtualenv) {  // python_env.yaml holds lines of a requirements file
      Document section;
      section.list.push_back(item);
      TRY(read_pip_section(section, list));
      continue;
    }
    if (item.is_map()) {
      if (const Document* pip = item.find("pip")) TRY(read_pip_section(*pip, list));
      continue;
    }
    if (!item.is_string())
      return fail(Code::InvalidInput, "line " + std::to_string(item.line) + ": a dependency is no text",
                  item.offset);
    Dependency found = read_spec(item.string);
    found.place = place_in_list(item);
    if (!found.name.empty()) list.dependencies.push_back(std::move(found));
  }
  return list;
}

Result<DependencyList> read_conda_meta(std::string_view text, const Limits& limits) {
  const ParsedDocument parsed = TRY(parse_json(text, limits));
  if (parsed.root.text("name").empty() || parsed.root.text("version").empty())
    return fail(Code::InvalidInput, "no record of a conda package", 0);
  DependencyList list;
  list.locked = true;
  Dependency found;
  found.ecosystem = "conda";
  found.name = parsed.root.text("name");
  found.version = parsed.root.text("version");
  found.wanted = found.version;
  add_digest(found, "sha256:" + std::string(parsed.root.text("sha256")));
  found.hashed = !parsed.root.text("sha256").empty();
  found.place = place_in_list(*parsed.root.find("name"));
  list.dependencies.push_back(std::move(found));
  return list;
}

}  // namespace bulwark::scan
