// pnpm-lock.yaml: the key of a package says its name and version, in a spelling that changed with every
// format.

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "scan/formats/dependencies/javascript_locks.h"
#include "scan/formats/versions/digits.h"

namespace bulwark::scan {
namespace {

struct Key {
  std::string_view name, version;  // empty: the key says none
};

// "/name/1.0.0_peer@2", "/@scope/name/1.0.0", "host/name/1.0.0"
Result<Key> read_old_key(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos)
    return fail(Code::InvalidInput, "'" + printable(key, 60) + "' is no path of a package");
  const std::string_view rest = key.substr(slash + 1);
  const std::size_t end = rest.find('/', rest.starts_with('@') ? rest.find('/') + 1 : 0);
  if (end == std::string_view::npos) return Key{};
  const std::string_view version = rest.substr(end + 1);
  if (version.empty() || !is_digit(version.front())) return Key{};
  return Key{rest.substr(0, end), version.substr(0, version.find('_'))};
}

// "/name@1.0.0(peer@2)", from 9.0 on without the slash
Result<Key> read_new_key(std::string_view key) {
  if (key.starts_with('/')) key.remove_prefix(1);
  key = key.substr(0, key.find('('));
  const std::size_t end = end_of_npm_name(key);
  if (end == std::string_view::npos)
    return fail(Code::InvalidInput, "'" + printable(key, 60) + "' names no version");
  const std::string_view version = key.substr(end + 1);
  return Key{key.substr(0, end),
             !version.empty() && is_digit(version.front()) ? version : std::string_view()};
}

bool is_true(const Document& map, std::string_view key) {
  const Document* value = map.find(key);
  return value != nullptr && value->kind == Document::Kind::Boolean && value->boolean;
}

// Values carry no place of their keys: the lines are found again, in order.
class KeyLines {
 public:
  explicit KeyLines(std::string_view text) : text_(text) {}

  // The next line whose key is `key`.
  Place next(std::string_view key) {
    const std::size_t start = at_;
    const std::uint32_t first = line_;
    while (at_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      const std::string_view line = text_.substr(at_, end - at_);
      const std::size_t blank = std::min(line.find_first_not_of(' '), line.size());
      std::string_view found = line.substr(blank);
      if (!found.empty() && (found.front() == '\'' || found.front() == '"')) found.remove_prefix(1);
      const Place place{
          .offset = at_ + blank, .line = line_, .column = static_cast<std::uint32_t>(blank + 1)};
      at_ = end + 1;
      ++line_;
      if (found.starts_with(key) && found.substr(key.size()).find(':') <= 1) return place;
    }
    at_ = start;
    line_ = first;
    return {};
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

void read_entry(const Document& entry, Dependency& found) {
  if (!entry.text("name").empty()) found.name = entry.text("name");
  if (const Document* version = entry.find("version")) found.version = version->string;
  if (const Document* resolution = entry.find("resolution")) {
    const std::string_view tarball = resolution->text("tarball");
    add_digest(found, resolution->text("integrity"));
    found.hashed = !resolution->text("integrity").empty();
    if (!resolution->text("commit").empty()) found.commit = resolution->text("commit");
    if (!resolution->text("repo").empty()) found.source = "git+" + std::string(resolution->text("repo"));
    if (!tarball.empty()) found.source = tarball;
    if (found.commit.empty()) found.commit = commit_in(tarball);
  }
  if (is_true(entry, "dev")) found.groups.emplace_back("dev");
  if (is_true(entry, "optional")) found.groups.emplace_back("optional");
  found.install_script = is_true(entry, "requiresBuild");
  found.deprecated = entry.text("deprecated");
}

}  // namespace

Result<DependencyList> read_pnpm_lock(std::string_view text, const Limits& limits) {
  const std::vector<Document> documents = TRY(parse_yaml(text, limits));
  DependencyList list;
  list.locked = true;
  if (documents.empty() || documents.front().kind == Document::Kind::Null) return list;
  const Document& root = documents.front();
  if (!root.is_map()) return fail(Code::InvalidInput, "pnpm-lock.yaml is no YAML map", 0);
  double format = 0;
  if (const Document* version = root.find("lockfileVersion"))
    std::from_chars(version->string.data(), version->string.data() + version->string.size(), format);
  const Document* packages = root.find("packages");
  if (packages == nullptr) return list;
  UniqueDependencies unique(list);
  KeyLines lines(text);
  (void)lines.next("packages");
  for (const auto& [written, entry] : packages->map) {
    Dependency found;
    found.ecosystem = "npm";
    found.place = lines.next(written);
    const bool says_itself = !entry.text("name").empty() && entry.find("version") != nullptr;
    if (!says_itself) {
      const Key key = TRY(format >= 6 ? read_new_key(written) : read_old_key(written));
      if (key.name.empty()) continue;
      found.name = key.name;
      found.version = key.version;
      found.commit = commit_in(written);
    }
    read_entry(entry, found);
    found.wanted = found.version;
    unique.add(std::move(found));
  }
  return list;
}

}  // namespace bulwark::scan
