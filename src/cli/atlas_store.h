#pragma once
// Imported catalogues on disk: $XDG_DATA_HOME/bulwark/atlas/<version>-<digest>/, and `current`, which names
// the one in use.
//
// A folder is written once and never changed: `current` is the last thing an import writes, so a crash leaves
// the catalogue that was in use before. Every table is checked against SHA256SUMS when it is read.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atlas/catalogue.h"
#include "atlas/import.h"
#include "base/result.h"

namespace bulwark::cli {

// Empty if the user has no home.
[[nodiscard]] std::string atlas_folder();

// Writes the tables below `folder` and makes them current. Returns where they are. Errors: Denied,
// Unavailable.
[[nodiscard]] Result<std::string> store_catalogue(const std::string& folder,
                                                  const atlas::ImportedTables& tables);

// The current catalogue, or nothing if none was imported. Errors: Corrupt, naming the file and the remedy.
[[nodiscard]] Result<std::optional<atlas::Catalogue>> stored_catalogue(const std::string& folder);

// The file, the file that a chain of pointers leads to, or what a directory holds. Errors: NotFound, Denied,
// InvalidInput, LimitReached.
[[nodiscard]] Result<std::vector<atlas::ImportSource>> import_sources(const std::string& path,
                                                                      const atlas::ImportLimits& limits);

}  // namespace bulwark::cli
