#pragma once
// From files to facts: which files belong to which model, what each file is for, and what the readers find in
// them.

#include <functional>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "scan/model_graph.h"
#include "trust/bom_facts.h"

namespace bulwark::trust {

enum class FileRole : std::uint8_t {
  Weights,
  Tokenizer,
  Configuration,
  Dependencies,
  Code,
  Documentation,
  License,
  Signature,
  Dataset,
  Other,
};

[[nodiscard]] std::string_view name_of(FileRole role);  // "weights" …
// By its formats and its name, as loaders and people look for it.
[[nodiscard]] FileRole role_of(const BomFile& file);

// The world of a description. Paths are those of BomFile.
struct FileAccess {
  // Calls `use` with the content, or not at all.
  std::function<void(const std::string& path, const std::function<void(Bytes)>& use)> read;
  std::function<Result<scan::ModelGraph>(const std::string& path, Bytes content)> graph;
};

// Fills models and libraries of a subject that has its name, files and report. `declared`: what people said
// of its one model, or of all of it; it wins over files.
void describe(BomSubject& subject, const ModelFacts& declared, const FileAccess& access);

// The digest of a folder as OpenSSF Model Signing 1.0 computes it (method "files"): SHA-256 over the digests
// of its files in order of their names; .git and its like at the top and signatures left out. Empty if the
// digest of a file is missing. `folder`: empty, or ends in '/'.
[[nodiscard]] std::string root_digest(const std::vector<BomFile>& files, std::string_view folder);

}  // namespace bulwark::trust
