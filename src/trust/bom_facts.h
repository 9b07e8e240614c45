#pragma once
// What a bill of materials says, before it has a format: values, each with the place that it comes from.
// Readers (bom_model_card, bom_configuration, bom_weights, bom_declared …) fill it, bom_write.h writes it.
// What no file tells stays empty, and so out of the document.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"
#include "core/report.h"
#include "scan/formats/dependencies/list.h"

namespace bulwark::trust {

struct BomLimits {
  // Text taken from one section of a model card. Real ones have some hundred words.
  std::size_t section_bytes = 4'000;
  std::size_t value_bytes = 1'000;  // any other text
  // Entries of one list (data sets, metrics, tags …) of one model.
  std::size_t entries = 500;
  // Facts of the scanner that are kept for one file.
  std::size_t facts_per_file = 40;
  // A configuration, README or manifest that is read whole.
  std::uint64_t text_bytes = std::uint64_t{16} << 20;
};

// A text and where it comes from: "README.md, front matter 'license'".
struct Told {
  std::string text;
  std::string from;

  [[nodiscard]] bool known() const { return !text.empty(); }
};

// One line: runs of blanks and line ends become one blank.
[[nodiscard]] std::string folded(std::string_view text);
// The text of a YAML scalar under `key`, numbers and truth values too, or empty.
[[nodiscard]] std::string_view scalar_text(const Document& map, std::string_view key);
// Takes the value unless one is known already: readers run in order of trust.
void tell(Told& field, std::string_view text, std::string_view from);

struct LicenseFacts {
  std::string text;    // as written; an SPDX id, an expression or a name
  std::string covers;  // "weights", "code"; empty: not said
  std::string url;
  std::string from;
};

struct BaseModel {
  std::string name;
  std::string relation;  // "finetune", "adapter", "quantized", "merge"; empty: not said
  std::string from;
};

struct Party {
  std::string name;
  std::string email;
  std::string url;
};

struct DatasetFacts {
  std::string name;
  std::string version;
  std::string description;
  std::string url;
  std::string license;
  std::string classification;               // "public", "PII" …
  std::vector<std::string> sensitive_data;  // kinds: "names", "e-mail addresses"
  std::vector<Party> owners, stewards, custodians;
  std::string role;    // "training", "evaluation"; empty: not said
  std::string path;    // of its file or folder, if it lies here
  std::string sha256;  // of the file, or the root digest of the folder
  std::uint64_t bytes = 0;
  std::string from;
};

struct MetricFacts {
  std::string type, value, slice, lower, upper, from;
};

struct RiskFacts {
  std::string name, mitigation, from;
};

struct FairnessFacts {
  std::string group, benefits, harms, mitigation, from;
};

struct EnergyFacts {
  std::string activity;  // "training" …, as CycloneDX words it
  double kilowatt_hours = -1;
  double co2_tonnes = -1;
  std::string provider, provider_source, from;
};

struct BomReference {
  std::string type;  // as CycloneDX words it
  std::string url;   // an address, or a relative path in the described folder
  std::string comment;
  std::string sha256;
  std::string from;
  std::string subject = {};  // of a signature: the SHA-256 that it speaks about, as it says
};

struct BomProperty {
  std::string name;  // without the prefix "bulwark:"
  std::string value;
  std::string from;
};

// The tensors and operators of a model, counted.
struct Inventory {
  std::uint64_t tensors = 0;
  std::uint64_t parameters = 0;
  std::map<std::string, std::uint64_t> types;      // tensors by element type
  std::map<std::string, std::uint64_t> operators;  // nodes by operator

  void add(const Inventory& other);
};

struct ModelFacts {
  std::string path;  // of its folder or file, relative to what was given; empty: all of it
  bool folder = false;
  std::vector<std::string> files;  // paths of those that belong to it, sorted
  Told name, group, version, description, supplier, supplier_url, manufacturer, copyright, purl;
  Told task, approach, family, architecture, library, language;
  std::vector<Told> authors, tags, inputs, outputs, users, use_cases, limitations, tradeoffs;
  std::vector<LicenseFacts> licenses;
  std::vector<BaseModel> ancestors;
  Told pedigree_notes;  // "trained from scratch"
  std::vector<DatasetFacts> datasets;
  std::vector<MetricFacts> metrics;
  std::vector<RiskFacts> risks;
  std::vector<FairnessFacts> fairness;
  std::vector<EnergyFacts> energy;
  std::vector<BomReference> references;
  std::vector<BomProperty> properties;
  Inventory inventory;
  std::string root_digest;  // OMS v1.0, or SHA-256 of the file

  void property(std::string_view name, std::string_view value, std::string_view from);
};

// One file below what was given.
struct BomFile {
  std::string path;  // relative, '/'-separated
  std::uint64_t size = 0;
  std::string sha256;
  std::vector<std::string> formats;                        // of the file itself
  std::vector<std::pair<std::string, std::string>> facts;  // of it and its members, "member: value"
  std::map<std::string, std::uint64_t> members;            // formats of what lies inside, counted
  std::vector<std::string> gaps;                           // what could not be seen
};

struct LibraryFacts {
  scan::Dependency package;
  std::string from;    // the file that names it
  bool exact = false;  // its lock file decides the version
};

// Everything about one path.
struct BomSubject {
  std::string name;  // of the folder or file
  bool folder = false;
  std::vector<BomFile> files;      // sorted by path
  std::vector<ModelFacts> models;  // one: it is what the document describes
  std::vector<LibraryFacts> libraries;
  std::vector<DatasetFacts> datasets;  // those of no model
  Report report;                       // paths relative to what was given
};

}  // namespace bulwark::trust
