#include "scan/formats/compose.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "base/text.h"
#include "scan/formats/shell_line.h"
#include "scan/formats/yaml_source.h"

namespace bulwark::scan {
namespace {

// Services that extend services: real files have one level.
constexpr std::size_t kExtends = 8;

// Splits at colons outside of `${…}` and `[…]`.
std::vector<std::string_view> fields(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int open = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' || text[i] == '[') ++open;
    if ((text[i] == '}' || text[i] == ']') && open > 0) --open;
    if (text[i] != ':' || open > 0) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string scalar(const Document* value) {
  return value == nullptr || value->is_map() || value->is_list() ? std::string() : value->string;
}

void read_ports(ComposeService& service) {
  for (const Document& item : list_under(*service.root, "ports")) {
    ComposePort port;
    if (item.is_map()) {
      port.target = scalar(item.find("target"));
      port.published = scalar(item.find("published"));
      port.host_ip = scalar(item.find("host_ip"));
    } else {
      port = parse_compose_port(item.string);
    }
    port.at = &item;
    service.ports.push_back(std::move(port));
  }
}

void read_volumes(ComposeService& service) {
  for (const Document& item : list_under(*service.root, "volumes")) {
    ComposeVolume volume;
    if (item.is_map()) {
      volume.source = scalar(item.find("source"));
      volume.target = scalar(item.find("target"));
      volume.read_only = says_true(item.find("read_only"));
    } else {
      volume = parse_compose_volume(item.string);
    }
    volume.at = &item;
    service.volumes.push_back(std::move(volume));
  }
}

void read_environment(ComposeService& service) {
  const Document* environment = service.root->find("environment");
  if (environment == nullptr) return;
  for (const auto& [name, value] : environment->map)
    service.environment.push_back({name, scalar(&value), value.kind != Document::Kind::Null, &value});
  for (const Document& item : environment->list) {
    const std::size_t equals = item.string.find('=');
    const bool has_value = equals != std::string::npos;
    service.environment.push_back({item.string.substr(0, equals),
                                   has_value ? item.string.substr(equals + 1) : std::string(), has_value,
                                   &item});
  }
}

bool is_service(const Document& value) {
  constexpr std::string_view kKeys[] = {"image", "build",       "command", "entrypoint",
                                        "ports", "environment", "volumes", "extends"};
  return value.is_map() &&
         std::ranges::any_of(kKeys, [&](std::string_view key) { return value.find(key) != nullptr; });
}

using Services = std::map<std::string, const Document*, std::less<>>;

void follow_extends(ComposeService& service, const Services& all) {
  const Document* at = service.root;
  for (std::size_t depth = 0; depth < kExtends; ++depth) {
    const Document* extends = at->find("extends");
    if (extends == nullptr) return;
    if (extends->is_map() && extends->find("file") != nullptr) {
      service.extends_elsewhere = true;
      return;
    }
    const std::string name = extends->is_map() ? scalar(extends->find("service")) : extends->string;
    const auto parent = all.find(name);
    if (parent == all.end()) return;
    at = parent->second;
    service.parents.push_back(at);
  }
}

}  // namespace

const Document* ComposeService::find(std::string_view key) const {
  if (const Document* own = root->find(key)) return own;
  for (const Document* parent : parents)
    if (const Document* inherited = parent->find(key)) return inherited;
  return nullptr;
}

ComposePort parse_compose_port(std::string_view text) {
  ComposePort port;
  text = trim(text);
  text = text.substr(0, text.find('/'));
  const std::vector<std::string_view> parts = fields(text);
  port.target = parts.back();
  if (parts.size() >= 2) port.published = parts[parts.size() - 2];
  if (parts.size() >= 3) {
    // An address of version 6 may stand there without brackets.
    const auto length = static_cast<std::size_t>(parts[parts.size() - 2].data() - text.data()) - 1;
    port.host_ip = text.substr(0, length);
  }
  return port;
}

ComposeVolume parse_compose_volume(std::string_view text) {
  ComposeVolume volume;
  const std::vector<std::string_view> parts = fields(trim(text));
  if (parts.size() == 1) {
    volume.target = parts[0];
    return volume;
  }
  // "C:\models:/models"
  const bool drive = parts.size() >= 3 && parts[0].size() == 1;
  volume.source = drive ? std::string(parts[0]) + ":" + std::string(parts[1]) : std::string(parts[0]);
  const std::size_t next = drive ? 2 : 1;
  volume.target = parts[next];
  if (parts.size() > next + 1)
    for (const std::string_view option : split(parts[next + 1], ','))
      if (option == "ro" || option == "readonly") volume.read_only = true;
  return volume;
}

std::optional<std::string> compose_value(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (text[at] != '$' || (next != '{' && next != '$' && !is_identifier(next))) {
      out += text[at];
      continue;
    }
    if (next == '$') {
      out += '$';
      ++at;
      continue;
    }
    if (next != '{') return std::nullopt;
    const std::size_t close = text.find('}', at);
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text.substr(at + 2, close - at - 2);
    std::size_t end = 0;
    while (end < inside.size() && is_identifier(inside[end])) ++end;
    std::string_view rest = inside.substr(end);
    if (rest.starts_with(':')) rest.remove_prefix(1);
    if (!rest.starts_with('-') || rest.find('$') != std::string_view::npos) return std::nullopt;
    out += rest.substr(1);
    at = close;
  }
  return out;
}

Result<ComposeFile> parse_compose(std::string_view text, const Limits& limits) {
  ComposeFile file;
  file.documents = TRY(parse_yaml_stream(text, limits));
  Services all;
  for (const Document& document : file.documents) {
    const Document* services = document.is_map() ? map_under(document, "services") : nullptr;
    if (services == nullptr) continue;
    for (const auto& [name, value] : services->map)
      if (is_service(value)) all.insert_or_assign(name, &value);
  }
  if (all.empty()) return fail(Code::Unsupported, "no services");
  for (const auto& [name, root] : all) {
    ComposeService service;
    service.name = name;
    service.root = root;
    follow_extends(service, all);
    read_ports(service);
    read_volumes(service);
    read_environment(service);
    file.services.push_back(std::move(service));
  }
  return file;
}

}  // namespace bulwark::scan
