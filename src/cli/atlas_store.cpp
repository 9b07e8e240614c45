#include "cli/atlas_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/byte_reader.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "os/files.h"
#include "os/folders.h"
#include "os/walk.h"

namespace bulwark::cli {
namespace {

constexpr std::string_view kSums = "SHA256SUMS";
constexpr std::string_view kRemedy =
    ": import it again with 'bulwark atlas import FILE', or use --pinned for the built-in version";
constexpr std::size_t kDigestInName = 16;  // hex digits: enough to tell two imports of one version apart

using Table = std::pair<std::string_view, std::string atlas::ImportedTables::*>;
constexpr std::array<Table, 8> kTables = {{
    {"tactics.tsv", &atlas::ImportedTables::tactics},
    {"techniques.tsv", &atlas::ImportedTables::techniques},
    {"mitigations.tsv", &atlas::ImportedTables::mitigations},
    {"mitigation_technique.tsv", &atlas::ImportedTables::mitigation_technique},
    {"casestudies.tsv", &atlas::ImportedTables::casestudies},
    {"casestudy_steps.tsv", &atlas::ImportedTables::casestudy_steps},
    {"extra.tsv", &atlas::ImportedTables::extra},
    {"version.tsv", &atlas::ImportedTables::version},  // wrapped, see version_table()
}};

Result<std::string> digest_of(std::string_view text) {
  return crypto::sha256(bytes_of(text));
}

std::string version_table(const atlas::ImportedTables& tables) {
  return "key\tvalue\nversion\t" + tables.version + "\nformat\t" + tables.format + "\n";
}

Result<void> read_version(std::string_view text, atlas::ImportedTables& tables) {
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> cells = split(line, '\t');
    if (cells.size() == 2 && cells[0] == "version") tables.version = cells[1];
    if (cells.size() == 2 && cells[0] == "format") tables.format = cells[1];
  }
  if (tables.version.empty()) return fail(Code::Corrupt, "version.tsv names no version");
  return {};
}

std::unexpected<Error> corrupt(const std::string& path, std::string_view why) {
  return fail(Code::Corrupt, printable(path, 1000) + ": " + std::string(why) + std::string(kRemedy));
}

// The digest that SHA256SUMS has for a name; empty if none.
std::string_view sum_of(std::string_view sums, std::string_view name) {
  constexpr std::size_t kHex = 64;
  for (const std::string_view line : split(sums, '\n'))
    if (line.size() > kHex + 2 && line.substr(kHex + 2) == name) return line.substr(0, kHex);
  return {};
}

Result<std::string> read_checked(const std::string& folder, std::string_view name, std::string_view sums) {
  const std::string path = folder + "/" + std::string(name);
  auto text = os::read_text(path, atlas::ImportLimits().bytes);
  if (!text) return corrupt(path, text.error().message);
  const std::string digest = TRY(digest_of(*text));
  if (digest != sum_of(sums, name))
    return corrupt(path, "its checksum is not the one in " + std::string(kSums));
  return text;
}

Result<atlas::ImportSource> read_source(const std::string& path, const atlas::ImportLimits& limits) {
  std::string text = TRY(os::read_text(path, limits.bytes));
  return atlas::ImportSource{path, std::move(text)};
}

// Follows files that hold nothing but the name of another one, never upwards.
Result<atlas::ImportSource> follow(std::string path, const atlas::ImportLimits& limits) {
  for (std::uint32_t hop = 0; hop <= limits.pointers; ++hop) {
    atlas::ImportSource source = TRY(read_source(path, limits));
    const auto target = atlas::pointer_target(source.text);
    if (!target) return source;
    std::string_view why;
    if (path_escapes(*target, &why))
      return fail(Code::InvalidInput, printable(path, 1000) + ": points to '" + printable(*target) +
                                          "', which leaves its directory: " + std::string(why));
    const std::size_t slash = path.rfind('/');
    path = (slash == std::string::npos ? "" : path.substr(0, slash + 1)) + *target;
  }
  return fail(Code::LimitReached, printable(path, 1000) + ": a chain of more than " +
                                      std::to_string(limits.pointers) + " pointers");
}

// All catalogues below a directory; of several whole ones the newest, else the parts of one.
Result<std::vector<atlas::ImportSource>> choose(const std::string& folder,
                                                const std::vector<os::WalkEntry>& entries,
                                                const atlas::ImportLimits& limits) {
  std::vector<atlas::ImportSource> parts;
  std::vector<atlas::ImportSource> newest;
  std::string version;
  std::size_t files = 0;
  for (const os::WalkEntry& entry : entries) {
    if (entry.kind != os::Found::File) continue;
    if (++files > limits.files)
      return fail(Code::LimitReached, printable(folder, 1000) + ": more than " +
                                          std::to_string(limits.files) +
                                          " YAML files; name the one to import");
    atlas::ImportSource source = TRY(read_source(entry.path, limits));
    const atlas::SourceKind kind = atlas::kind_of(source, limits);
    if (kind == atlas::SourceKind::Part) parts.push_back(std::move(source));
    if (kind != atlas::SourceKind::Whole) continue;
    std::string found = atlas::version_of(source, limits);
    if (!newest.empty() && !atlas::is_older(version, found)) continue;
    version = std::move(found);
    newest.clear();
    newest.push_back(std::move(source));
  }
  if (!newest.empty()) return newest;
  if (!parts.empty()) return parts;
  return fail(
      Code::InvalidInput,
      printable(folder, 1000) +
          ": holds no ATLAS YAML; expected ATLAS-<version>.yaml of github.com/mitre-atlas/atlas-data");
}

}  // namespace

