// setup.cfg, setup.py, pip.conf, .npmrc, package.json

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "scan/formats/dependencies/manifests.h"
#include "scan/formats/dependencies/requirements.h"
#include "scan/formats/versions/digits.h"
#include "scan/formats/versions/semver.h"

namespace bulwark::scan {
namespace {

// One value of an INI file as Python's configparser reads it: the values of a key go on in indented lines.
struct IniValue {
  std::string_view section, key, value;
  Place place;
};

template <class Each>
void for_each_ini_value(std::string_view text, Each each) {
  std::string_view section;
  std::string_view key;
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    ++number;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    std::string_view said = trim(line);
    const auto place_of = [&](std::string_view part) {
      const auto offset = static_cast<std::uint64_t>(part.data() - text.data());
      return Place{.offset = offset, .line = number, .column = static_cast<std::uint32_t>(offset - at + 1)};
    };
    at = end + 1;
    if (said.empty() || said.front() == '#' || said.front() == ';') continue;
    if (said.front() == '[' && indent == 0) {
      section = said.substr(1, said.find(']') - 1);
      key = {};
      continue;
    }
    if (indent > 0 && !key.empty()) {
      each(IniValue{section, key, said, place_of(said)});
      continue;
    }
    const std::size_t equals = said.find_first_of("=:");
    key = trim(said.substr(0, equals));
    if (equals == std::string_view::npos) continue;
    const std::string_view value = trim(said.substr(equals + 1));
    if (!value.empty()) each(IniValue{section, key, value, place_of(value)});
  }
}

void add_requirement(std::string_view text, Place place, std::string_view group, DependencyList& list) {
  text = trim(text.substr(0, text.find(" #")));
  if (text.empty()) return;
  if (text.starts_with("file:")) return;  // setuptools: "take the lines of that file", which is read itself
  auto found = parse_requirement(text);
  if (!found) return list.unread.push_back({"is no requirement", std::string(text), place});
  found->place = place;
  if (!group.empty()) found->groups = {std::string(group)};
  list.dependencies.push_back(std::move(*found));
}

void add_index(PackageIndex::Kind kind, std::string_view url, Place place, DependencyList& list) {
  if (!url.empty())
    list.indexes.push_back({.kind = kind, .url = std::string(url), .name = {}, .scope = {}, .place = place});
}

// The strings of a list literal; anything but literals in it is passed over.
class LiteralList {
 public:
  LiteralList(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  template <class Each>
  void for_each(Each each) {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '[' || c == '(' || c == '{') ++depth;
      if (c == ']' || c == ')' || c == '}') --depth;
      if (depth <= 0 && c != ']' && c != ')' && c != '}') return;
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (c == '"' || c == '\'') {
        const std::size_t start = at_ + 1;
        const std::size_t end = text_.find(c, start);
        if (end == std::string_view::npos ||
            text_.substr(start, end - start).find('\n') != std::string_view::npos)
          return;
        // A key of extras_require is no requirement.
        const std::size_t next = text_.find_first_not_of(" \t\r\n", end + 1);
        if (next == std::string_view::npos || text_[next] != ':')
          each(text_.substr(start, end - start), start);
        at_ = end + 1;
        continue;
      }
      ++at_;
      if (depth <= 0) return;
    }
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

// "name" as a word, '=' or ':' behind it, and then a bracket: where the bracket stands.
std::optional<std::size_t> find_list(std::string_view text, std::string_view name, std::size_t from) {
  for (std::size_t at = text.find(name, from); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const bool word = at == 0 || (!is_letter(text[at - 1]) && text[at - 1] != '_');
    std::size_t next = at + name.size();
    while (next < text.size() && std::string_view(" \t\"'=:").contains(text[next])) ++next;
    if (word && next < text.size() && (text[next] == '[' || text[next] == '(' || text[next] == '{'))
      return next;
  }
  return std::nullopt;
}

void read_python_lists(std::string_view text, std::string_view name, std::string_view group,
                       DependencyList& list) {
  std::size_t from = 0;
  while (const auto start = find_list(text, name, from)) {
    LiteralList(text, *start).for_each([&](std::string_view literal, std::size_t offset) {
      add_requirement(literal, {.offset = offset}, group, list);
    });
    from = *start;
  }
}

void add_npm_entry(const std::string& name, const Document& value, std::string_view group,
                   DependencyList& list) {
  if (!value.is_string()) return;
  Dependency found;
  found.ecosystem = "npm";
  found.name = name;
  found.wanted = value.string;
  found.place = place_in_list(value);
  std::string_view wanted = value.string;
  if (wanted.starts_with("npm:")) {
    const std::size_t at = wanted.find('@', 5);
    found.name = wanted.substr(4, at == std::string_view::npos ? at : at - 4);
    wanted = at == std::string_view::npos ? std::string_view() : wanted.substr(at + 1);
  }
  const bool shorthand =
      wanted.find('/') != std::string_view::npos && wanted.find(' ') == std::string_view::npos;
  if (wanted.find(':') != std::string_view::npos || shorthand) {
    found.source = wanted;
    found.commit = commit_in(wanted);
  } else if (is_exact_semver(wanted)) {
    found.version = wanted.substr(wanted.starts_with('=') ? 1 : 0);
  }
  if (!group.empty()) found.groups = {std::string(group)};
  list.dependencies.push_back(std::move(found));
}

}  // namespace

DependencyList read_setup_cfg(std::string_view text) {
  DependencyList list;
  for_each_ini_value(text, [&](const IniValue& at) {
    const bool plain = at.section == "options" && (at.key == "install_requires" ||
                                                   at.key == "setup_requires" || at.key == "tests_require");
    if (plain) add_requirement(at.value, at.place, at.key == "install_requires" ? "" : at.key, list);
    if (at.section == "options.extras_require") add_requirement(at.value, at.place, at.key, list);
    if (at.section == "options" && at.key == "dependency_links")
      add_index(PackageIndex::Kind::FindLinks, at.value, at.place, list);
  });
  return list;
}

DependencyList read_setup_py(std::string_view text) {
  DependencyList list;
  read_python_lists(text, "install_requires", {}, list);
  read_python_lists(text, "setup_requires", "build", list);
  read_python_lists(text, "tests_require", "test", list);
  read_python_lists(text, "extras_require", "extra", list);
  return list;
}

DependencyList read_pip_conf(std::string_view text) {
  DependencyList list;
  for_each_ini_value(text, [&](const IniValue& at) {
    struct Key {
      std::string_view name;
      PackageIndex::Kind kind;
    };
    constexpr Key kKeys[] = {{"index-url", PackageIndex::Kind::Main},
                             {"extra-index-url", PackageIndex::Kind::Extra},
                             {"find-links", PackageIndex::Kind::FindLinks},
                             {"trusted-host", PackageIndex::Kind::TrustedHost}};
    std::string key = lower(at.key);
    std::ranges::replace(key, '_', '-');
    for (const Key& known : kKeys) {
      if (key != known.name) continue;
      std::string_view rest = at.value;
      for (const std::string_view url : words(rest)) add_index(known.kind, url, at.place, list);
    }
    if (key == "require-hashes")
      list.requires_hashes = at.value != "false" && at.value != "0" && at.value != "no";
  });
  return list;
}

DependencyList read_npmrc(std::string_view text) {
  DependencyList list;
  for_each_ini_value(text, [&](const IniValue& at) {
    // The key of "//host/:_authToken=…" is cut at its colon: only who it is for matters here.
    if (at.key == "registry") add_index(PackageIndex::Kind::Main, at.value, at.place, list);
    const bool scoped = at.key.starts_with('@');
    if (scoped && at.value.starts_with("registry=")) {
      list.indexes.push_back({.kind = PackageIndex::Kind::Extra,
                              .url = std::string(at.value.substr(9)),
                              .name = {},
                              .explicit_only = true,
                              .scope = std::string(at.key),
                              .place = at.place});
    }
  });
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trim(text.substr(at, end - at));
    if (line.starts_with("//") && line.find(":_") != std::string_view::npos) {
      list.indexes.push_back({.kind = PackageIndex::Kind::TrustedHost,
                              .url = std::string(line.substr(0, line.find(":_"))),
                              .name = {},
                              .scope = {},
                              .place = {.offset = at}});
    }
    at = end + 1;
  }
  return list;
}

Result<DependencyList> read_package_json(std::string_view text, const Limits& limits) {
  const ParsedDocument parsed = TRY(parse_json(text, limits));
  if (!parsed.root.is_map()) return fail(Code::InvalidInput, "package.json is no JSON object", 0);
  DependencyList list;
  struct Section {
    std::string_view key, group;
  };
  constexpr Section kSections[] = {
      {"dependencies", ""}, {"devDependencies", "dev"}, {"optionalDependencies", "optional"}};
  for (const Section& section : kSections) {
    const Document* packages = parsed.root.find(section.key);
    if (packages == nullptr) continue;
    for (const auto& [name, value] : packages->map) add_npm_entry(name, value, section.group, list);
  }
  if (const Document* scripts = parsed.root.find("scripts")) {
    for (const auto& [name, command] : scripts->map)
      if ((name == "preinstall" || name == "install" || name == "postinstall") && command.is_string())
        list.scripts.push_back({name, command.string, place_in_list(command)});
  }
  return list;
}

}  // namespace bulwark::scan
