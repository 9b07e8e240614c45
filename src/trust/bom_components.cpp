#include "trust/bom_components.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/text_format.h"
#include "scan/counted.h"
#include "trust/bom_describe.h"
#include "trust/bom_json.h"
#include "trust/bom_readers.h"
#include "trust/bom_write.h"

namespace bulwark::trust {
namespace {

// Where each field of a model comes from, as properties "bulwark:source:<field>".
class Sources {
 public:
  void add(std::string_view field, std::string_view from) {
    const std::string name = "source:" + std::string(field);
    if (from.empty() || !seen_.insert(name + '\n' + std::string(from)).second) return;
    properties_.push_back(bom_property(name, printable(from, 500)));
  }
  void add(std::string_view field, const Told& told) {
    if (told.known()) add(field, told.from);
  }
  [[nodiscard]] std::vector<Document>& properties() { return properties_; }

 private:
  std::set<std::string> seen_;
  std::vector<Document> properties_;
};

std::string_view technique_of(std::string_view from) {
  if (from.starts_with("name of the")) return "filename";
  if (from.contains(", header '")) return "binary-analysis";
  if (from.starts_with("SHA-256")) return "hash-comparison";
  return "manifest-analysis";
}

Document identity(std::string_view field, std::string_view value, std::string_view from) {
  const std::string_view technique = technique_of(from);
  // A name of a folder may be anybody's; what a file of the model says of itself is its maker's claim.
  const double confidence = technique == "hash-comparison" ? 1.0 : technique == "filename" ? 0.3 : 0.7;
  Document method = JsonMap()
                        .text("technique", technique)
                        .put("confidence", json_number(confidence))
                        .text("value", printable(from, 500))
                        .done();
  return JsonMap()
      .text("field", field)
      .put("confidence", json_number(confidence))
      .text("concludedValue", value)
      .put("methods", json_list({std::move(method)}))
      .done();
}

Document organisation(const Told& name, const Told& url) {
  std::vector<Document> urls;
  if (fits_format("iri-reference", url.text).value_or(false) && url.known())
    urls.push_back(json_string(url.text));
  return JsonMap().text("name", name.text).put("url", json_list(std::move(urls))).done();
}

Document external_references(const std::vector<BomReference>& references) {
  static constexpr std::string_view kTypes =
      "vcs issue-tracker website advisories bom mailing-list social chat documentation support "
      "source-distribution distribution distribution-intake license build-meta build-system release-notes "
      "security-contact model-card log configuration evidence formulation attestation threat-model "
      "adversary-model risk-assessment vulnerability-assertion exploitability-statement pentest-report "
      "static-analysis-report dynamic-analysis-report runtime-analysis-report component-analysis-report "
      "maturity-report certification-report codified-infrastructure quality-metrics poam "
      "electronic-signature digital-signature rfc-9116 other";
  const auto known = words(kTypes);
  std::vector<Document> list;
  std::set<std::pair<std::string, std::string>> seen;
  for (const BomReference& reference : references) {
    const std::string url = reference_of(reference.url);
    const std::string type =
        std::ranges::find(known, reference.type) == known.end() ? "other" : reference.type;
    if (url.empty() || !seen.emplace(type, url).second) continue;
    list.push_back(JsonMap()
                       .text("type", type)
                       .text("url", url)
                       .text("comment", reference.comment)
                       .put("hashes", sha256_hashes(reference.sha256))
                       .done());
  }
  return json_list(std::move(list));
}

Document ancestors(const ModelFacts& model) {
  std::vector<Document> list;
  std::set<std::string> seen;
  for (const BaseModel& base : model.ancestors) {
    if (base.name.empty() || !seen.insert(base.name).second) continue;
    std::vector<Document> properties;
    if (!base.relation.empty()) properties.push_back(bom_property("relation", base.relation));
    list.push_back(JsonMap()
                       .text("type", "machine-learning-model")
                       .text("name", base.name)
                       .put("properties", json_list(std::move(properties)))
                       .done());
  }
  return json_list(std::move(list));
}

void add_inventory(const Inventory& inventory, std::vector<Document>& properties) {
  if (inventory.tensors > 0) {
    properties.push_back(bom_property("tensors", std::to_string(inventory.tensors)));
    properties.push_back(bom_property("parameters", std::to_string(inventory.parameters)));
    properties.push_back(bom_property("tensor-types", scan::counted(inventory.types)));
  }
  if (!inventory.operators.empty())
    properties.push_back(bom_property("operators", scan::counted(inventory.operators)));
}

std::string purl_of(const ModelFacts& model) {
  if (model.purl.known()) return model.purl.text;
  std::string purl = "pkg:generic/" + purl_encoded(model.name.text);
  if (model.version.known()) purl += "@" + purl_encoded(model.version.text);
  return purl;
}

Sources sources_of(const ModelFacts& model) {
  Sources sources;
  const std::pair<std::string_view, const Told*> fields[] = {
      {"name", &model.name},
      {"version", &model.version},
      {"description", &model.description},
      {"supplier", &model.supplier},
      {"manufacturer", &model.manufacturer},
      {"copyright", &model.copyright},
      {"purl", &model.purl},
      {"modelCard.modelParameters.task", &model.task},
      {"modelCard.modelParameters.approach", &model.approach},
      {"modelCard.modelParameters.architectureFamily", &model.family},
      {"modelCard.modelParameters.modelArchitecture", &model.architecture},
      {"library", &model.library},
      {"language", &model.language},
      {"pedigree.notes", &model.pedigree_notes},
  };
  for (const auto& [field, told] : fields) sources.add(field, *told);
  const std::pair<std::string_view, const std::vector<Told>*> lists[] = {
      {"authors", &model.authors},
      {"tags", &model.tags},
      {"modelCard.modelParameters.inputs", &model.inputs},
      {"modelCard.modelParameters.outputs", &model.outputs},
      {"modelCard.considerations.users", &model.users},
      {"modelCard.considerations.useCases", &model.use_cases},
      {"modelCard.considerations.technicalLimitations", &model.limitations},
      {"modelCard.considerations.performanceTradeoffs", &model.tradeoffs},
  };
  for (const auto& [field, list] : lists)
    for (const Told& told : *list) sources.add(field, told);
  const auto add_from = [&](std::string_view field, const auto& list) {
    for (const auto& each : list) sources.add(field, each.from);
  };
  add_from("licenses", model.licenses);
  add_from("pedigree.ancestors", model.ancestors);
  add_from("modelCard.modelParameters.datasets", model.datasets);
  add_from("modelCard.quantitativeAnalysis.performanceMetrics", model.metrics);
  add_from("modelCard.considerations.ethicalConsiderations", model.risks);
  add_from("modelCard.considerations.fairnessAssessments", model.fairness);
  add_from("modelCard.considerations.environmentalConsiderations", model.energy);
  add_from("externalReferences", model.references);
  return sources;
}

Document model_properties(const ModelFacts& model) {
  std::vector<Document> properties;
  if (!model.root_digest.empty() && model.folder)
    properties.push_back(bom_property("digest-method", "openssf-model-signing-1.0"));
  if (model.library.known()) properties.push_back(bom_property("library", model.library.text));
  if (model.language.known()) properties.push_back(bom_property("language", model.language.text));
  add_inventory(model.inventory, properties);
  for (const BomProperty& each : model.properties) {
    properties.push_back(bom_property(each.name, each.value));
  }
  Sources sources = sources_of(model);
  for (const BomProperty& each : model.properties) sources.add(each.name, each.from);
  for (Document& property : sources.properties()) properties.push_back(std::move(property));
  return json_list(std::move(properties));
}

Document told_list(const std::vector<Told>& list) {
  std::vector<Document> texts;
  std::set<std::string> seen;
  for (const Told& told : list)
    if (told.known() && seen.insert(told.text).second) texts.push_back(json_string(told.text));
  return json_list(std::move(texts));
}

std::vector<Document> member_properties(const BomFile& file) {
  std::vector<Document> properties;
  properties.push_back(bom_property("role", name_of(role_of(file))));
  properties.push_back(bom_property("size", std::to_string(file.size)));
  for (const std::string& format : file.formats) properties.push_back(bom_property("format", format));
  if (!file.members.empty()) properties.push_back(bom_property("members", scan::counted(file.members)));
  for (const auto& [name, value] : file.facts) properties.push_back(bom_property("scan:" + name, value));
  for (const std::string& gap : file.gaps) properties.push_back(bom_property("gap", gap));
  return properties;
}

std::string algorithm_of(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"md5", "MD5"},        {"sha1", "SHA-1"},     {"sha256", "SHA-256"},
      {"sha384", "SHA-384"}, {"sha512", "SHA-512"}, {"blake2b", "BLAKE2b-512"}};
  for (const auto& [theirs, ours] : kNames)
    if (theirs == name) return std::string(ours);
  return {};
}

