#pragma once
// From upstream's YAML to the tables of a catalogue: ATLAS in format 5 (lists) and format 6 (maps keyed by
// id, relationships). Pure: whoever calls reads the files and stores the tables.
//
// Upstream's defects are survived and reported, never passed on: a table only holds ids that exist, and every
// (id, name) pair as the file has it. Prose (descriptions, summaries) is not taken over.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/catalogue.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::atlas {

// Ceilings of an import. ATLAS 2026.10 has 221 techniques and some 1,500 relationships; its longest case
// study has 18 steps, its file 800 KB.
struct ImportLimits {
  Limits document = {};                           // of one YAML file
  std::size_t objects = 5'000;                    // of one kind, and steps of one case study
  std::size_t relationships = 100'000;            // in all
  std::size_t files = 200;                        // of one directory
  std::uint64_t bytes = std::uint64_t{32} << 20;  // of one file
  std::uint32_t pointers = 8;                     // from ATLAS-latest.yaml on; upstream has two
};

// One YAML file.
struct ImportSource {
  std::string name;  // for messages
  std::string text;
};

// The tables of one version, as data/atlas has them; owns what CatalogueTables views.
struct ImportedTables {
  std::string version;  // "5.6.0", "2026.09": letters, digits, '.', '-' and '_' only
  std::string format;   // "5" or upstream's format-version: "6.0.0"
  std::string tactics;
  std::string techniques;
  std::string mitigations;
  std::string mitigation_technique;
  std::string casestudies;
  std::string casestudy_steps;
  std::string extra;  // id, key, value: platforms, and every key that we do not know

  [[nodiscard]] CatalogueTables view() const;
};

struct Import {
  ImportedTables tables;
  std::vector<std::string> gaps;     // what is missing or had to be left out, with its line
  std::vector<std::string> repairs;  // defects of the file and what was made of them
  std::map<std::string, std::size_t, std::less<>> unknown_keys;  // "techniques: severity" -> how often
};

// `sources`: one file, or the parts of one catalogue in format 6.
// Errors: InvalidInput for other formats (saying what was found) and for a map where a text is expected (with
// the line); LimitReached.
[[nodiscard]] Result<Import> import_catalogue(std::span<const ImportSource> sources,
                                              const ImportLimits& limits);

// What a file of a directory is.
enum class SourceKind : std::uint8_t { Whole, Part, Other };
[[nodiscard]] SourceKind kind_of(const ImportSource& source, const ImportLimits& limits);
// Version of a whole catalogue, or empty.
[[nodiscard]] std::string version_of(const ImportSource& source, const ImportLimits& limits);

// Upstream's "latest" files hold nothing but the name of another file: that name, relative to their own
// directory.
[[nodiscard]] std::optional<std::string> pointer_target(std::string_view text);

// True if version `left` came out before `right`: "5.6.0" before "2026.05" before "2026.05.1".
[[nodiscard]] bool is_older(std::string_view left, std::string_view right);

}  // namespace bulwark::atlas
