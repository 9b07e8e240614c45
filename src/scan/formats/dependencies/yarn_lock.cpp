// yarn.lock: entries at the margin, "patterns:", and below each its properties, indented by two blanks.
// Classic writes `version "1.0"`, Berry `version: 1.0`.

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "scan/formats/dependencies/javascript_locks.h"

namespace bulwark::scan {
namespace {

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() > 1 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

// The name that "alias@npm:real@range" installs.
std::string_view installed_name(std::string_view pattern) {
  const std::size_t end = end_of_npm_name(pattern);
  if (end == std::string_view::npos) return pattern;
  const std::string_view range = pattern.substr(end + 1);
  if (range.starts_with("npm:")) {
    const std::string_view target = range.substr(4);
    const std::size_t target_end = end_of_npm_name(target);
    if (target_end != std::string_view::npos) return target.substr(0, target_end);
  }
  return pattern.substr(0, end);
}

struct Entry {
  Dependency package;
  std::string resolution;
  bool metadata = false;
};

Entry open_entry(std::string_view header, std::uint64_t offset, std::uint32_t line) {
  Entry entry;
  if (header.ends_with(':')) header.remove_suffix(1);
  header = trim(header);
  if (header.starts_with('"')) header.remove_prefix(1);
  const std::string_view pattern = header.substr(0, header.find_first_of("\","));
  entry.metadata = pattern == "__metadata";
  entry.package.ecosystem = "npm";
  entry.package.name = installed_name(pattern);
  entry.package.place = {.offset = offset, .line = line, .column = 1};
  const std::size_t end = end_of_npm_name(pattern);
  const std::string_view range = end == std::string_view::npos ? std::string_view() : pattern.substr(end + 1);
  if (range.starts_with("file:") || range.starts_with("link:") || range.starts_with("portal:") ||
      range.starts_with("workspace:"))
    entry.package.source = range;
  return entry;
}

void read_property(std::string_view line, Entry& entry) {
  line = trim(line);
  const std::size_t end = line.find_first_of(": ", line.starts_with('"') ? line.find('"', 1) : 0);
  if (end == std::string_view::npos) return;
  const std::string_view key = unquoted(line.substr(0, end));
  std::string_view value = trim(line.substr(end));
  if (value.starts_with(':')) value.remove_prefix(1);
  value = unquoted(value);
  if (key == "version") entry.package.version = value;
  if (key == "resolution") entry.resolution = value;
  if (key == "integrity") add_digest(entry.package, value.substr(0, value.find(' ')));
  if (key == "integrity" || key == "checksum") entry.package.hashed = true;
  if (key == "resolved" || key == "resolution") {
    const bool repository =
        value.find("git") != std::string_view::npos || value.find("#commit") != std::string_view::npos;
    if (repository) entry.package.commit = commit_in(value);
    if (!entry.package.commit.empty() || value.starts_with("http://")) entry.package.source = value;
    // Classic keeps the digest of the archive behind the address.
    if (key == "resolved" && value.find('#') != std::string_view::npos) entry.package.hashed = true;
  }
}

void close_entry(Entry entry, UniqueDependencies& unique) {
  if (entry.metadata || entry.package.version.empty()) return;
  if (entry.resolution.ends_with("@workspace:.")) return;  // the project itself
  const std::size_t end = end_of_npm_name(entry.resolution);
  if (end != std::string_view::npos) entry.package.name = entry.resolution.substr(0, end);
  entry.package.wanted = entry.package.version;
  unique.add(std::move(entry.package));
}

}  // namespace

DependencyList read_yarn_lock(std::string_view text) {
  DependencyList list;
  list.locked = true;
  UniqueDependencies unique(list);
  std::optional<Entry> entry;
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    ++number;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const bool says = indent < line.size() && line[indent] != '#';
    if (says && indent == 0) {
      if (entry) close_entry(std::move(*entry), unique);
      entry.reset();
      if (line.ends_with(':')) {
        entry = open_entry(line, at, number);
      } else {
        list.unread.push_back(
            {"is no entry of a lock file", std::string(line), {.offset = at, .line = number, .column = 1}});
      }
    } else if (says && indent == 2 && entry) {
      read_property(line, *entry);
    }
    at = end + 1;
  }
  if (entry) close_entry(std::move(*entry), unique);
  return list;
}

}  // namespace bulwark::scan