std::size_t digits_of(std::string_view algorithm) {
  constexpr std::pair<std::string_view, std::size_t> kDigits[] = {
      {"MD5", 32}, {"SHA-1", 40}, {"SHA-256", 64}, {"SHA-384", 96}, {"SHA-512", 128}, {"BLAKE2b-512", 128}};
  for (const auto& [name, digits] : kDigits)
    if (name == algorithm) return digits;
  return 0;
}

Document hash_of(const scan::PinnedDigest& digest) {
  const std::string algorithm = algorithm_of(digest.algorithm);
  if (algorithm.empty() || digest.hex.size() != digits_of(algorithm)) return json_map();
  return JsonMap().text("alg", algorithm).text("content", digest.hex).done();
}

Document parties(const std::vector<Party>& list) {
  std::vector<Document> out;
  for (const Party& party : list) {
    if (party.name.empty() && party.email.empty()) continue;
    std::vector<Document> contacts;
    if (fits_format("idn-email", party.email).value_or(false))
      contacts.push_back(JsonMap().text("email", party.email).done());
    std::vector<Document> urls;
    if (!party.url.empty() && fits_format("iri-reference", party.url).value_or(false))
      urls.push_back(json_string(party.url));
    out.push_back(JsonMap()
                      .put("organization", JsonMap()
                                               .text("name", party.name)
                                               .put("url", json_list(std::move(urls)))
                                               .put("contact", json_list(std::move(contacts)))
                                               .done())
                      .done());
  }
  return json_list(std::move(out));
}

}  // namespace

