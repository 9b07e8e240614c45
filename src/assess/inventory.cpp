#include "assess/inventory.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "atlas/map.h"
#include "base/document.h"
#include "base/text.h"

namespace bulwark::assess {
namespace {

constexpr std::array<std::string_view, 5> kKeys = {"bulwark-inventory", "name", "repository", "controls",
                                                   "components"};
constexpr std::array<std::string_view, 5> kComponentKeys = {"kind", "name", "exposure", "seen", "note"};

std::unexpected<Error> wrong(const Document& at, const std::string& what) {
  return fail(Code::InvalidInput, "line " + std::to_string(at.line) + ": " + what);
}

// "unknown key 'exposre', did you mean 'exposure'?"
std::string unknown(std::string_view what, std::string_view word,
                    const std::vector<std::string_view>& known) {
  std::string text = "unknown " + std::string(what) + " '" + printable(word, 60) + "'";
  const std::string_view near = nearest(word, known);
  if (!near.empty()) return text + ", did you mean '" + std::string(near) + "'?";
  text += "; known are ";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i == 0 ? "" : ", ") + std::string(known[i]);
  return text;
}

template <std::size_t N>
Result<void> check_keys(const Document& map, const std::array<std::string_view, N>& known) {
  for (std::size_t i = 0; i < map.map.size(); ++i) {
    const auto& [key, value] = map.map[i];
    if (std::ranges::find(known, key) == known.end())
      return wrong(value, unknown("key", key, {known.begin(), known.end()}));
    for (std::size_t other = 0; other < i; ++other)
      if (map.map[other].first == key) return wrong(value, "key '" + key + "' comes twice");
  }
  return {};
}

// The text of a scalar; numbers and words such as `yes` are texts here.
Result<std::string> text_of(const Document& value, std::string_view key) {
  if (value.is_map() || value.is_list() || value.kind == Document::Kind::Null)
    return wrong(value, "'" + std::string(key) + "' must be a text");
  return value.string;
}

// "path:12" or "path".
Sighting sighting_from(std::string_view text) {
  Sighting seen{
      .confidence = Confidence::Sure, .path = std::string(text), .line = 0, .text = {}, .why = "declared"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return seen;
  std::uint32_t line = 0;
  const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), line);
  if (error != std::errc() || end != text.data() + text.size()) return seen;
  seen.path = text.substr(0, colon);
  seen.line = line;
  return seen;
}

Result<Component> component_from(const Document& entry) {
  if (!entry.is_map()) return wrong(entry, "a component is a map with 'kind' and 'name'");
  TRY(check_keys(entry, kComponentKeys));
  Component component{.confidence = Confidence::Sure, .declared = true};
  bool has_kind = false;
  for (const auto& [key, value] : entry.map) {
    const std::string text = TRY(text_of(value, key));
    if (key == "kind") {
      const auto kind = kind_from(text);
      if (!kind) {
        std::vector<std::string_view> ids;
        for (const KindInfo& known : kinds()) ids.push_back(known.id);
        return wrong(value, unknown("kind", text, ids));
      }
      component.kind = *kind;
      has_kind = true;
    } else if (key == "name") {
      component.name = printable(text, 120);
    } else if (key == "exposure") {
      const auto exposure = exposure_from(text);
      if (!exposure)
        return wrong(value, unknown("exposure", text, {"unknown", "internal", "network", "public"}));
      component.exposure = *exposure;
    } else if (key == "seen") {
      component.seen.push_back(sighting_from(printable(text, 400)));
      component.times = 1;
    } else {
      component.note = printable(text, 400);
    }
  }
  if (!has_kind) return wrong(entry, "this component has no 'kind'");
  if (component.name.empty()) return wrong(entry, "this component has no 'name'");
  return component;
}

Result<std::vector<std::string>> controls_from(const Document& list) {
  if (list.kind == Document::Kind::Null) return std::vector<std::string>();
  if (!list.is_list()) return wrong(list, "'controls' must be a list of ids");
  std::vector<std::string_view> known;
  for (const atlas::Control& control : atlas::map().controls) known.push_back(control.id);
  std::vector<std::string> controls;
  for (const Document& entry : list.list) {
    if (std::ranges::find(known, entry.string) == known.end())
      return wrong(entry, unknown("control", entry.string, known));
    if (std::ranges::find(controls, entry.string) == controls.end()) controls.push_back(entry.string);
  }
  return controls;
}

// A YAML scalar that reads back as exactly this text. What comes in is printable.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + "\"";
}

auto key_of(const Component& component) {
  return std::pair(component.kind, lower(component.name));
}

}  // namespace

