#include "trust/predicates.h"

#include <algorithm>
#include <array>

#include "base/instant.h"
#include "base/text.h"
#include "trust/fields.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

constexpr auto kNames = std::to_array<PredicateName>({
    {"provenance", kProvenanceType},
    {"test-result", "https://in-toto.io/attestation/test-result/v0.1"},
    {"vulns", "https://in-toto.io/attestation/vulns/v0.2"},
    {"verdict", "https://in-toto.io/attestation/svr/v0.2"},
    {"cyclonedx", "https://cyclonedx.org/bom"},
    {"profile", "urn:bulwark:data-profile:v1"},
});
// An earlier version of the verdict with the same fields, and a BOM with the version in its type.
constexpr std::string_view kVerdictBefore = "https://in-toto.io/attestation/svr/v0.1";
constexpr std::string_view kBomPrefix = "https://cyclonedx.org/bom/v1.";

constexpr std::size_t kElements = 100'000;
constexpr std::size_t kProfiledColumns = 200'000;

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

Result<Instant> moment(const Fields& fields, std::string_view key) {
  const std::string text = TRY(fields.text(key));
  const auto time = instant_from(text);
  if (!time)
    return fail(Code::InvalidInput,
                fields.name_of(key) + ": '" + printable(text, 40) + "' is no RFC 3339 time");
  return *time;
}

Result<std::size_t> count_texts(const Fields& fields, std::string_view key) {
  const auto* list = TRY(fields.optional_list(key, kElements));
  for (const Document& value : *list)
    if (!value.is_string()) return fail(Code::InvalidInput, fields.name_of(key) + ": expected strings");
  return list->size();
}

// Resource descriptors: each names what it means by one of uri, digest and content.
Result<std::size_t> count_resources(const Fields& fields, std::string_view key) {
  const auto* list = TRY(fields.optional_list(key, kElements));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Fields resource = TRY(Fields::of((*list)[i], fields.name_of(key) + "[" + std::to_string(i) + "]"));
    if (!resource.has("uri") && !resource.has("digest") && !resource.has("content"))
      return fail(Code::InvalidInput, resource.path() + ": one of uri, digest and content is required");
  }
  return list->size();
}

Result<void> check_training(const Fields& external) {
  TRY(external.only({"entrypoint", "repository", "ref", "hyperparameters", "seed", "datasets", "baseModel"}));
  TRY(external.text("entrypoint"));
  TRY(external.text("repository"));
  TRY(external.text("ref"));
  if (external.has("hyperparameters")) TRY(external.object("hyperparameters"));
  if (external.has("seed")) TRY(external.number("seed"));
  TRY(count_texts(external, "datasets"));
  TRY(external.text_or("baseModel", ""));
  return {};
}

Result<PredicateSummary> provenance(const Fields& fields) {
  const Fields definition = TRY(fields.object("buildDefinition"));
  const std::string type = TRY(definition.text("buildType"));
  const Fields external = TRY(definition.object("externalParameters"));
  const bool training = type == kTrainingBuildType;
  if (training) TRY(check_training(external));
  if (definition.has("internalParameters")) TRY(definition.object("internalParameters"));
  const std::size_t dependencies = TRY(count_resources(definition, "resolvedDependencies"));
  const Fields run = TRY(fields.object("runDetails"));
  const Fields builder = TRY(run.object("builder"));
  const std::string id = TRY(builder.text("id"));
  if (id.empty()) return fail(Code::InvalidInput, builder.name_of("id") + " is empty");
  TRY(count_resources(run, "byproducts"));
  if (run.has("metadata")) {
    const Fields metadata = TRY(run.object("metadata"));
    if (metadata.has("startedOn")) TRY(moment(metadata, "startedOn"));
    if (metadata.has("finishedOn")) TRY(moment(metadata, "finishedOn"));
  }
  return PredicateSummary{.understood = true,
                          .text = (training ? "a training run by " : "built by ") + printable(id, 200) +
                                  ", " + std::to_string(dependencies) +
                                  (dependencies == 1 ? " dependency" : " dependencies"),
                          .negative = false,
                          .builder = id};
}

Result<PredicateSummary> test_result(const Fields& fields) {
  const std::string result = TRY(fields.text("result"));
  if (result != "PASSED" && result != "WARNED" && result != "FAILED")
    return fail(Code::InvalidInput, fields.name_of("result") + ": '" + printable(result, 40) +
                                        "', expected PASSED, WARNED or FAILED");
  TRY(fields.list("configuration", kElements));
  TRY(count_resources(fields, "configuration"));
  TRY(fields.text_or("url", ""));
  const std::size_t passed = TRY(count_texts(fields, "passedTests"));
  const std::size_t warned = TRY(count_texts(fields, "warnedTests"));
  const std::size_t failed = TRY(count_texts(fields, "failedTests"));
  if (result == "PASSED" && failed != 0)
    return fail(Code::InvalidInput, fields.name_of("result") + " is PASSED, but failedTests is not empty");
  return PredicateSummary{.understood = true,
                          .text = "tests " + lower(result) + ": " + std::to_string(passed) + " passed, " +
                                  std::to_string(warned) + " warned, " + std::to_string(failed) + " failed",
                          .negative = result == "FAILED",
                          .builder = {}};
}