std::string reference_of(std::string_view text) {
  if (text.empty()) return {};
  if (fits_format("iri-reference", text).value_or(false)) return std::string(text);
  std::string encoded;
  for (const std::string_view part : split(text, '/')) encoded += "/" + purl_encoded(part);
  return encoded.substr(1);
}

Document license_list(const std::vector<LicenseFacts>& licenses) {
  const auto is_expression = [](std::string_view text) {
    return text.contains(" OR ") || text.contains(" AND ") || text.contains(" WITH ");
  };
  if (licenses.size() == 1 && is_expression(licenses.front().text)) {
    return json_list(
        {JsonMap().text("expression", licenses.front().text).text("acknowledgement", "declared").done()});
  }
  // The text of a licence and the words that name it are one statement.
  struct Row {
    std::string id, name, covers, url;
  };
  std::vector<Row> rows;
  for (const LicenseFacts& each : licenses) {
    if (each.text.empty()) continue;
    const std::string id = spdx_id(each.text);
    const std::string name = id.empty() ? each.text : std::string();
    const auto same = std::ranges::find_if(rows, [&](const Row& row) {
      return row.id == id && row.name == name &&
             (row.covers == each.covers || row.covers.empty() || each.covers.empty());
    });
    if (same == rows.end()) {
      rows.push_back({id, name, each.covers, each.url});
      continue;
    }
    if (same->covers.empty()) same->covers = each.covers;
    if (same->url.empty()) same->url = each.url;
  }
  std::vector<Document> list;
  for (const Row& row : rows) {
    std::vector<Document> properties;
    if (!row.covers.empty()) properties.push_back(bom_property("covers", row.covers));
    list.push_back(JsonMap()
                       .put("license", JsonMap()
                                           .text("id", row.id)
                                           .text("name", row.name)
                                           .text("acknowledgement", "declared")
                                           .text("url", reference_of(row.url))
                                           .put("properties", json_list(std::move(properties)))
                                           .done())
                       .done());
  }
  return json_list(std::move(list));
}

