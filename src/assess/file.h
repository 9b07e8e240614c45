#pragma once
// One file of an assessed tree, prepared once for all detectors.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/component.h"
#include "assess/python_facts.h"
#include "base/document.h"

namespace bulwark::assess {

// Texts above this are data, generated or locked; they are counted and their names are looked at.
inline constexpr std::uint64_t kTextBytes = 1'000'000;

enum class FileType : std::uint8_t {
  Other,   // only its name, and its content by the scan engine's recognisers
  Python,  // also the code cells of a notebook
  Config,  // YAML, JSON, TOML, INI, Dockerfile, shell, HCL, properties: read line by line
  Prose,   // Markdown and the like: no evidence of anything
};

// A Kubernetes object, or what looks like one.
struct Manifest {
  std::string api;   // "serving.kserve.io/v1beta1"
  std::string kind;  // "InferenceService"
  std::string name;  // metadata.name
  std::uint32_t line = 0;
  const Document* document = nullptr;  // of the file's `documents`
};

struct File {
  std::string path;  // below the assessed tree, '/'-separated; hostile
  FileType type = FileType::Other;
  bool notebook = false;
  std::string_view text;                // empty unless read as text
  std::vector<std::string_view> lines;  // of Config: comments are empty
  std::string folded;                   // of Config: `lines` in lower case, each ended by a line feed
  PythonFacts python;
  std::vector<Document> documents;        // of YAML and JSON that parse
  std::vector<Manifest> manifests;        // views into `documents`
  std::vector<std::string> formats;       // model formats that the scan engine reads it as
  Exposure exposure = Exposure::Unknown;  // the widest bind, published port or service in it

  [[nodiscard]] std::string_view name() const;  // last part of `path`
  [[nodiscard]] bool is(FileType wanted) const { return type == wanted; }
};

// A reading of the scan engine that means a model and nothing else.
[[nodiscard]] bool is_model_format(std::string_view inspector);

// `text`: null if the file is no text or too large; must outlive the result. Everything else that a file can
// show is in its name and `formats`.
[[nodiscard]] File read_file(std::string path, std::optional<std::string_view> text,
                             std::vector<std::string> formats);

// The line as evidence: printable, short, values of secrets and passwords in addresses replaced by "…".
[[nodiscard]] std::string evidence_of(std::string_view line);

}  // namespace bulwark::assess
