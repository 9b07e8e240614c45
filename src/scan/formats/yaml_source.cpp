#include "scan/formats/yaml_source.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "scan/formats/config.h"

namespace bulwark::scan {
namespace {

// Moves the entries of merged maps into the map that merges them. Bounded by the depth the parser allows.
void resolve_merges(Document& value) {
  for (Document& item : value.list) resolve_merges(item);
  for (auto& [key, inner] : value.map) resolve_merges(inner);
  const auto is_merge = [](const Document::Entry& entry) { return entry.first == "<<"; };
  if (std::ranges::none_of(value.map, is_merge)) return;
  std::vector<Document::Entry> own;
  std::vector<Document::Entry> merged;
  std::set<std::string, std::less<>> names;
  for (Document::Entry& entry : value.map) {
    if (!is_merge(entry)) {
      names.insert(entry.first);
      own.push_back(std::move(entry));
      continue;
    }
    if (entry.second.is_map()) std::ranges::move(entry.second.map, std::back_inserter(merged));
    for (Document& source : entry.second.list) std::ranges::move(source.map, std::back_inserter(merged));
  }
  for (Document::Entry& entry : merged)
    if (names.insert(entry.first).second) own.push_back(std::move(entry));
  value.map = std::move(own);
}

std::size_t indentation_of(std::string_view line) {
  const std::size_t first = line.find_first_not_of(' ');
  return first == std::string_view::npos ? line.size() : first;
}

// The line ends in a block scalar's header: `key: |`, `- >-2`.
bool opens_block_scalar(std::string_view line) {
  const std::size_t comment = line.find(" #");
  line = trim(line.substr(0, comment));
  const std::size_t header = line.find_last_of("|>");
  if (header == std::string_view::npos || header == 0) return false;
  const bool modifiers = std::ranges::all_of(
      line.substr(header + 1), [](char c) { return c == '+' || c == '-' || (c >= '1' && c <= '9'); });
  return modifiers && (line[header - 1] == ' ' || line[header - 1] == ':');
}

// Position in `line` of a `{{` that stands where a value, a key or an entry begins.
std::optional<std::size_t> markup_in(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos || line[first] == '#') return std::nullopt;
  char quote = 0;
  char before = 0;  // last character that is no blank, outside of quotes
  for (std::size_t i = first; i + 1 < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      if (c == '\\' && quote == '"') ++i;
      continue;
    }
    const bool starts_value = before == 0 || before == ':' || before == '-' || before == '[' || before == ',';
    if ((c == '"' || c == '\'') && starts_value) {
      quote = c;
    } else if (c == '#' && line[i - 1] == ' ') {
      return std::nullopt;
    } else if (c == '{' && line[i + 1] == '{' && starts_value) {
      return i;
    }
    if (c != ' ' && c != '\t') before = c;
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<Document>> parse_yaml_stream(std::string_view text, const Limits& limits) {
  std::vector<Document> documents;
  if (looks_like_json(bytes_of(text))) {
    Config config = TRY(parse_json_config(text, limits));
    documents = std::move(config.documents);
  } else {
    documents = TRY(parse_yaml(text, limits));
  }
  for (Document& document : documents) resolve_merges(document);
  return documents;
}

std::optional<std::uint64_t> find_template_markup(std::string_view text) {
  std::size_t block = std::string_view::npos;  // indentation of the line that opened a block scalar
  std::size_t at = 0;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t start = at;
    at += line.size() + 1;
    if (trim(line).empty()) continue;
    const std::size_t indentation = indentation_of(line);
    if (block != std::string_view::npos && indentation > block) continue;
    block = std::string_view::npos;
    if (const auto markup = markup_in(line)) return start + *markup;
    if (opens_block_scalar(line)) block = indentation;
  }
  return std::nullopt;
}

std::string_view line_around(std::string_view text, std::uint64_t offset) {
  const std::size_t at = std::min<std::size_t>(offset, text.size());
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  constexpr std::size_t kLongest = 200;
  return trim(text.substr(start, std::min(text.find('\n', at), text.size()) - start)).substr(0, kLongest);
}

std::uint64_t offset_of_key(std::string_view text, std::string_view key, const Document& value) {
  constexpr std::size_t kLookBack = 512;
  if (key.empty() || value.offset > text.size()) return value.offset;
  const std::size_t start = value.offset > kLookBack ? value.offset - kLookBack : 0;
  const std::string_view before = text.substr(start, value.offset - start);
  for (std::size_t at = before.rfind(key); at != std::string_view::npos && before.size() > at;
       at = at == 0 ? std::string_view::npos : before.rfind(key, at - 1)) {
    std::string_view rest = before.substr(at + key.size());
    if (rest.starts_with('"') || rest.starts_with('\'')) rest.remove_prefix(1);
    const bool quoted = at > 0 && (before[at - 1] == '"' || before[at - 1] == '\'');
    const std::size_t begin = quoted ? at - 1 : at;
    const bool starts = begin == 0 || before[begin - 1] == ' ' || before[begin - 1] == '\n' ||
                        before[begin - 1] == '{' || before[begin - 1] == ',' || before[begin - 1] == '\t';
    if (starts && trim(rest).starts_with(':')) return start + begin;
  }
  return value.offset;
}

std::uint64_t offset_of_piece(std::string_view text, const Document& scalar, std::string_view piece,
                              std::uint64_t from) {
  const std::uint64_t start = std::max(from, scalar.offset);
  if (start >= text.size() || piece.empty()) return scalar.offset;
  // What is written in the scalar is at most twice as long as what it says, indentation aside.
  const std::size_t found =
      text.substr(0, std::min<std::size_t>(text.size(), start + 65536)).find(piece, start);
  return found == std::string_view::npos ? scalar.offset : found;
}

bool says_true(const Document* value) {
  if (value == nullptr) return false;
  if (value->kind == Document::Kind::Boolean) return value->boolean;
  const std::string text = lower(trim(value->string));
  return text == "true" || text == "yes" || text == "on" || text == "1";
}

bool says_false(const Document* value) {
  if (value == nullptr) return false;
  if (value->kind == Document::Kind::Boolean) return !value->boolean;
  const std::string text = lower(trim(value->string));
  return text == "false" || text == "no" || text == "off" || text == "0";
}

const std::vector<Document>& list_under(const Document& map, std::string_view key) {
  static const std::vector<Document> kNone;
  const Document* found = map.find(key);
  return found != nullptr && found->is_list() ? found->list : kNone;
}

const Document* map_under(const Document& map, std::string_view key) {
  const Document* found = map.find(key);
  return found != nullptr && found->is_map() ? found : nullptr;
}

const Document* value_at(const Document& map, std::initializer_list<std::string_view> keys) {
  const Document* value = &map;
  for (const std::string_view key : keys) {
    value = value->find(key);
    if (value == nullptr) return nullptr;
  }
  return value;
}

}  // namespace bulwark::scan
