#include "scan/formats/settings_text.h"

#include <algorithm>

#include "base/text.h"
#include "scan/formats/python/lexer.h"
#include "scan/formats/shell_line.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kSettings = 100'000;
// Of one Python file.
constexpr std::size_t kTokens = 400'000;
// Messages within messages; the reference reader refuses 100.
constexpr std::size_t kMessages = 100;
// Of a value kept as written.
constexpr std::size_t kWritten = 512;

// Calls `line(offset, text)` for each, line ends removed.
template <class Function>
void for_each_line(std::string_view text, Function line) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view one = text.substr(at, end - at);
    if (one.ends_with('\r')) one.remove_suffix(1);
    line(at, one);
    at = end + 1;
  }
}

std::size_t first_visible(std::string_view text) {
  return std::min(text.find_first_not_of(" \t"), text.size());
}

std::string unquoted(std::string_view value) {
  value = trim(value);
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
    value = value.substr(1, value.size() - 2);
  return std::string(value);
}

// "key <separator> value" at the start of `line`.
bool split_setting(std::string_view line, std::size_t offset, std::string_view separators, TextSetting& out) {
  const std::size_t begin = first_visible(line);
  const std::size_t separator = line.find_first_of(separators, begin);
  if (separator == std::string_view::npos || separator == begin) return false;
  const std::size_t value = separator + 1 + first_visible(line.substr(separator + 1));
  out.key = trim(line.substr(begin, separator - begin));
  out.value = trim(line.substr(value));
  out.offset = offset + begin;
  out.value_offset = offset + value;
  return true;
}

}  // namespace

std::vector<TextSetting> read_ini(std::string_view text, IniDialect dialect) {
  std::vector<TextSetting> out;
  std::string section;
  bool goes_on = false;
  for_each_line(text, [&](std::size_t offset, std::string_view line) {
    const std::string_view said = trim(line);
    if (goes_on && dialect == IniDialect::Systemd && !out.empty()) {
      goes_on = said.ends_with('\\');
      // As long as the text, so that places stay places.
      out.back().value += std::string("\\\n") + std::string(line.substr(0, line.size() - (goes_on ? 1 : 0)));
      return;
    }
    if (said.empty() || said.starts_with('#') || said.starts_with(';')) return;
    if (said.starts_with('[') && said.ends_with(']')) {
      section = said.substr(1, said.size() - 2);
      return;
    }
    const bool indented = line.starts_with(' ') || line.starts_with('\t');
    if (indented && dialect == IniDialect::Python && !out.empty() && out.back().section == section) {
      out.back().value += "\n" + std::string(said);
      return;
    }
    TextSetting setting;
    if (out.size() >= kSettings ||
        !split_setting(line, offset, dialect == IniDialect::Python ? "=:" : "=", setting))
      return;
    if (dialect == IniDialect::Python) setting.key = lower(setting.key);
    setting.section = section;
    goes_on = dialect == IniDialect::Systemd && setting.value.ends_with('\\');
    if (goes_on) setting.value.pop_back();
    out.push_back(std::move(setting));
  });
  return out;
}

std::vector<TextSetting> read_properties(std::string_view text) {
  std::vector<TextSetting> out;
  bool goes_on = false;
  for_each_line(text, [&](std::size_t offset, std::string_view line) {
    const std::string_view said = trim(line);
    if (goes_on && !out.empty()) {
      goes_on = said.ends_with('\\');
      out.back().value += said.substr(0, said.size() - (goes_on ? 1 : 0));
      return;
    }
    if (said.empty() || said.starts_with('#') || said.starts_with('!')) return;
    TextSetting setting;
    if (out.size() >= kSettings || !split_setting(line, offset, "=:", setting)) return;
    goes_on = setting.value.ends_with('\\');
    if (goes_on) setting.value.pop_back();
    std::erase(setting.value, '\\');
    out.push_back(std::move(setting));
  });
  return out;
}

