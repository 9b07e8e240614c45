#include "trust/bundle.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.h"
#include "support/support.h"
#include "trust/fields.h"

namespace bulwark::trust {
namespace {

constexpr std::string_view kKeyBundle = R"({
  "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
  "verificationMaterial": {"publicKey": {"hint": "abcd"}, "tlogEntries": []},
  "dsseEnvelope": {"payload": "aGVsbG8=", "payloadType": "text/plain", "signatures": [{"sig": "MDEw", "keyid": ""}]}
})";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string complaint(const std::string& json) {
  const auto read = read_bundle(json);
  return read ? std::string("accepted") : read.error().message;
}

TEST(Bundle, KeyBundleIsRead) {
  const auto bundle = read_bundle(kKeyBundle);
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->material.kind, MaterialKind::PublicKey);
  EXPECT_EQ(bundle->material.hint, "abcd");
  ASSERT_TRUE(bundle->envelope);
  EXPECT_EQ(text_of(bundle->envelope->payload), "hello");
  EXPECT_EQ(bundle->envelope->signatures.size(), 1U);
}

TEST(Bundle, KeyIdMayBeAbsentEmptyOrNull) {
  const std::string json(kKeyBundle);
  EXPECT_TRUE(read_bundle(replaced(json, R"(, "keyid": "")", "")));
  EXPECT_TRUE(read_bundle(replaced(json, R"("keyid": "")", R"("keyid": null)")));
  EXPECT_FALSE(read_bundle(replaced(json, R"("keyid": "")", R"("keyid": 7)")));
}

TEST(Bundle, ErrorsNameTheField) {
  const std::string json(kKeyBundle);
  EXPECT_EQ(complaint(""), "bundle: JSON text at offset 0: incomplete JSON");
  EXPECT_NE(complaint(replaced(json, "bundle.v0.3", "bundle.v9")).find("mediaType"), std::string::npos);
  EXPECT_NE(complaint(replaced(json, R"({"hint": "abcd"})", "[]")).find("verificationMaterial.publicKey"),
            std::string::npos);
  EXPECT_NE(complaint(replaced(json, "aGVsbG8=", "aGVsbG8")).find("accepted"), std::string::npos);
  EXPECT_NE(complaint(replaced(json, "aGVsbG8=", "aGV=sbG8")).find("dsseEnvelope.payload: not base64"),
            std::string::npos);
  EXPECT_NE(complaint(replaced(json, R"("sig": "MDEw")", R"("sig": "")")).find("sig is empty"),
            std::string::npos);
  EXPECT_NE(complaint(replaced(json, R"([{"sig": "MDEw", "keyid": ""}])", "[]")).find("signatures is empty"),
            std::string::npos);
}

TEST(Bundle, DuplicateAndUnknownFieldsAreRefused) {
  const std::string json(kKeyBundle);
  EXPECT_NE(
      complaint(replaced(json, R"("payload":)", R"("payload": "eA==", "payload":)")).find("comes twice"),
      std::string::npos);
  EXPECT_NE(complaint(replaced(json, R"("mediaType")", R"("extra": 1, "mediaType")")).find("'extra'"),
            std::string::npos);
  EXPECT_NE(complaint(replaced(json, R"("payloadType")", R"("paylaod": 1, "payloadType")")).find("'payload'"),
            std::string::npos);
}

TEST(Bundle, NeedsExactlyOneKindOfMaterialAndOneOfContent) {
  const std::string json(kKeyBundle);
  EXPECT_NE(complaint(replaced(json, R"("publicKey": {"hint": "abcd"},)", "")).find("exactly one"),
            std::string::npos);
  EXPECT_NE(complaint(replaced(json, R"("publicKey")", R"("certificate": {"rawBytes": "MDEw"}, "publicKey")"))
                .find("exactly one"),
            std::string::npos);
  EXPECT_NE(complaint(replaced(json, R"("dsseEnvelope")",
                               R"("messageSignature": {"signature": "MDEw"}, "dsseEnvelope")"))
                .find("exactly one"),
            std::string::npos);
}

