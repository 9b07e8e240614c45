// The cases of the public conformance suite of Sigstore that we have. A case that must fail has to fail in
// the step that it was made for: one that is refused for another reason proves nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/text.h"
#include "support/support.h"
#include "trust/sigstore.h"

namespace bulwark::trust {
namespace {

struct Case {
  std::string name;
  bool passes = false;
  std::string trusted_root;
  std::string key;
  std::string artifact;
  Identity identity;
};

// What the refusal begins with: the step, or where reading ended.
const std::map<std::string, std::string, std::less<>> kRefusals = {
    {"bundle-empty-certificate-chain_fail",
     "verificationMaterial.x509CertificateChain.certificates is empty"},
    {"bundle-from-wrong-instance_fail", "trusted time: log d32f30a3"},
    {"bundle-malformed-json_fail", "bundle: JSON text at offset 4753"},
    {"bundle-negative-log-index_fail",
     "verificationMaterial.tlogEntries[0].logIndex: expected a number that is not negative"},
    {"bundle-with-root-cert_fail", "bundle: its certificates contain a self-signed one"},
    {"checkpoint-wrong-roothash_fail",
     "inclusion: the checkpoint is for 75610772 entries, the proof for 23083062"},
    {"dsse-invalid-sig_fail", "log entry: the entry is about another signature"},
    {"dsse-mismatch-sig_fail", "log entry: the entry is about another signature"},
    {"inclusion-proof-corrupted-hash_fail", "inclusion: root of the tree does not match"},
    {"incorrect-public-key_fail", "trusted time: signed entry timestamp: the signature does not verify"},
    {"intoto-expired-certificate_fail", "certificate chain: certificate serial 11182004 is valid 2030-01-01"},
    {"intoto-log-entry-mismatch_fail", "log entry: the entry is about another signature"},
    {"intoto-set-outside-signing-cert-validity_fail",
     "certificate chain: certificate serial 11182004 is valid 2023-02-01"},
    {"intoto-tsa-timestamp-outside-cert-validity_fail",
     "certificate chain: certificate serial 11182004 is valid 2023-02-01"},
    {"invalid-checkpoint-signature_fail", "inclusion: the checkpoint's signature by 'rekor.sigstore.dev'"},
    {"invalid-ct-key_fail", "certificate log: no log of the trusted root; log dd3d306a"},
    {"managed-key-wrong-key_fail", "public key: no SubjectPublicKeyInfo in DER"},
    {"message-digest-mismatch_fail", "artifact: the bundle is for sha256 a1cfc712"},
    {"rekor2-checkpoint-missing-log-signature_fail", "inclusion: not a signed note"},
    {"rekor2-checkpoint-missing-origin_fail", "inclusion: not a checkpoint"},
    {"rekor2-checkpoint-missing-size_fail", "inclusion: not a checkpoint"},
    {"rekor2-dsse-invalid-sig_fail", "log entry: the entry is about another signature"},
    {"rekor2-dsse-mismatch-sig_fail", "log entry: the entry is about another signature"},
    {"rekor2-no-timestamp_fail", "trusted time: neither a timestamp nor a log's promise"},
    {"rekor2-timestamp-outside-trust-root-tsa-validity_fail",
     "trusted time: timestamp of 2025-06-12T12:02:20Z: authority"},
    {"rekor2-timestamp-payload-mismatch_fail", "trusted time: timestamp: it was made over other bytes"},
    {"rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail",
     "trusted time: timestamp: its signature is not of this authority"},
    {"set-invalid-signature_fail", "trusted time: signed entry timestamp: the signature does not verify"},
    {"trust-root-tlog-missing-validity-start_fail", "tlogs[1].publicKey.validFor.start is missing"},
    {"wrong-hashedrekord-artifact_fail", "log entry: the entry is about another artifact"},
    {"wrong-hashedrekord-cert-and-sig_fail", "log entry: the entry is about another signature"},
    {"wrong-material_fail", "log entry: the entry is about another artifact"},
};

std::string folder() {
  return test::shared_folder() + "/vectors/oms/";
}

std::vector<Case> cases() {
  std::vector<Case> all;
  if (test::shared_folder().empty()) return all;
  const std::string manifest = test::read_file(folder() + "sigstore-conformance/MANIFEST.tsv");
  for (const std::string_view line : split(manifest, '\n')) {
    const auto cells = split(line, '\t');
    if (cells.size() < 7 || cells[0] == "case") continue;
    all.push_back({.name = std::string(cells[0]),
                   .passes = cells[1] == "pass",
                   .trusted_root = std::string(cells[2]),
                   .key = std::string(cells[3]),
                   .artifact = std::string(cells[4]),
                   .identity = {.name = std::string(cells[5]), .issuer = std::string(cells[6])}});
  }
  return all;
}

Result<VerifiedBundle> verified(const Case& one, bool by_digest) {
  const std::string place = folder() + "sigstore-conformance/bundle-verify/" + one.name + "/";
  const std::string content =
      test::read_file(one.artifact == "own" ? place + "artifact" : folder() + "sigstore-conformance/a.txt");
  const SignedArtifact artifact = by_digest
                                      ? SignedArtifact::of_sha256(crypto::sha256_bytes(bytes_of(content)))
                                      : SignedArtifact::of_bytes(bytes_of(content));
  const Bundle bundle = TRY(read_bundle(test::read_file(place + "bundle.sigstore.json")));
  const TrustedRoot root = TRY(read_trusted_root(
      test::read_file(one.trusted_root == "own" ? place + "trusted_root.json"
                                                : folder() + "trust/trusted_root.production.json")));
  if (one.key == "keyless") return verify_keyless(bundle, &artifact, one.identity, root);
  const crypto::PublicKey key = TRY(crypto::PublicKey::from_pem(test::read_file(place + one.key)));
  return verify_with_key(bundle, &artifact, key, &root);
}

TEST(SigstoreConformance, EveryCaseEndsAsExpectedAndForTheRightReason) {
  const std::vector<Case> all = cases();
  if (all.empty()) GTEST_SKIP() << "../shared is absent";
  for (const bool by_digest : {false, true})
    for (const Case& one : all) {
      const auto result = verified(one, by_digest);
      EXPECT_EQ(result.has_value(), one.passes)
          << one.name << ": " << (result ? "accepted" : result.error().message);
      if (result) continue;
      const auto expected = kRefusals.find(one.name);
      ASSERT_NE(expected, kRefusals.end()) << one.name << ": " << result.error().message;
      EXPECT_THAT(result.error().message, testing::StartsWith(expected->second)) << one.name;
    }
}

// The models that the reference implementation signed with identities. What the statement says about their
// files is checked by trust/model_signature.h.
TEST(SigstoreConformance, SignedModelsOfTheReference) {
  if (test::shared_folder().empty()) GTEST_SKIP() << "../shared is absent";
  const TrustedRoot root =
      read_trusted_root(test::read_file(folder() + "trust/trusted_root.production.json")).value();
  const Identity identity{.name = "stefanb@us.ibm.com", .issuer = "https://sigstore.verify.ibm.com/oauth2"};
  for (const std::string name : {"v0.3.1", "v1.0.0", "v1.0.1", "v1.1.0"}) {
    const auto bundle =
        read_bundle(test::read_file(folder() + "model-transparency/" + name + "-sigstore/model.sig"));
    ASSERT_TRUE(bundle) << name;
    const auto result = verify_keyless(*bundle, nullptr, identity, root);
    ASSERT_TRUE(result) << name << ": " << result.error().message;
    EXPECT_TRUE(result->entries.front().included && result->entries.front().promised) << name;
    EXPECT_EQ(result->payload_type, "application/vnd.in-toto+json");
    EXPECT_FALSE(
        verify_keyless(*bundle, nullptr, {.name = "stefanb@us.ibm.co", .issuer = identity.issuer}, root));
  }
}

}  // namespace
}  // namespace bulwark::trust
