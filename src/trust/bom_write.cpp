// The document as a whole: metadata, components, dependencies, vulnerabilities, what is incomplete.

#include "trust/bom_write.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "crypto/hash.h"
#include "trust/bom_components.h"
#include "trust/bom_describe.h"
#include "trust/bom_json.h"

namespace bulwark::trust {
namespace {

Document tool(const BomOptions& options) {
  Document component = JsonMap()
                           .text("type", "application")
                           .text("name", "bulwark")
                           .text("version", options.tool_version)
                           .done();
  return JsonMap().put("components", json_list({std::move(component)})).done();
}

Document metadata(const BomOptions& options, Document component) {
  return JsonMap()
      .put("lifecycles", json_list({JsonMap().text("phase", "post-build").done()}))
      .put("tools", tool(options))
      .put("component", std::move(component))
      .done();
}

Document vulnerability(const BomVulnerability& facts, std::string_view main) {
  const auto source = [&] {
    return JsonMap().text("name", facts.source).text("url", facts.source_url).done();
  };
  std::vector<Document> references;
  for (const std::string& alias : facts.aliases) {
    references.push_back(
        JsonMap()
            .text("id", alias)
            .put("source", JsonMap()
                               .text("name", "OSV")
                               .text("url", "https://osv.dev/vulnerability/" + purl_encoded(alias))
                               .done())
            .done());
  }
  std::vector<Document> ratings;
  if (!facts.severity.empty())
    ratings.push_back(
        JsonMap().put("source", source()).text("severity", facts.severity).text("method", "other").done());
  std::vector<Document> affects;
  for (const std::string& ref : facts.affects) affects.push_back(JsonMap().text("ref", ref).done());
  if (affects.empty()) affects.push_back(JsonMap().text("ref", main).done());
  std::vector<Document> properties;
  for (const auto& [name, value] : facts.properties) properties.push_back(bom_property(name, value));
  return JsonMap()
      .text("id", facts.id)
      .put("source", source())
      .put("references", json_list(std::move(references)))
      .put("ratings", json_list(std::move(ratings)))
      .text("description", facts.description)
      .text("detail", facts.detail)
      .text("recommendation", facts.recommendation)
      .put("analysis", JsonMap().text("state", facts.state).text("detail", facts.state_detail).done())
      .put("affects", json_list(std::move(affects)))
      .put("properties", json_list(std::move(properties)))
      .done();
}

Document texts(const std::set<std::string>& values) {
  std::vector<Document> list;
  for (const std::string& value : values) list.push_back(json_string(value));
  return json_list(std::move(list));
}

Document dependency(std::string_view ref, const std::set<std::string>& on) {
  return JsonMap().text("ref", ref).put("dependsOn", texts(on)).done();
}

// Nothing if the text is empty.
void put_before(Document& map, std::string_view next, std::string_view key, const std::string& text) {
  const auto at = std::ranges::find(map.map, next, &Document::Entry::first);
  if (!text.empty()) map.map.insert(at, {std::string(key), json_string(text)});
}

// A UUID (RFC 9562, version 8) that is the same for the same content.
Result<std::string> derived_serial(const Document& document) {
  const std::string text = TRY(canonical_json(document));
  crypto::Hash256 digest = crypto::sha256_bytes(bytes_of(text));
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0FU) | 0x80U);
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3FU) | 0x80U);
  const std::string digits = hex(Bytes(digest).first(16));
  return "urn:uuid:" + digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
         digits.substr(16, 4) + "-" + digits.substr(20);
}

class Writer {
 public:
  Writer(const BomSubject& subject, const BomOptions& options) : subject_(subject), options_(options) {}