TEST(Bundle, EmptyCertificateChainAndNegativeIndexAreRefused) {
  const std::string json(kKeyBundle);
  EXPECT_NE(complaint(replaced(json, R"("publicKey": {"hint": "abcd"})",
                               R"("x509CertificateChain": {"certificates": []})"))
                .find("certificates is empty"),
            std::string::npos);
  EXPECT_NE(complaint(replaced(json, R"("tlogEntries": [])",
                               R"("tlogEntries": [{"logIndex": "-1", "logId": {"keyId": "AA=="}}])"))
                .find("tlogEntries[0].logIndex"),
            std::string::npos);
}

TEST(Bundle, TooManyLogEntriesReachALimit) {
  std::string entries = "{}";
  for (int i = 0; i < 40; ++i) entries += ",{}";
  const auto read = read_bundle(
      replaced(std::string(kKeyBundle), R"("tlogEntries": [])", "\"tlogEntries\": [" + entries + "]"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::LimitReached);
}

TEST(Bundle, WhatIsWrittenIsReadBack) {
  Bundle bundle;
  bundle.material.kind = MaterialKind::CertificateChain;
  bundle.material.certificates = {{0x30, 1}, {0x30, 2}};
  bundle.material.timestamps = {{1, 2, 3}};
  LogEntry entry{
      .log_index = 7,
      .log_id = {1},
      .kind = "dsse",
      .version = "0.0.1",
      .integrated_time = 99,
      .canonicalized_body = {'{', '}'},
      .signed_entry_timestamp = Blob{5},
      .inclusion_proof = InclusionProof{
          .log_index = 3, .tree_size = 4, .root_hash = {8}, .hashes = {{9}, {10}}, .checkpoint = "c\n"}};
  bundle.material.log_entries = {entry};
  bundle.envelope = Envelope{.payload_type = "t", .payload = {0, 255}, .signatures = {{{1, 2}, "id"}}};
  const std::string json = write_bundle(bundle);
  const auto again = read_bundle(json);
  ASSERT_TRUE(again) << again.error().message << json;
  EXPECT_EQ(again->material.certificates, bundle.material.certificates);
  EXPECT_EQ(again->material.timestamps, bundle.material.timestamps);
  ASSERT_EQ(again->material.log_entries.size(), 1U);
  EXPECT_EQ(again->material.log_entries[0].inclusion_proof->hashes, entry.inclusion_proof->hashes);
  EXPECT_EQ(again->material.log_entries[0].inclusion_proof->checkpoint, "c\n");
  EXPECT_EQ(again->envelope->payload, bundle.envelope->payload);
  EXPECT_EQ(again->envelope->signatures[0].key_id, "id");
  EXPECT_EQ(write_bundle(*again), json);
}

TEST(StrictBase64, BothAlphabetsPaddedOrNotButNothingElse) {
  EXPECT_EQ(strict_base64("+/8="), strict_base64("-_8"));
  EXPECT_EQ(strict_base64(""), Blob());
  for (const char* bad : {"A", "AA=A", "=", "AAA==", "AA A", "AA\n", "AB==", "AAB=", "A*AA", "AAAA=", "AA="})
    EXPECT_FALSE(strict_base64(bad)) << bad;
}

// Every bundle of the conformance suite is read, but for those whose form is the defect.
TEST(Bundle, ConformanceBundlesAreRead) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "no ../shared";
  int count = 0;
  for (const auto& folder :
       std::filesystem::directory_iterator(shared + "/vectors/oms/sigstore-conformance/bundle-verify")) {
    const std::string path = folder.path().string() + "/bundle.sigstore.json";
    if (!std::filesystem::exists(path)) continue;
    ++count;
    const std::string name = folder.path().filename().string();
    const bool malformed = name.starts_with("bundle-malformed") || name.starts_with("bundle-negative") ||
                           name.starts_with("bundle-empty");
    EXPECT_EQ(complaint(test::read_file(path)) == "accepted", !malformed)
        << name << complaint(test::read_file(path));
  }
  EXPECT_GT(count, 40);
}

}  // namespace
}  // namespace bulwark::trust
