// Keys and scalars of YAML objects, with their lines.

#include <algorithm>

#include "atlas/import_draft.h"
#include "base/text.h"

namespace bulwark::atlas {
namespace {

// Names are short; this only keeps a hostile file from writing a book into the tables.
constexpr std::size_t kCellCharacters = 1000;
constexpr std::size_t kExtraBytes = 2000;

std::string_view kind_name(Document::Kind kind) {
  return kind == Document::Kind::Map ? "a map" : kind == Document::Kind::List ? "a list" : "a text";
}

// A value that we do not understand, in one line. Depth is bounded by the parser.
void append_value(std::string& out, const Document& value) {
  if (out.size() > kExtraBytes) return;
  if (value.is_list()) {
    out += '[';
    for (std::size_t i = 0; i < value.list.size(); ++i) {
      if (i != 0) out += ", ";
      append_value(out, value.list[i]);
    }
    out += ']';
  } else if (value.is_map()) {
    out += '{';
    for (std::size_t i = 0; i < value.map.size(); ++i) {
      out += (i == 0 ? "" : ", ") + value.map[i].first + ": ";
      append_value(out, value.map[i].second);
    }
    out += '}';
  } else {
    out += value.string;
  }
}

}  // namespace

std::string at_line(const Document& value) {
  return "line " + std::to_string(value.line) + ": ";
}

Result<void> within_limit(std::size_t count, std::size_t limit, std::string_view what) {
  if (count <= limit) return {};
  return fail(Code::LimitReached, std::string(what) + ": more than " + std::to_string(limit));
}

std::string cell(std::string_view text) {
  std::string line;
  for (const char letter : trim(text)) {
    const bool blank = letter == '\t' || letter == '\n' || letter == '\r' || letter == ' ';
    if (!blank) line += letter;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return printable(line, kCellCharacters);
}

Result<std::string> scalar(const Document& value, std::string_view what) {
  if (value.kind == Document::Kind::Null) return std::string();
  if (!value.is_map() && !value.is_list()) return cell(value.string);
  std::string message =
      at_line(value) + std::string(what) + " is " + std::string(kind_name(value.kind)) + ", expected a text";
  if (value.is_map()) message += "; an unquoted ': ' makes a map of it: put the text into quotes";
  return fail(Code::InvalidInput, std::move(message), value.offset);
}

Result<std::vector<std::string>> scalars(const Document& value, std::string_view what) {
  std::vector<std::string> texts;
  if (!value.is_list()) {
    std::string text = TRY(scalar(value, what));
    if (!text.empty()) texts.push_back(std::move(text));
    return texts;
  }
  for (const Document& item : value.list) {
    std::string text = TRY(scalar(item, what));
    std::ranges::replace(text, ';', ',');  // separates the items of a cell
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

Fields::Fields(const Document& object, std::string_view kind, Draft& draft)
    : object_(object), kind_(kind), draft_(draft) {
  if (const Document* id = object.find("id"); id != nullptr) id_ = cell(id->string);
  std::set<std::string_view> seen;
  for (const auto& [key, value] : object.map) {
    if (!seen.insert(key).second) {
      draft_.repairs.push_back(at_line(value) + where() + ": key '" + cell(key) +
                               "' comes twice; the last value is used");
    }
  }
}

std::string Fields::where() const {
  return kind_ + (id_.empty() ? "" : " " + id_);
}

const Document* Fields::get(std::initializer_list<std::string_view> names) {
  const Document* found = nullptr;
  for (const std::string_view name : names) {
    known_.emplace(name);
    if (found == nullptr) found = object_.find(name);
  }
  return found;
}

Result<std::string> Fields::text(std::initializer_list<std::string_view> names) {
  const Document* value = get(names);
  if (value == nullptr) return std::string();
  return scalar(*value, where() + ": '" + std::string(*names.begin()) + "'");
}

Result<std::vector<std::string>> Fields::texts(std::initializer_list<std::string_view> names) {
  const Document* value = get(names);
  if (value == nullptr) return std::vector<std::string>();
  return scalars(*value, where() + ": '" + std::string(*names.begin()) + "'");
}

Result<std::string> Fields::reference(std::initializer_list<std::string_view> names) {
  const Document* value = get(names);
  if (value == nullptr || value->kind == Document::Kind::Null) return std::string();
  const Document* id = value->is_map() ? value->find("id") : value;
  if (id == nullptr) {
    draft_.gaps.push_back(at_line(*value) + where() + ": '" + std::string(*names.begin()) + "' has no id");
    return std::string();
  }
  return scalar(*id, where() + ": '" + std::string(*names.begin()) + "'");
}

Result<void> Fields::prose(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const Document* value = get({name});
    if (value != nullptr) TRY(scalar(*value, where() + ": '" + std::string(name) + "'"));
  }
  return {};
}

void Fields::require(std::string_view value, std::string_view what) {
  if (value.empty()) draft_.gaps.push_back(at_line(object_) + where() + " has no " + std::string(what));
}

void Fields::finish(std::string_view id) {
  for (const auto& [key, value] : object_.map) {
    if (known_.contains(key)) continue;
    ++draft_.unknown_keys[kind_ + ": " + cell(key)];
    std::string text;
    append_value(text, value);
    draft_.extras.push_back({std::string(id), cell(key), cell(text)});
  }
}

}  // namespace bulwark::atlas
