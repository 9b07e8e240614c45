// The official examples of CycloneDX in shared/vectors/schemas: each is valid or invalid as its manifest
// says, by the schemas that are compiled in. The other schemas and examples there, and signed models, beside.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "support/support.h"
#include "trust/bom_describe.h"
#include "trust/bom_diff.h"
#include "trust/bom_read.h"
#include "trust/bom_schema.h"
#include "trust/bom_score.h"

namespace bulwark::trust {
namespace {

TEST(CycloneDxExamples, EachIsJudgedAsItsManifestSays) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "no shared vectors beside the project";
  const std::string folder = shared + "/vectors/schemas/";
  const std::string manifest = test::read_file(folder + "MANIFEST.tsv");
  std::size_t judged = 0;
  for (const std::string_view line : split(manifest, '\n')) {
    const auto cells = split(line, '\t');
    if (cells.size() < 4 || cells[3] != "json" || !cells[1].contains("/bom-")) continue;
    const std::string text = test::read_file(folder + std::string(cells[0]));
    const std::string_view version = cells[1].substr(cells[1].find("/bom-") + 5, 3);
    const auto parsed = parse_json(text, Limits{});
    ASSERT_TRUE(parsed) << cells[0] << ": " << parsed.error().message;
    const auto problems = validate_bom(parsed->root, version);
    ASSERT_TRUE(problems) << cells[0] << ": " << problems.error().message;
    EXPECT_EQ(problems->empty(), cells[2] == "valid")
        << cells[0] << ": "
        << (problems->empty() ? "" : problems->front().place + ": " + problems->front().message);
    ++judged;
    if (cells[2] != "valid") continue;
    const auto bom = read_bom(text);
    ASSERT_TRUE(bom) << cells[0] << ": " << bom.error().message;
    EXPECT_TRUE(diff_boms(bom->root, bom->root).empty()) << cells[0];
    EXPECT_LE(score_bom(bom->root).points, 100.0) << cells[0];
  }
  EXPECT_EQ(judged, 160U);
}

// The other schemas beside them: compiled, and judged where there are examples.
TEST(SchemaVectors, SarifOscalOsvAndModelSigningCompile) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "no shared vectors beside the project";
  for (const std::string_view path :
       {"schemas/sarif/sarif-schema-2.1.0.json", "schemas/osv/osv-schema.json",
        "schemas/oscal/oscal_assessment-results_schema.json", "schemas/oscal/oscal_catalog_schema.json",
        "schemas/oscal/oscal_component_schema.json", "schemas/oscal/oscal_poam_schema.json",
        "schemas/oscal/oscal_profile_schema.json"}) {
    const auto schema = parse_json(test::read_file(shared + "/vectors/" + std::string(path)), Limits{});
    ASSERT_TRUE(schema) << path;
    const auto compiled = JsonSchema::compile(schema->root);
    EXPECT_TRUE(compiled) << path << ": " << compiled.error().message;
  }
}

std::string file_text(const std::filesystem::path& path) {
  return test::read_file(path.string());
}

TEST(SchemaVectors, OscalExamplesAreValid) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "no shared vectors beside the project";
  const std::string folder = shared + "/vectors/schemas/oscal/";
  constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
      {"oscal_catalog_schema.json", "basic-catalog.json"},
      {"oscal_profile_schema.json", "NIST_SP-800-53_rev5_MODERATE-baseline_profile.json"},
      {"oscal_component_schema.json", "example-component-definition.json"},
      {"oscal_assessment-results_schema.json", "ifa_assessment-results-example.json"}};
  for (const auto& [schema_name, example] : kPairs) {
    const auto schema = parse_json(test::read_file(folder + std::string(schema_name)), Limits{});
    const auto value = parse_json(test::read_file(folder + "examples/" + std::string(example)), Limits{});
    ASSERT_TRUE(schema && value) << example;
    const auto compiled = JsonSchema::compile(schema->root);
    ASSERT_TRUE(compiled) << example << ": " << compiled.error().message;
    const auto problems = compiled->validate(value->root);
    ASSERT_TRUE(problems) << example << ": " << problems.error().message;
    EXPECT_TRUE(problems->empty()) << example << problems->front().place << ": " << problems->front().message;
  }
}

TEST(SchemaVectors, ModelSigningExamplesAreJudgedAsTheirFoldersSay) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "no shared vectors beside the project";
  const std::string folder = shared + "/vectors/oms/spec-v1.0/";
  std::vector<Document> others;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "schemas")) {
    auto parsed = parse_json(file_text(entry.path()), Limits{});
    ASSERT_TRUE(parsed) << entry.path();
    others.push_back(std::move(parsed->root));
  }
  const auto bundle = parse_json(file_text(folder + "schemas/bundle.schema.json"), Limits{});
  ASSERT_TRUE(bundle);
  const auto schema = JsonSchema::compile(bundle->root, others);
  ASSERT_TRUE(schema) << schema.error().message;
  std::size_t judged = 0;
  for (const bool good : {true, false}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder + (good ? "valid" : "invalid"))) {
      if (entry.path().extension() != ".json") continue;
      const auto value = parse_json(file_text(entry.path()), Limits{});
      ASSERT_TRUE(value) << entry.path();
      const auto problems = schema->validate(value->root);
      ASSERT_TRUE(problems) << entry.path();
      EXPECT_EQ(problems->empty(), good) << entry.path();
      ++judged;
    }
  }
  EXPECT_GT(judged, 2U);
}

// Models that somebody signed: the digest in our document is the one that the signature speaks about.
TEST(SignedModels, HaveTheRootDigestOfTheirSignature) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "no shared vectors beside the project";
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shared + "/vectors/oms/model-transparency")) {
    const std::string signature = entry.path().string() + "/model.sig";
    if (!std::filesystem::exists(signature) || entry.path().filename().string().starts_with("v0.2")) continue;
    const auto bundle = parse_json(test::read_file(signature), Limits{});
    ASSERT_TRUE(bundle) << signature;
    const auto payload =
        decode_base64(bundle->root.find("dsseEnvelope")->text("payload"), Base64::UrlSafeToo);
    ASSERT_TRUE(payload) << signature;
    const auto statement = parse_json(*payload, Limits{});
    ASSERT_TRUE(statement) << signature;
    std::set<std::string> named;
    for (const Document& each : at_path(statement->root, {"predicate", "resources"})->list)
      named.emplace(each.text("name"));
    std::vector<BomFile> files;
    for (const auto& file : std::filesystem::recursive_directory_iterator(entry.path())) {
      if (!file.is_regular_file()) continue;
      BomFile found;
      found.path = std::filesystem::relative(file.path(), entry.path()).string();
      // Left out by --ignore-paths.
      if (!named.contains(found.path) && !found.path.ends_with(".sig")) continue;
      found.sha256 = *crypto::sha256(bytes_of(file_text(file.path())));
      files.push_back(std::move(found));
    }
    EXPECT_EQ(root_digest(files, ""),
              statement->root.find("subject")->list.front().find("digest")->text("sha256"))
        << signature;
    ++compared;
  }
  EXPECT_GT(compared, 5U);
}

}  // namespace
}  // namespace bulwark::trust