std::vector<TextSetting> read_environment_file(std::string_view text) {
  std::vector<TextSetting> out;
  for_each_line(text, [&](std::size_t offset, std::string_view line) {
    std::size_t skipped = first_visible(line);
    if (line.substr(skipped).starts_with("export ")) skipped += 7;
    TextSetting setting;
    if (out.size() >= kSettings || line.substr(skipped).starts_with('#') ||
        !split_setting(line.substr(skipped), offset + skipped, "=", setting))
      return;
    if (!std::ranges::all_of(setting.key, is_identifier)) return;
    if (!setting.value.starts_with('"') && !setting.value.starts_with('\''))
      setting.value = trim(std::string_view(setting.value).substr(0, setting.value.find(" #")));
    setting.value = unquoted(setting.value);
    out.push_back(std::move(setting));
  });
  return out;
}

std::vector<TextSetting> read_python_settings(std::string_view source) {
  std::vector<TextSetting> out;
  const auto tokens = python::tokens_of(source, kTokens);
  bool starts = true;
  for (std::size_t i = 0; i + 2 < tokens.size() && out.size() < kSettings; ++i) {
    const bool start = starts;
    const python::Kind kind = tokens[i].kind;
    starts = kind == python::Kind::Newline || kind == python::Kind::Indent || kind == python::Kind::Dedent ||
             tokens[i].is(";");
    if (!start || kind != python::Kind::Name) continue;
    TextSetting setting;
    setting.offset = tokens[i].offset;
    setting.key = tokens[i].text;
    std::size_t at = i + 1;
    while (at + 1 < tokens.size() && tokens[at].is(".") && tokens[at + 1].kind == python::Kind::Name) {
      setting.key += "." + std::string(tokens[at + 1].text);
      at += 2;
    }
    if (at + 1 >= tokens.size() || !tokens[at].is("=")) continue;
    const python::Token& first = tokens[at + 1];
    setting.value_offset = first.offset;
    const bool alone =
        at + 2 < tokens.size() && (tokens[at + 2].kind == python::Kind::Newline ||
                                   tokens[at + 2].kind == python::Kind::End || tokens[at + 2].is(";"));
    if (alone) {
      setting.value =
          first.kind == python::Kind::String ? python::literal_of(first.text).text : std::string(first.text);
    } else {
      const std::string_view rest = source.substr(first.offset, kWritten);
      setting.value = trim(rest.substr(0, rest.find('\n')));
    }
    out.push_back(std::move(setting));
    i = at;
  }
  return out;
}

std::vector<TextSetting> read_prototext(std::string_view text) {
  std::vector<TextSetting> out;
  std::vector<std::string> around;
  std::string name;
  std::uint64_t name_offset = 0;
  bool wants_value = false;
  const auto emit = [&](std::string value, std::size_t offset) {
    TextSetting setting;
    for (const std::string& message : around)
      setting.section += (setting.section.empty() ? "" : ".") + message;
    setting.key = name;
    setting.value = std::move(value);
    setting.offset = name_offset;
    setting.value_offset = offset;
    out.push_back(std::move(setting));
    wants_value = false;
  };
  for (std::size_t at = 0; at < text.size() && out.size() < kSettings;) {
    const char c = text[at];
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'') {
      const std::size_t begin = at++;
      std::string value;
      while (at < text.size() && text[at] != c && text[at] != '\n') {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value += text[at++];
      }
      ++at;
      if (wants_value) emit(value.substr(0, kWritten), begin);
    } else if (c == '{' || c == '<') {
      if (around.size() >= kMessages) return out;
      around.push_back(name.substr(0, 64));
      wants_value = false;
      ++at;
    } else if (c == '}' || c == '>') {
      if (!around.empty()) around.pop_back();
      ++at;
    } else if (c == ':') {
      wants_value = true;
      ++at;
    } else if (is_identifier(c) || c == '.' || c == '-') {
      const std::size_t begin = at;
      while (at < text.size() && (is_identifier(text[at]) || text[at] == '.' || text[at] == '-')) ++at;
      if (wants_value) {
        emit(std::string(text.substr(begin, std::min<std::size_t>(at - begin, kWritten))), begin);
      } else {
        name = text.substr(begin, std::min<std::size_t>(at - begin, kWritten));
        name_offset = begin;
      }
    } else {
      ++at;
    }
  }
  return out;
}

}  // namespace bulwark::scan