std::string atlas_folder() {
  const std::string data = os::base_folder("XDG_DATA_HOME", ".local/share");
  return data.empty() ? std::string() : data + "/bulwark/atlas";
}

Result<std::string> store_catalogue(const std::string& folder, const atlas::ImportedTables& tables) {
  if (folder.empty())
    return fail(Code::Unavailable, "no place for the catalogue: set HOME or XDG_DATA_HOME to a directory");
  std::string sums;
  for (const auto& [name, member] : kTables) {
    const std::string content = name == "version.tsv" ? version_table(tables) : tables.*member;
    const std::string digest = TRY(digest_of(content));
    sums += digest + "  " + std::string(name) + "\n";
  }
  const std::string digest = TRY(digest_of(sums));
  const std::string name = tables.version + "-" + digest.substr(0, kDigestInName);
  const std::string place = folder + "/" + name;
  TRY(os::make_folders_to(place + "/"));
  for (const auto& [file, member] : kTables) {
    const std::string content = file == "version.tsv" ? version_table(tables) : tables.*member;
    TRY(os::write_durably(place + "/" + std::string(file), content));
  }
  TRY(os::write_durably(place + "/" + std::string(kSums), sums));
  TRY(os::write_durably(folder + "/current", name + "\n"));
  return place;
}

Result<std::optional<atlas::Catalogue>> stored_catalogue(const std::string& folder) {
  if (folder.empty()) return std::nullopt;
  const std::string current = folder + "/current";
  const auto named = os::read_text(current, 256);
  if (!named && named.error().code == Code::NotFound) return std::nullopt;
  if (!named) return corrupt(current, named.error().message);
  const std::string name(trim(*named));
  const std::size_t dash = name.rfind('-');
  if (name.empty() || path_escapes(name) || name.find('/') != std::string::npos || dash == std::string::npos)
    return corrupt(current, "names no catalogue");
  const std::string place = folder + "/" + name;
  const std::string sums_path = place + "/" + std::string(kSums);
  const auto sums = os::read_text(sums_path, 4096);
  if (!sums) return corrupt(sums_path, sums.error().message);
  const std::string digest = TRY(digest_of(*sums));
  if (digest.substr(0, kDigestInName) != name.substr(dash + 1))
    return corrupt(sums_path, "its checksum is not the one in the folder's name");
  const auto tables = std::make_shared<atlas::ImportedTables>();
  for (const auto& [file, member] : kTables) {
    std::string text = TRY(read_checked(place, file, *sums));
    if (file == "version.tsv") {
      TRY(read_version(text, *tables));
    } else {
      (*tables).*member = std::move(text);
    }
  }
  auto catalogue = atlas::Catalogue::read(tables->view(), tables);
  if (!catalogue) return corrupt(place, catalogue.error().message);
  return std::optional(std::move(*catalogue));
}

Result<std::vector<atlas::ImportSource>> import_sources(const std::string& path,
                                                        const atlas::ImportLimits& limits) {
  const std::vector<os::WalkEntry> entries =
      os::walk(path, {.exclude = {}, .include = {"*.yaml", "*.yml"}, .max_depth = 3});
  const bool is_it = entries.size() == 1 && entries.front().path == path;
  if (is_it && entries.front().kind == os::Found::Unreadable)
    return fail(Code::NotFound, printable(path, 1000) + ": " + entries.front().why);
  std::vector<atlas::ImportSource> sources;
  if (is_it && entries.front().kind == os::Found::File) {
    atlas::ImportSource source = TRY(follow(path, limits));
    sources.push_back(std::move(source));
    return sources;
  }
  for (const std::string_view latest :
       {"/ATLAS-latest.yaml", "/dist/ATLAS-latest.yaml", "/v6/ATLAS-latest.yaml"}) {
    auto source = follow(path + std::string(latest), limits);
    if (!source && source.error().code == Code::NotFound) continue;
    if (!source) return std::unexpected(std::move(source).error());
    sources.push_back(std::move(*source));
    return sources;
  }
  return choose(path, entries, limits);
}

}  // namespace bulwark::cli