  Result<Document> run() {
    const bool one = subject_.models.size() == 1;
    main_ref_ = one ? model_ref(subject_.models.front()) : "application:" + subject_.name;
    refs_.insert(main_ref_);
    Document main =
        one ? model_component(subject_.models.front(), subject_) : application_component(subject_);
    add_models(one);
    add_files();
    add_libraries();
    const auto found = TRY(vulnerabilities_of(subject_, options_.advisories));
    std::vector<Document> vulnerabilities;
    for (const BomVulnerability& each : found) vulnerabilities.push_back(vulnerability(each, main_ref_));
    dependencies_.insert(dependencies_.begin(), dependency(main_ref_, needed_));

    Document document =
        JsonMap()
            .text("$schema", "http://cyclonedx.org/schema/bom-" + options_.spec_version + ".schema.json")
            .text("bomFormat", "CycloneDX")
            .text("specVersion", options_.spec_version)
            .put("version", json_integer(1))
            .put("metadata", metadata(options_, std::move(main)))
            .put("components", json_list(std::move(components_)))
            .put("dependencies", json_list(std::move(dependencies_)))
            .put("compositions", compositions())
            .put("vulnerabilities", json_list(std::move(vulnerabilities)))
            .done();
    std::string serial = options_.serial_number;
    if (serial.empty()) serial = TRY(derived_serial(document));
    put_before(document, "version", "serialNumber", serial);
    for (auto& [key, value] : document.map)
      if (key == "metadata") put_before(value, "lifecycles", "timestamp", options_.timestamp);
    return document;
  }

 private:
  void add_models(bool one) {
    std::set<std::string> names;
    const auto add_datasets = [&](const std::vector<DatasetFacts>& datasets, std::set<std::string>& needed) {
      for (const DatasetFacts& dataset : datasets) {
        const std::string ref = dataset_ref(dataset);
        needed.insert(ref);
        if (refs_.insert(ref).second) components_.push_back(dataset_component(dataset));
      }
    };
    for (const ModelFacts& model : subject_.models) {
      if (one) {
        add_datasets(model.datasets, needed_);
        continue;
      }
      const std::string ref = model_ref(model);
      if (!refs_.insert(ref).second) continue;
      components_.push_back(model_component(model, subject_));
      needed_.insert(ref);
      std::set<std::string> parts;
      add_datasets(model.datasets, parts);
      for (const std::string& path : model.files) parts.insert(file_ref(path));
      dependencies_.push_back(dependency(ref, parts));
      for (const std::string& part : parts) owned_.insert(part);
    }
    add_datasets(subject_.datasets, needed_);
  }
  void add_files() {
    for (const BomFile& file : subject_.files) {
      const std::string ref = file_ref(file.path);
      if (!refs_.insert(ref).second) continue;
      components_.push_back(file_component(file));
      if (!owned_.contains(ref)) needed_.insert(ref);
      if (!file.gaps.empty()) incomplete_.insert(ref);
    }
  }
  void add_libraries() {
    for (const LibraryFacts& library : subject_.libraries) {
      const std::string ref = library_ref(library);
      needed_.insert(ref);
      if (refs_.insert(ref).second) components_.push_back(library_component(library));
    }
  }

  // What the scanner could not see is said where consumers of bills of material look for it.
  [[nodiscard]] Document compositions() const {
    if (incomplete_.empty()) return json_list();
    return json_list(
        {JsonMap().text("aggregate", "incomplete").put("assemblies", texts(incomplete_)).done()});
  }

  const BomSubject& subject_;
  const BomOptions& options_;
  std::string main_ref_;
  std::set<std::string> refs_;    // every bom-ref of the document
  std::set<std::string> needed_;  // what the main component consists of
  std::set<std::string> owned_;   // files that belong to one of several models
  std::set<std::string> incomplete_;
  std::vector<Document> components_, dependencies_;
};

}  // namespace

Result<Document> write_bom(const BomSubject& subject, const BomOptions& options) {
  if (options.spec_version != "1.6" && options.spec_version != "1.7")
    return fail(Code::Unsupported,
                "CycloneDX " + printable(options.spec_version, 20) + " is not written; 1.6 and 1.7 are");
  return Writer(subject, options).run();
}

}  // namespace bulwark::trust