Result<Inventory> read_inventory(std::string_view text) {
  Limits limits;
  limits.document_bytes = kInventoryBytes;
  limits.document_nodes = 100'000;
  limits.document_depth = 16;
  const std::vector<Document> documents = TRY(parse_yaml(text, limits));
  if (documents.size() != 1 || !documents.front().is_map())
    return fail(Code::InvalidInput, "expected one map that starts with 'bulwark-inventory: 1'");
  const Document& root = documents.front();
  TRY(check_keys(root, kKeys));
  if (root.text("bulwark-inventory") != "1" &&
      (root.find("bulwark-inventory") == nullptr || root.find("bulwark-inventory")->integer != 1))
    return fail(Code::InvalidInput, "'bulwark-inventory' must be 1: the version of the format");
  Inventory inventory;
  for (const auto& [key, value] : root.map) {
    if (key == "name") {
      const std::string name = TRY(text_of(value, key));
      inventory.name = printable(name, 120);
    }
    if (key == "repository") inventory.repository = TRY(text_of(value, key));
    if (key == "controls") inventory.controls = TRY(controls_from(value));
    if (key != "components" || value.kind == Document::Kind::Null) continue;
    if (!value.is_list()) return wrong(value, "'components' must be a list");
    if (value.list.size() > kInventoryComponents)
      return fail(Code::LimitReached, "more than " + std::to_string(kInventoryComponents) + " components");
    for (const Document& entry : value.list) {
      Component component = TRY(component_from(entry));
      inventory.components.push_back(std::move(component));
    }
  }
  if (inventory.repository.starts_with('/') || inventory.repository.find('\0') != std::string::npos)
    return fail(Code::InvalidInput, "'repository' must be a path relative to the inventory");
  return inventory;
}

std::string write_inventory(const Inventory& inventory) {
  std::string out =
      "# What this pipeline is made of, for `bulwark assess`. The format: docs/formats/inventory.md.\n"
      "# Written from what was found; correct it, and add what no repository shows.\n"
      "bulwark-inventory: 1\n";
  if (!inventory.name.empty()) out += "name: " + quoted(inventory.name) + "\n";
  if (!inventory.repository.empty())
    out +=
        "\n# Where to look again, relative to this file; without it only what stands here is assessed.\n"
        "repository: " +
        quoted(inventory.repository) + "\n";
  out += "\n# Ids of controls that are in use, such as SC-MODEL: they are not ranked again.\ncontrols: [";
  for (std::size_t i = 0; i < inventory.controls.size(); ++i)
    out += (i == 0 ? "" : ", ") + inventory.controls[i];
  out +=
      "]\n\n# exposure: internal, network (any host that has a route) or public. Without it: what was "
      "seen.\n";
  out += inventory.components.empty() ? "components: []\n" : "components:\n";
  const KindInfo* last = nullptr;
  for (const Component& component : inventory.components) {
    const KindInfo& kind = info(component.kind);
    if (&kind != last) out += "  # " + std::string(kind.title) + "\n";
    last = &kind;
    out += "  - kind: " + std::string(kind.id) + "\n    name: " + quoted(component.name) + "\n";
    if (component.exposure != Exposure::Unknown)
      out += "    exposure: " + std::string(name_of(component.exposure)) + "\n";
    if (!component.seen.empty()) {
      const Sighting& first = component.seen.front();
      out += "    seen: " +
             quoted(first.path + (first.line == 0 ? std::string() : ":" + std::to_string(first.line))) + "\n";
    }
    if (!component.note.empty()) out += "    note: " + quoted(component.note) + "\n";
  }
  return out;
}

Merged merge(std::vector<Component> declared, std::vector<Component> discovered) {
  std::map<std::pair<Kind, std::string>, Component> all;
  for (Component& component : discovered) {
    const auto key = key_of(component);
    all.emplace(key, std::move(component));
  }
  for (Component& component : declared) {
    const auto key = key_of(component);
    const auto found = all.find(key);
    if (found == all.end()) {
      all.emplace(key, std::move(component));
      continue;
    }
    Component& same = found->second;
    same.declared = true;
    if (component.exposure != Exposure::Unknown) same.exposure = component.exposure;
    if (!component.note.empty()) same.note = std::move(component.note);
  }
  Merged merged;
  for (auto& [key, component] : all) {
    const std::size_t index = merged.components.size();
    if (!component.discovered) merged.not_found.push_back(index);
    if (!component.declared) merged.not_declared.push_back(index);
    merged.components.push_back(std::move(component));
  }
  return merged;
}

}  // namespace bulwark::assess
