#include "trust/attestation.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "support/support.h"
#include "trust/dsse.h"
#include "trust/fields.h"
#include "trust/rules.h"

namespace bulwark::trust {
namespace {

constexpr std::string_view kTraining = R"({
  "buildDefinition": {
    "buildType": "urn:bulwark:training:v1",
    "externalParameters": {"entrypoint": "train.py", "repository": "https://git.example/m", "ref": "refs/heads/main",
                           "hyperparameters": {"lr": "0.1"}, "seed": 7, "datasets": ["faces"], "baseModel": "bert"},
    "internalParameters": {"gpu": "none"},
    "resolvedDependencies": [{"uri": "git+https://git.example/m", "digest": {"gitCommit": "00"}}]},
  "runDetails": {"builder": {"id": "https://ci.example/isolated"},
                 "metadata": {"invocationId": "1", "startedOn": "2026-01-01T00:00:00Z",
                              "finishedOn": "2026-01-01T01:00:00Z"}}})";
constexpr std::string_view kTests = R"({"result": "PASSED", "configuration": [{"uri": "trial.yaml"}],
  "passedTests": ["evasion"], "failedTests": []})";
constexpr std::string_view kVulns =
    R"({"scanner": {"uri": "urn:scanner", "db": {"lastUpdate": "2026-01-01T00:00:00Z"},
  "result": [{"id": "CVE-1", "severity": [{"method": "cvss", "score": "5"}]}]},
  "metadata": {"scanStartedOn": "2026-01-01T00:00:00Z", "scanFinishedOn": "2026-01-01T00:00:01Z"}})";
constexpr std::string_view kVerdict =
    R"({"verifier": {"id": "urn:gate"}, "timeCreated": "2026-01-01T00:00:00Z",
  "properties": ["BULWARK_ADMITTED"]})";
constexpr std::string_view kBom = R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []})";

Document document(std::string_view json) {
  auto read = read_object(json, "test");
  EXPECT_TRUE(read) << read.error().message;
  return *read;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const std::size_t at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}

const std::vector<Artifact>& model() {
  static const std::vector<Artifact> kModel{{.path = "m", .name = "m", .sha256 = std::string(64, 'a')}};
  return kModel;
}

TEST(Attestation, EveryPredicateIsSignedAndVerifiedWithEveryKey) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"provenance", kTraining},
                                                                 {"test-result", kTests},
                                                                 {"vulns", kVulns},
                                                                 {"verdict", kVerdict},
                                                                 {"cyclonedx", kBom}};
  for (const auto key_type : {crypto::KeyType::P256, crypto::KeyType::Ed25519}) {
    const auto key = crypto::PrivateKey::generate(key_type);
    ASSERT_TRUE(key);
    for (const auto& [name, json] : cases) {
      VerificationMaterial material;
      material.hint = key_hint(key->public_key());
      const auto bundle = attest(model(), predicate_type_from(name), document(json), *key, material);
      ASSERT_TRUE(bundle) << name << bundle.error().message;
      const KeyTrust trust(key->public_key());
      for (const std::string& written : {write_bundle(*bundle), write_envelope(*bundle->envelope)}) {
        const auto result =
            verify_attestation(written, trust, model(),
                               {.path = "a", .predicate_type = predicate_type_from(name), .builder = {}});
        EXPECT_FALSE(result.verification.refused()) << name;
        EXPECT_EQ(result.verification.report().findings.size(), 0U) << name;
      }
      const std::vector<Artifact> other{{.path = "x", .name = "m", .sha256 = std::string(64, 'b')}};
      const auto foreign = verify_attestation(write_bundle(*bundle), trust, other, {.path = "a"});
      EXPECT_EQ(foreign.verification.count(kSubjectForeign), 1U);
      EXPECT_TRUE(foreign.verification.refused());
      const auto wrong_type = verify_attestation(write_bundle(*bundle), trust, model(),
                                                 {.path = "a", .predicate_type = "urn:other"});
      EXPECT_EQ(wrong_type.verification.count(kStatementForeign), 1U);
      const auto stranger = crypto::PrivateKey::generate(key_type);
      const auto unknown =
          verify_attestation(write_bundle(*bundle), KeyTrust(stranger->public_key()), model(), {.path = "a"});
      EXPECT_TRUE(unknown.verification.refused());
      EXPECT_FALSE(unknown.statement);
    }
  }
}

