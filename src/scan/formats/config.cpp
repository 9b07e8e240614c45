#include "scan/formats/config.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace bulwark::scan {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
// What recognition looks at: a page.
constexpr std::size_t kFirstLook = 4096;

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '/' || c == ' ' || c == '\'' || c == '"' || c == '@' || c == '+';
}

// `key:` or `key: value`; `- entry`; a tag or an anchor.
bool is_yaml_line(std::string_view line) {
  while (line.starts_with("- ")) line = trim(line.substr(2));
  if (line == "-" || line.starts_with("!") || line.starts_with("&") || line.starts_with("? ")) return true;
  const std::size_t colon = line.find(": ") != std::string_view::npos ? line.find(": ") : line.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  if (line[colon] == ':' && colon + 1 < line.size() && line[colon + 1] != ' ' && line[colon + 1] != '\t')
    return false;
  return std::ranges::all_of(line.substr(0, colon), name_character);
}

// Python's json writes and accepts NaN and Infinity; the strict parser does not. Same length, so offsets
// stay.
std::optional<std::string> without_python_numbers(std::string_view text) {
  std::string out(text);
  bool changed = false;
  bool quoted = false;
  const auto blank_out = [&](std::size_t at, std::size_t length) {
    out.replace(at, length, length, ' ');
    out[at] = '0';
    changed = true;
  };
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = out[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == 'N' || c == 'I')) {
      const std::string_view rest = std::string_view(out).substr(i);
      if (rest.starts_with("NaN")) {
        blank_out(i, 3);
      } else if (rest.starts_with("Infinity")) {
        blank_out(i, 8);
      }
    }
  }
  if (!changed) return std::nullopt;
  return out;
}

void shift(Document& value, std::uint64_t by) {
  // Bounded by the depth that parse_json allows.
  value.offset += by;
  for (Document& inner : value.list) shift(inner, by);
  for (auto& [key, inner] : value.map) shift(inner, by);
}

Result<Config> parse_json_values(std::string_view text, const Limits& limits) {
  Config config;
  std::uint64_t at = 0;
  const std::size_t end = text.find_last_not_of(" \t\r\n") + 1;
  while (config.documents.empty() || at < end) {
    ParsedDocument parsed = TRY(parse_json(text.substr(at), limits, TrailingBytes::Allow));
    if (parsed.consumed == 0) break;
    if (at > 0) shift(parsed.root, at);
    for (DuplicateKey& twice : parsed.duplicates)
      config.duplicates.push_back({std::move(twice.key), twice.offset + at});
    config.documents.push_back(std::move(parsed.root));
    at += parsed.consumed;
  }
  return config;
}

// Bounded by the depth that the parsers allow.
void walk(ConfigValue at, std::string& path, const std::function<void(const ConfigValue&)>& visit) {
  at.path = path;
  visit(at);
  const std::size_t length = path.size();
  const auto inside = [&](const Document& value, std::string_view key) {
    walk({.value = &value, .parent = at.value, .key = key, .path = {}}, path, visit);
    path.resize(length);
  };
  // Paths are for messages, and a hostile key may be as long as the file.
  constexpr std::size_t kShownPath = 400;
  const std::size_t room = length < kShownPath ? kShownPath - length : 0;
  for (const auto& [name, value] : at.value->map) {
    if (length > 0 && room > 0) path += '.';
    path.append(name, 0, room);
    inside(value, name);
  }
  for (std::size_t i = 0; i < at.value->list.size(); ++i) {
    if (room > 0) path += "[" + std::to_string(i) + "]";
    inside(at.value->list[i], at.key);
  }
}

// What `a.b[0].c` names below `from`, or null.
const Document* node_at(const Document& from, std::string_view path) {
  const Document* node = &from;
  std::string steps(path);
  std::ranges::replace(steps, '[', '.');
  std::erase(steps, ']');
  for (const std::string_view step : split(steps, '.')) {
    if (node->is_list()) {
      const auto in_range = [&](char c) { return c >= '0' && c <= '9'; };
      if (step.empty() || step.size() > 6 || !std::ranges::all_of(step, in_range)) return nullptr;
      const auto index = static_cast<std::size_t>(std::stoul(std::string(step)));
      node = index < node->list.size() ? &node->list[index] : nullptr;
    } else {
      node = node->find(step);
    }
    if (node == nullptr) return nullptr;
  }
  return node;
}

// What one `${expression}` stands for, or nothing.
std::optional<std::string> value_of(std::string_view expression, const Document& root,
                                    const Document* around) {
  const std::string_view inner = trim(expression);
  if (inner.starts_with("oc.env:")) {
    const std::size_t comma = inner.find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    return std::string(trim(inner.substr(comma + 1)));
  }
  const bool relative = inner.starts_with('.');
  if (relative && around == nullptr) return std::nullopt;
  const Document* node = relative ? node_at(*around, inner.substr(1)) : node_at(root, inner);
  if (node == nullptr || !node->is_string()) return std::nullopt;
  return node->string;
}

}  // namespace

