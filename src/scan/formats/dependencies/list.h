#pragma once
// What a lock file or manifest asks for: packages with the place where each is named, the indexes they are to
// be taken from, and other lists that are included. Every reader of this folder fills one DependencyList;
// nothing is judged here.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/document.h"
#include "core/report.h"

namespace bulwark::scan {

// A digest that a lock file demands of the content.
struct PinnedDigest {
  std::string algorithm;  // "sha256", "sha512" …, as the file spells it
  std::string hex;        // lower case
  std::string file;       // the archive that it belongs to; empty: not said
};

struct Dependency {
  std::string_view ecosystem;  // as OSV spells it: "PyPI", "npm"; "conda" has no OSV ecosystem. A literal
  std::string name;            // as written; empty where a URL does not tell it
  std::string version;         // the one version that can be installed; empty: several may be
  std::string wanted;          // the constraint as written: ">=1.0", "^2"; empty: any
  std::string source;          // a URL, repository or path instead of an index
  std::string commit;          // the exact commit of a repository, where one is given
  std::vector<std::string> groups;    // "dev", "optional" …; empty: always installed
  std::string deprecated;             // what the lock file says of a withdrawn (yanked) version
  bool hashed = false;                // the content is pinned by a digest
  std::vector<PinnedDigest> digests;  // those of them that could be read
  bool install_script = false;        // code of the package runs while it is installed
  Place place;
};

struct PackageIndex {
  enum class Kind : std::uint8_t { Main, Extra, FindLinks, TrustedHost };
  Kind kind = Kind::Main;
  std::string url;
  std::string name;            // how the file refers to it
  bool explicit_only = false;  // used only for packages that ask for it by name
  std::string scope;           // npm: the "@scope" that it serves
  Place place;
};

// "-r other.txt", "-c constraints.txt"
struct IncludedList {
  std::string path;
  bool constraint = false;
  Place place;
};

struct UnreadLine {
  std::string why;
  std::string text;
  Place place;
};

struct InstallScript {
  std::string name;  // "postinstall"
  std::string command;
  Place place;
};

struct DependencyList {
  std::vector<Dependency> dependencies;
  std::vector<PackageIndex> indexes;
  std::vector<IncludedList> included;
  std::vector<UnreadLine> unread;
  std::vector<InstallScript> scripts;
  bool locked = false;           // every version is decided: a lock file
  bool requires_hashes = false;  // --require-hashes
  // Packages that are bound to one index by name ("tool.uv.sources", Poetry's `source`).
  std::vector<std::string> bound;
};

// Where `value` stands: offset for JSON, line and column for YAML and TOML.
[[nodiscard]] inline Place place_in_list(const Document& value) {
  if (value.line > 0) return {.offset = kNoOffset, .line = value.line, .column = value.column};
  return {.offset = value.offset};
}

// The 40 hexadecimal digits behind the last '#', '@' or '/' of a repository's address, or empty.
[[nodiscard]] std::string commit_in(std::string_view url);
[[nodiscard]] bool is_commit(std::string_view text);
// Notes "sha256:<hex>", "sha256=<hex>" or "sha512-<base64>"; anything else is left out.
void add_digest(Dependency& found, std::string_view text, std::string_view file = {});
// Collects packages; one of the same name, version and commit is merged: always installed wins over groups.
class UniqueDependencies {
 public:
  explicit UniqueDependencies(DependencyList& list) : list_(list) {}
  void add(Dependency dependency);

 private:
  DependencyList& list_;
  std::unordered_map<std::string, std::size_t> seen_;  // index into list_.dependencies
};

}  // namespace bulwark::scan
