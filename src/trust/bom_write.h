#pragma once
// A bill of materials in CycloneDX 1.6 or 1.7 (JSON) from a described subject. The same subject and options
// give the same bytes.

#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "scan/advisories/database.h"
#include "trust/bom_facts.h"

namespace bulwark::trust {

struct BomOptions {
  std::string spec_version = "1.6";  // or "1.7"
  std::string timestamp;             // RFC 3339, UTC; empty: left out
  std::string serial_number;         // "urn:uuid:…"; empty: derived from the content
  std::string tool_version;
  const scan::AdvisoryDatabase* advisories = nullptr;  // null: vulnerabilities of packages are not looked up
};

[[nodiscard]] Result<Document> write_bom(const BomSubject& subject, const BomOptions& options);

// One entry of "vulnerabilities", before it has a format.
struct BomVulnerability {
  std::string id;
  std::vector<std::string> aliases;
  std::string source, source_url;
  std::string severity;  // as CycloneDX words it
  std::string description, detail, recommendation;
  std::string state;                 // "exploitable", "in_triage", "not_affected"
  std::string state_detail;          // why
  std::vector<std::string> affects;  // bom-refs
  std::vector<std::pair<std::string, std::string>> properties;
};

// Findings of the scanner and advisories about libraries.
// Errors: Corrupt (the database of advisories).
[[nodiscard]] Result<std::vector<BomVulnerability>> vulnerabilities_of(
    const BomSubject& subject, const scan::AdvisoryDatabase* advisories);

// Package URLs (purl-spec).
[[nodiscard]] std::string purl_of(const LibraryFacts& library);
[[nodiscard]] std::string purl_encoded(std::string_view text);  // percent-encoded for one part of a purl

// Names of elements within the document.
[[nodiscard]] std::string file_ref(std::string_view path);
[[nodiscard]] std::string library_ref(const LibraryFacts& library);
[[nodiscard]] std::string model_ref(const ModelFacts& model);
[[nodiscard]] std::string dataset_ref(const DatasetFacts& dataset);

}  // namespace bulwark::trust