Document model_component(const ModelFacts& model, const BomSubject& subject) {
  const std::string purl = purl_of(model);
  std::vector<Document> identities;
  identities.push_back(identity("name", model.name.text, model.name.from));
  if (model.version.known())
    identities.push_back(identity("version", model.version.text, model.version.from));
  identities.push_back(
      identity("purl", purl, model.purl.known() ? model.purl.from : "name and version of this component"));
  if (!model.root_digest.empty()) {
    identities.push_back(identity(
        "hash", model.root_digest,
        model.folder ? "SHA-256 over the digests of the files, as OpenSSF Model Signing 1.0 computes it"
                     : "SHA-256 of the file"));
  }
  std::vector<Document> authors;
  for (const Told& author : model.authors) authors.push_back(JsonMap().text("name", author.text).done());
  std::vector<Document> occurrences;
  const std::string location = reference_of(model.path.empty() ? subject.name : model.path);
  if (!location.empty()) occurrences.push_back(JsonMap().text("location", location).done());
  return JsonMap()
      .text("type", "machine-learning-model")
      .text("bom-ref", model_ref(model))
      .put("supplier", organisation(model.supplier, model.supplier_url))
      .put("manufacturer", organisation(model.manufacturer, {}))
      .put("authors", json_list(std::move(authors)))
      .text("group", model.group.text)
      .text("name", model.name.text)
      .text("version", model.version.text)
      .text("description", model.description.text)
      .put("hashes", sha256_hashes(model.root_digest))
      .put("licenses", license_list(model.licenses))
      .text("copyright", model.copyright.text)
      .text("purl", purl)
      .put("pedigree",
           JsonMap().put("ancestors", ancestors(model)).text("notes", model.pedigree_notes.text).done())
      .put("externalReferences", external_references(model.references))
      .put("evidence", JsonMap()
                           .put("identity", json_list(std::move(identities)))
                           .put("occurrences", json_list(std::move(occurrences)))
                           .done())
      .put("modelCard", model_card(model))
      .put("properties", model_properties(model))
      .put("tags", told_list(model.tags))
      .done();
}

Document application_component(const BomSubject& subject) {
  const std::string digest = subject.folder ? root_digest(subject.files, "") : std::string();
  std::vector<Document> properties;
  if (!digest.empty()) properties.push_back(bom_property("digest-method", "openssf-model-signing-1.0"));
  properties.push_back(bom_property("models", std::to_string(subject.models.size())));
  return JsonMap()
      .text("type", "application")
      .text("bom-ref", "application:" + subject.name)
      .text("name", subject.name)
      .put("hashes", sha256_hashes(digest))
      .put("properties", json_list(std::move(properties)))
      .done();
}