bool looks_like_json(Bytes content) {
  std::string_view text = text_of(content.first(std::min(content.size(), kFirstLook)));
  if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  text = trim(text);
  if (text.starts_with('[')) text = trim(text.substr(1));
  if (!text.starts_with('{')) return false;
  text = trim(text.substr(1));
  if (text.starts_with('}')) return true;
  if (!text.starts_with('"')) return text.empty();
  const std::size_t end = text.find('"', 1);
  if (end == std::string_view::npos) return text.find('\0') == std::string_view::npos;
  text = trim(text.substr(end + 1));
  return text.empty() || text.starts_with(':') || text.starts_with('\\');
}

bool looks_like_yaml(Bytes content) {
  std::string_view text = text_of(content.first(std::min(content.size(), kFirstLook)));
  if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  const bool binary = std::ranges::any_of(text, [](char c) {
    return static_cast<std::uint8_t>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
  if (binary) return false;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trim(raw);
    if (line.empty() || line.starts_with('#') || line.starts_with("---") || line.starts_with('%')) continue;
    return is_yaml_line(line);
  }
  return false;
}

bool is_mostly_yaml(std::string_view text) {
  std::size_t lines = 0;
  std::size_t fitting = 0;
  std::size_t statements = 0;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trim(raw);
    if (line.empty() || line.starts_with('#')) continue;
    ++lines;
    if (line.ends_with(';') || line.ends_with(") {")) ++statements;
    // An indented line may continue a scalar.
    if (is_yaml_line(line) || line.starts_with("---") || (raw.starts_with("  ") && fitting > 0)) ++fitting;
  }
  // Source code of the C family has colons and indentation, too, but its lines end in a way of their own.
  return lines > 0 && fitting * 5 >= lines * 4 && statements * 8 < lines;
}

Result<Config> parse_json_config(std::string_view text, const Limits& limits) {
  // A byte order mark becomes blanks, so that offsets stay.
  std::string without_bom;
  if (text.starts_with(kBom)) {
    without_bom = "   " + std::string(text.substr(kBom.size()));
    text = without_bom;
  }
  auto parsed = parse_json_values(text, limits);
  if (parsed || parsed.error().code != Code::InvalidInput) return parsed;
  const auto plain = without_python_numbers(text);
  if (!plain) return parsed;
  return parse_json_values(*plain, limits);
}

Result<Config> parse_yaml_config(std::string_view text, const Limits& limits) {
  // Markdown with front matter: only the part between the two lines of dashes is YAML.
  if (text.starts_with("---\n") || text.starts_with("---\r\n")) {
    const std::size_t end = text.find("\n---", 3);
    const std::size_t next = end == std::string_view::npos ? end : text.find_first_not_of(" \r\n", end + 4);
    if (next != std::string_view::npos && !looks_like_yaml(bytes_of(text.substr(next))))
      text = text.substr(0, end + 1);
  }
  Config config;
  config.documents = TRY(parse_yaml(text, limits));
  if (config.documents.empty()) return fail(Code::InvalidInput, "no document", 0);
  return config;
}

Result<Config> parse_config(Bytes content, const Limits& limits) {
  if (looks_like_json(content)) return parse_json_config(text_of(content), limits);
  return parse_yaml_config(text_of(content), limits);
}

void for_each_value(const Document& root, const std::function<void(const ConfigValue&)>& visit) {
  std::string path;
  walk({.value = &root, .parent = nullptr, .key = {}, .path = {}}, path, visit);
}

std::string interpolated(std::string_view text, const Document& root, const Document* around) {
  constexpr std::size_t kLongest = 4096;
  constexpr int kRounds = 8;  // a value may hold interpolations of its own, and may name itself
  std::string out(text.substr(0, kLongest));
  for (int round = 0; round < kRounds; ++round) {
    // The innermost first, so that `${${which}}` resolves inside out.
    const std::size_t close = out.find('}');
    const std::size_t open = close == std::string::npos ? close : out.rfind("${", close);
    if (open == std::string::npos) return out;
    const auto value = value_of(std::string_view(out).substr(open + 2, close - open - 2), root, around);
    if (!value || out.size() + value->size() > kLongest) return out;
    out.replace(open, close - open + 1, *value);
  }
  return out;
}

Place place_of(const Document& value) {
  return {.offset = value.offset, .line = value.line, .column = value.column};
}

}  // namespace bulwark::scan
