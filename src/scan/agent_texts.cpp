#include "scan/agent_texts.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/document.h"
#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/formats/json_comments.h"
#include "scan/inspectors/agent_rules.h"
#include "scan/knowledge/environment_secrets.h"
#include "scan/secrets/search.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;

constexpr std::string_view kCredential = "<credential>";
constexpr std::size_t kMostTexts = 10'000;  // of one file
// Of all definitions of one file: paths repeat their keys, so a short document can make a long text.
constexpr std::size_t kMostWritten = std::size_t{32} << 20;

// A key that can be told from what separates keys.
std::string quoted_key(std::string_view key) {
  const bool plain = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (plain) return std::string(key);
  std::string out = "\"";
  for (const char c : key) {
    if (c == '"' || c == '\\' || c == '\n') out += '\\';
    out += c == '\n' ? 'n' : c;
  }
  return out + "\"";
}

// `--api-key=…`, `Bearer …`, or the value of a key that holds credentials.
std::string without_credential(std::string_view key, const std::string& value) {
  if (is_literal_credential(key, value)) return std::string(kCredential);
  std::string_view text = value;
  const bool bearer = text.starts_with("Bearer ");
  if (bearer) text.remove_prefix(7);
  if ((bearer || lower(key) == "authorization") && secret_value(text) == SecretValue::Literal)
    return (bearer ? "Bearer " : "") + std::string(kCredential);
  const std::size_t equals = value.find('=');
  if (equals == std::string::npos) return value;
  std::string_view name = std::string_view(value).substr(0, equals);
  while (name.starts_with('-')) name.remove_prefix(1);
  if (!is_literal_credential(name, std::string_view(value).substr(equals + 1))) return value;
  return value.substr(0, equals + 1) + std::string(kCredential);
}

std::string scalar(const Document& value) {
  switch (value.kind) {
    case Document::Kind::Boolean: return value.boolean ? "true" : "false";
    case Document::Kind::Integer: return std::to_string(value.integer);
    case Document::Kind::Number: {
      char digits[32];
      const auto [end, ec] = std::to_chars(std::begin(digits), std::end(digits), value.number);
      return ec == std::errc() ? std::string(digits, end) : std::string("number");
    }
    case Document::Kind::List: return "[]";
    case Document::Kind::Map: return "{}";
    default: return "null";
  }
}

// The definition of one server or tool as lines. As deep as the parser lets documents be.
class Definition {
 public:
  // `room`: bytes that may still be written.
  explicit Definition(std::size_t& room) : room_(room) {}

  Result<std::string> write(const Document& value) {
    collect(value, {}, {});
    if (room_ == 0)
      return fail(Code::LimitReached, "definitions of tools too large to be approved", value.offset);
    std::ranges::stable_sort(entries_, {}, &Entry::first);
    std::string text;
    for (const auto& [path, said] : entries_) text.append(path).append(said).append("\n");
    return text;
  }

 private:
  using Entry = std::pair<std::string, std::string>;

  // One entry for each value without values of its own.
  void collect(const Document& value, const std::string& path, std::string_view key) {
    room_ -= std::min(room_, path.size() + value.string.size() + 1);
    if (room_ == 0) return;
    if (value.is_map() && !value.map.empty()) {
      for (const auto& [name, child] : value.map)
        collect(child, path + (path.empty() ? "" : ".") + quoted_key(name), name);
    } else if (value.is_list() && !value.list.empty()) {
      for (std::size_t i = 0; i < value.list.size(); ++i)
        collect(value.list[i], path + "[" + std::to_string(i) + "]", key);
    } else if (!value.is_string()) {
      entries_.emplace_back(path, ": " + scalar(value));
    } else {
      // Lines of a text are lines of their own, so that a difference can be shown.
      std::string text = " = ";
      for (const char c : without_credential(key, value.string)) {
        if (c == '\n') {
          text += "\n  | ";
        } else {
          text += c;
        }
      }
      entries_.emplace_back(path, std::move(text));
    }
  }

  std::size_t& room_;
  std::vector<Entry> entries_;
};

Result<std::string> without_secrets(const std::string& text, std::string_view path) {
  const secrets::Found found = TRY(secrets::find_secrets(text, path));
  std::string out;
  std::size_t done = 0;
  for (const secrets::Hit& hit : found.hits) {
    const std::size_t begin = hit.secret.begin;
    const std::size_t end = hit.secret.end;
    if (begin < done || end > text.size()) continue;
    out.append(text, done, begin - done).append(kCredential);
    done = end;
  }
  return out.append(text, done);
}

class Collector {
 public:
  Collector(std::string_view path, std::string_view text) : path_(path), text_(text) {}

  Result<void> add(std::string_view kind, std::string_view name, const Document& value) {
    if (texts.size() >= kMostTexts) return {};
    ApprovableText found;
    found.kind = kind;
    found.name = printable(name, 200);
    for (int n = 2; !names_.insert(found.kind + " " + found.name).second; ++n)
      found.name = printable(name, 200) + " (" + std::to_string(n) + ")";
    const std::string text = TRY(Definition(room_).write(value));
    found.text = TRY(without_secrets(text, path_));
    found.line = line_column(text_, value.offset).line;
    texts.push_back(std::move(found));
    return {};
  }

  Result<void> search(const Document& root) {
    std::vector<std::pair<std::string, const Document*>> servers;
    std::vector<const Document*> tools;
    for_each_value(root, [&](const ConfigValue& found) {
      if (!found.value->is_map()) return;
      if (is_server_list(found.key, found.path)) {
        for (const auto& [name, server] : found.value->map)
          if (server.is_map() && starts_or_reaches(server)) servers.emplace_back(name, &server);
      } else if (is_tool(*found.value)) {
        tools.push_back(found.value);
      }
    });
    for (const auto& [name, server] : servers) TRY(add("server", name, *server));
    for (const Document* tool : tools) TRY(add("tool", tool->text("name"), *tool));
    return {};
  }

  std::vector<ApprovableText> texts;

 private:
  static bool starts_or_reaches(const Document& server) {
    for (const std::string_view key : {"command", "url", "serverUrl", "httpUrl"})
      if (server.find(key) != nullptr) return true;
    return false;
  }

  std::string_view path_;
  std::string_view text_;
  std::set<std::string> names_;
  std::size_t room_ = kMostWritten;
};

}  // namespace

Result<std::vector<ApprovableText>> approvable_texts(std::string_view path, Bytes content,
                                                     const Limits& limits) {
  if (is_instruction_file(path, content)) {
    ApprovableText whole{.kind = "instructions", .name = {}, .text = std::string(text_of(content))};
    whole.text = TRY(without_secrets(whole.text, path));
    return std::vector{std::move(whole)};
  }
  if (!may_configure_agents(content)) return std::vector<ApprovableText>();
  const std::string text = without_json_comments(text_of(content));
  const auto config = parse_json_config(text, limits);
  if (!config) return std::vector<ApprovableText>();  // the scan says what is wrong with it
  Collector collector(path, text);
  for (const Document& document : config->documents) TRY(collector.search(document));
  return std::move(collector.texts);
}

}  // namespace bulwark::scan