Document file_component(const BomFile& file) {
  return JsonMap()
      .text("type", "file")
      .text("bom-ref", file_ref(file.path))
      .text("name", printable(file.path, 1'000))
      .put("hashes", sha256_hashes(file.sha256))
      .put("properties", json_list(member_properties(file)))
      .done();
}

Document library_component(const LibraryFacts& library) {
  const scan::Dependency& package = library.package;
  std::vector<Document> hashes;
  std::vector<Document> references;
  // One digest is the package's; several are of files that an installer may choose from.
  for (const scan::PinnedDigest& digest : package.digests) {
    Document hash = hash_of(digest);
    if (hash.map.empty()) continue;
    if (package.digests.size() == 1) {
      hashes.push_back(std::move(hash));
      continue;
    }
    const std::string url = digest.file.empty() ? purl_of(library) : reference_of(digest.file);
    references.push_back(JsonMap()
                             .text("type", "distribution")
                             .put("url", json_string(url))
                             .text("comment", "one of the archives that the lock file accepts")
                             .put("hashes", json_list({std::move(hash)}))
                             .done());
  }
  std::vector<Document> properties;
  if (!package.wanted.empty() && package.version.empty())
    properties.push_back(bom_property("wanted", printable(package.wanted, 200)));
  for (const std::string& group : package.groups)
    properties.push_back(bom_property("group", printable(group, 100)));
  if (!package.commit.empty()) properties.push_back(bom_property("commit", printable(package.commit, 100)));
  if (!package.source.empty()) properties.push_back(bom_property("from", printable(package.source, 500)));
  std::string place = printable(library.from, 300);
  if (package.place.line > 0) place += ", line " + std::to_string(package.place.line);
  properties.push_back(bom_property("source:version", place));
  return JsonMap()
      .text("type", "library")
      .text("bom-ref", library_ref(library))
      .text("name", printable(package.name, 200))
      .text("version", printable(package.version, 200))
      .text("scope", package.groups.empty() ? "required" : "optional")
      .put("hashes", json_list(std::move(hashes)))
      .text("purl", purl_of(library))
      .put("externalReferences", json_list(std::move(references)))
      .put("evidence",
           JsonMap()
               .put("identity", json_list({identity("purl", purl_of(library),
                                                    library.exact ? place + " (lock file)" : place)}))
               .done())
      .put("properties", json_list(std::move(properties)))
      .done();
}

Document dataset_component(const DatasetFacts& dataset) {
  std::vector<Document> sensitive;
  for (const std::string& kind : dataset.sensitive_data) sensitive.push_back(json_string(kind));
  const std::string url = reference_of(dataset.url);
  const std::string place = url.empty() ? reference_of(dataset.path) : url;
  Document data = JsonMap()
                      .text("type", "dataset")
                      .text("name", printable(dataset.name, 300))
                      .put("contents", JsonMap().text("url", place).done())
                      .text("classification", dataset.classification)
                      .put("sensitiveData", json_list(std::move(sensitive)))
                      .text("description", dataset.description)
                      .put("governance", JsonMap()
                                             .put("custodians", parties(dataset.custodians))
                                             .put("stewards", parties(dataset.stewards))
                                             .put("owners", parties(dataset.owners))
                                             .done())
                      .done();
  std::vector<LicenseFacts> licenses;
  if (!dataset.license.empty()) licenses.push_back({dataset.license, {}, {}, dataset.from});
  std::vector<Document> properties;
  if (!dataset.role.empty()) properties.push_back(bom_property("role", dataset.role));
  if (!dataset.from.empty()) properties.push_back(bom_property("source:name", printable(dataset.from, 300)));
  if (dataset.bytes > 0) properties.push_back(bom_property("size", std::to_string(dataset.bytes)));
  return JsonMap()
      .text("type", "data")
      .text("bom-ref", dataset_ref(dataset))
      .text("name", printable(dataset.name, 300))
      .text("version", dataset.version)
      .put("hashes", sha256_hashes(dataset.sha256))
      .put("licenses", license_list(licenses))
      .put("data", json_list({std::move(data)}))
      .put("properties", json_list(std::move(properties)))
      .done();
}

}  // namespace bulwark::trust