Result<PredicateSummary> vulnerabilities(const Fields& fields) {
  const Fields scanner = TRY(fields.object("scanner"));
  const std::string uri = TRY(scanner.text("uri"));
  const Fields database = TRY(scanner.object("db"));
  TRY(moment(database, "lastUpdate"));
  const auto* results = TRY(scanner.list("result", kElements));
  for (std::size_t i = 0; i < results->size(); ++i) {
    const Fields found =
        TRY(Fields::of((*results)[i], scanner.name_of("result") + "[" + std::to_string(i) + "]"));
    TRY(found.text("id"));
    const auto* severities = TRY(found.list("severity", kElements));
    for (const Document& value : *severities) {
      const Fields severity = TRY(Fields::of(value, found.name_of("severity")));
      TRY(severity.text("method"));
      TRY(severity.text("score"));
    }
  }
  const Fields metadata = TRY(fields.object("metadata"));
  const Instant started = TRY(moment(metadata, "scanStartedOn"));
  const Instant finished = TRY(moment(metadata, "scanFinishedOn"));
  if (finished < started)
    return fail(Code::InvalidInput, "predicate.metadata: the scan ends before it starts");
  return PredicateSummary{
      .understood = true,
      .text =
          (results->size() == 1 ? "1 vulnerability" : std::to_string(results->size()) + " vulnerabilities") +
          " found by " + printable(uri, 200),
      .negative = false,
      .builder = {}};
}

Result<PredicateSummary> verdict(const Fields& fields) {
  const Fields verifier = TRY(fields.object("verifier"));
  const std::string id = TRY(verifier.text("id"));
  const Instant time = TRY(moment(fields, "timeCreated"));
  TRY(fields.list("properties", kElements));
  const std::size_t properties = TRY(count_texts(fields, "properties"));
  return PredicateSummary{.understood = true,
                          .text = std::to_string(properties) +
                                  (properties == 1 ? " property" : " properties") + " verified by " +
                                  printable(id, 200) + " at " + instant_text(time),
                          .negative = false,
                          .builder = {}};
}

Result<PredicateSummary> bill_of_materials(const Fields& fields) {
  const std::string format = TRY(fields.text("bomFormat"));
  if (format != "CycloneDX")
    return fail(Code::InvalidInput,
                fields.name_of("bomFormat") + ": '" + printable(format, 40) + "', expected CycloneDX");
  const std::string version = TRY(fields.text("specVersion"));
  const auto* components = TRY(fields.optional_list("components", kElements));
  return PredicateSummary{.understood = true,
                          .text = "a bill of materials, CycloneDX " + printable(version, 20) + ", " +
                                  counted(components->size(), "component"),
                          .negative = false,
                          .builder = {}};
}

// What `bulwark assay --write-profile` writes: docs/formats/profile.md. Its columns are read where they are
// used.
Result<PredicateSummary> data_profile(const Fields& fields) {
  const std::string format = TRY(fields.text("format"));
  if (format != "bulwark.profile/1")
    return fail(Code::InvalidInput,
                fields.name_of("format") + ": '" + printable(format, 40) + "', expected bulwark.profile/1");
  const std::uint64_t rows = TRY(fields.number("rows"));
  const auto* columns = TRY(fields.list("columns", kProfiledColumns));
  return PredicateSummary{
      .understood = true,
      .text = "the profile of " + counted(rows, "row") + ", " + counted(columns->size(), "column"),
      .negative = false,
      .builder = {}};
}

}  // namespace

std::span<const PredicateName> known_predicates() {
  return kNames;
}

std::string predicate_type_from(std::string_view text) {
  const auto found = std::ranges::find(kNames, text, &PredicateName::name);
  if (found != kNames.end()) return std::string(found->type);
  return text.find(':') == std::string_view::npos ? std::string() : std::string(text);
}

Result<PredicateSummary> check_predicate(std::string_view type, const Document& predicate) {
  const Fields fields = TRY(Fields::of(predicate, "predicate"));
  if (type == kProvenanceType) return provenance(fields);
  if (type == kNames[1].type) return test_result(fields);
  if (type == kNames[2].type) return vulnerabilities(fields);
  if (type == kNames[3].type || type == kVerdictBefore) return verdict(fields);
  if (type == kNames[5].type) return data_profile(fields);
  if (type == kNames[4].type || type.starts_with(kBomPrefix)) return bill_of_materials(fields);
  return PredicateSummary{
      .understood = false,
      .text = "a statement of type " + printable(type, 200) + ", which is not understood here",
      .negative = false,
      .builder = {}};
}

}  // namespace bulwark::trust