TEST(Attestation, OnlyTheNamedBuilderIsBelieved) {
  const auto key = crypto::PrivateKey::generate(crypto::KeyType::P256);
  const auto bundle = attest(model(), kProvenanceType, document(kTraining), *key, {});
  ASSERT_TRUE(bundle);
  const KeyTrust trust(key->public_key());
  const auto judge = [&](const std::string& builder) {
    return verify_attestation(write_bundle(*bundle), trust, model(),
                              {.path = "a", .predicate_type = {}, .builder = builder});
  };
  EXPECT_FALSE(judge("https://ci.example/isolated").verification.refused());
  EXPECT_EQ(judge("https://ci.example/laptop").verification.count(kBuilderUnexpected), 1U);
}

TEST(Attestation, AFailureIsGenuineButSaid) {
  const auto key = crypto::PrivateKey::generate(crypto::KeyType::P256);
  const auto bundle = attest(model(), predicate_type_from("test-result"),
                             document(replaced(kTests, "PASSED", "FAILED")), *key, {});
  ASSERT_TRUE(bundle);
  const auto result =
      verify_attestation(write_bundle(*bundle), KeyTrust(key->public_key()), model(), {.path = "a"});
  EXPECT_EQ(result.verification.count(kPredicateNegative), 1U);
}

TEST(Predicates, WhatContradictsItsTypeIsRefusedWithTheField) {
  struct Case {
    std::string_view type;
    std::string_view json;
    std::string_view from;
    std::string_view to;
    std::string_view says;
  };
  const Case cases[] = {
      {"provenance", kTraining, R"("seed": 7)", R"("seeed": 7)", "unknown field 'seeed'; near: 'seed'"},
      {"provenance", kTraining, R"("seed": 7)", R"("seed": -7)", "externalParameters.seed"},
      {"provenance", kTraining, R"("entrypoint": "train.py", )", "", "entrypoint is missing"},
      {"provenance", kTraining, R"("datasets": ["faces"])", R"("datasets": [1])",
       "datasets: expected strings"},
      {"provenance", kTraining, R"("uri": "git+https://git.example/m", "digest": {"gitCommit": "00"})",
       R"("name": "x")", "one of uri, digest and content"},
      {"provenance", kTraining, R"("id": "https://ci.example/isolated")", R"("id": "")",
       "builder.id is empty"},
      {"provenance", kTraining, "2026-01-01T00:00:00Z", "yesterday", "no RFC 3339 time"},
      {"test-result", kTests, R"("failedTests": [])", R"("failedTests": ["x"])", "failedTests is not empty"},
      {"test-result", kTests, "PASSED", "passed", "expected PASSED, WARNED or FAILED"},
      {"test-result", kTests, R"("configuration": [{"uri": "trial.yaml"}],)", "", "configuration is missing"},
      {"vulns", kVulns, R"("score": "5")", R"("score": 5)", "severity.score: expected a string"},
      {"vulns", kVulns, "00:00:01Z", "00:00:00-05:00", "accepted"},
      {"vulns", kVulns, R"("scanFinishedOn": "2026)", R"("scanFinishedOn": "2025)", "ends before it starts"},
      {"verdict", kVerdict, R"({"id": "urn:gate"})", "{}", "verifier.id is missing"},
      {"verdict", kVerdict, R"(["BULWARK_ADMITTED"])", R"("all")", "properties: expected a list"},
      {"cyclonedx", kBom, "CycloneDX", "SPDX", "expected CycloneDX"},
  };
  for (const Case& it : cases) {
    const auto checked =
        check_predicate(predicate_type_from(it.type), document(replaced(it.json, it.from, it.to)));
    const std::string message = checked ? "accepted" : checked.error().message;
    EXPECT_NE(message.find(it.says), std::string::npos) << it.to << ": " << message;
  }
}

// The example of docs/formats/training-provenance.md is one.
TEST(Predicates, TheDocumentedTrainingRunIsAccepted) {
  const std::string text =
      test::read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/training-provenance.md");
  const std::size_t begin = text.find("```json\n") + 8;
  const auto checked = check_predicate(
      kProvenanceType, document(std::string_view(text).substr(begin, text.find("```", begin) - begin)));
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->builder, "https://ci.example/isolated-runner");
}

TEST(Predicates, OtherBuildTypesAndExtensionsAreCarried) {
  EXPECT_TRUE(check_predicate(kProvenanceType,
                              document(replaced(replaced(kTraining, "urn:bulwark:training:v1", "urn:other"),
                                                R"("seed": 7)", R"("anything": [1])"))));
  EXPECT_TRUE(check_predicate(predicate_type_from("verdict"),
                              document(replaced(kVerdict, R"({"id")", R"({"policy": {}, "id")"))));
  const auto unknown = check_predicate("urn:unknown", document("{}"));
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->understood);
  EXPECT_EQ(predicate_type_from("nonsense"), "");
}

}  // namespace
}  // namespace bulwark::trust
