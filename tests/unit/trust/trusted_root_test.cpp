#include "trust/trusted_root.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json_text.h"
#include "support/certificates.h"
#include "support/support.h"

namespace bulwark::trust {
namespace {

using crypto::KeyType;
using testing::HasSubstr;

constexpr std::string_view kType = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";

Document text(std::string_view value) {
  return json_string(std::string(value));
}
Document base64(Bytes bytes) {
  return json_string(encode_base64(bytes));
}

const Document kSince2025 = json_map({{"start", text("2025-01-01T00:00:00Z")}});

Document log_json(Bytes key, std::string_view details, const Document& valid_for = kSince2025) {
  return json_map(
      {{"baseUrl", text("https://log.example")},
       {"publicKey",
        json_map({{"rawBytes", base64(key)}, {"keyDetails", text(details)}, {"validFor", valid_for}})},
       {"logId", json_map({{"keyId", base64(crypto::sha256_bytes(key))}})}});
}

Document authority_json(Bytes certificate, const Document& valid_for = kSince2025) {
  return json_map({{"uri", text("https://ca.example")},
                   {"certChain",
                    json_map({{"certificates", json_list({json_map({{"rawBytes", base64(certificate)}})})}})},
                   {"validFor", valid_for}});
}

Result<TrustedRoot> read(std::vector<Document::Entry> fields, std::string_view type = kType) {
  fields.emplace_back("mediaType", text(type));
  return read_trusted_root(pretty_json(json_map(std::move(fields))));
}

Result<TrustedRoot> read_log(Bytes key, std::string_view details, const Document& valid_for = kSince2025) {
  return read({{"tlogs", json_list({log_json(key, details, valid_for)})}});
}

TEST(TrustedRoot, KeysOfEveryKindVerifyWhatTheySigned) {
  const Bytes message = bytes_of("message");
  const std::vector<std::pair<KeyType, std::string>> kinds = {{KeyType::P256, "PKIX_ECDSA_P256_SHA_256"},
                                                              {KeyType::P384, "PKIX_ECDSA_P384_SHA_384"},
                                                              {KeyType::P521, "PKIX_ECDSA_P521_SHA_512"},
                                                              {KeyType::Ed25519, "PKIX_ED25519"},
                                                              {KeyType::Rsa, "PKIX_RSA_PKCS1V5"}};
  for (const auto& [type, details] : kinds) {
    const test::MadeKey key(type);
    const auto root = read_log(key.spki(), details);
    ASSERT_TRUE(root) << root.error().message;
    EXPECT_TRUE(root->logs.front().verify(message, key.sign(message))) << details;
    EXPECT_FALSE(root->logs.front().verify(bytes_of("other"), key.sign(message))) << details;
  }
}

TEST(TrustedRoot, BareRsaKeyIsRead) {
  const test::MadeKey key(KeyType::Rsa);
  const auto spki = key.spki();
  const std::vector<std::uint8_t> bare(spki.begin() + 24, spki.end());  // behind the header of 2,048 bits
  const auto root = read_log(bare, "PKCS1_RSA_PKCS1V5");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(*root->logs.front().key, key.public_key());
}

TEST(TrustedRoot, KeyOfUnknownKindIsKeptAndVerifiesNothing) {
  const auto root = read_log(bytes_of("whatever"), "ML_DSA_65");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_FALSE(root->logs.front().key);
  EXPECT_THAT(root->logs.front().verify({}, {}).error().message, HasSubstr("ML_DSA_65"));
}

TEST(TrustedRoot, KeyThatIsNotWhatItsDetailsSayIsRefused) {
  const auto spki = test::MadeKey(KeyType::P384).spki();
  EXPECT_THAT(read_log(spki, "PKIX_ECDSA_P256_SHA_256").error().message, HasSubstr("the key is p384"));
  EXPECT_FALSE(read_log(bytes_of("no key"), "PKIX_ED25519"));
}

TEST(TrustedRoot, ValidityNeedsItsStartAndIsClosed) {
  const auto spki = test::MadeKey().spki();
  const auto with = [&](const Document& valid_for) {
    return read_log(spki, "PKIX_ECDSA_P256_SHA_256", valid_for);
  };
  EXPECT_THAT(with(json_map()).error().message, HasSubstr("validFor.start is missing"));
  EXPECT_THAT(with(json_null()).error().message, HasSubstr("validFor"));
  EXPECT_FALSE(with(json_map({{"start", text("yesterday")}})));
  EXPECT_FALSE(
      with(json_map({{"start", text("2026-01-01T00:00:00Z")}, {"end", text("2025-01-01T00:00:00Z")}})));
  const auto root =
      with(json_map({{"start", text("2025-01-01T00:00:00Z")}, {"end", text("2025-12-31T23:59:59.999Z")}}));
  ASSERT_TRUE(root);
  const ValidFor& valid = root->logs.front().valid_for;
  using namespace std::chrono_literals;
  EXPECT_TRUE(valid.contains(valid.start) && valid.contains(*valid.end));
  EXPECT_FALSE(valid.contains(valid.start - 1ms) || valid.contains(*valid.end + 1ms));
  const auto der = test::issue(test::authority_wish("root"), nullptr).certificate;
  EXPECT_TRUE(read({{"certificateAuthorities", json_list({authority_json(der.der())})}}));
  EXPECT_FALSE(read({{"certificateAuthorities", json_list({authority_json(der.der(), json_map())})}}));
  EXPECT_FALSE(read({{"timestampAuthorities", json_list({authority_json(bytes_of("no certificate"))})}}));
}

TEST(TrustedRoot, OtherFilesAreRefused) {
  EXPECT_TRUE(read({}));
  EXPECT_TRUE(read({}, "application/vnd.dev.sigstore.trustedroot.v0.2+json"));
  EXPECT_EQ(read({}, "application/json").error().code, Code::Unsupported);
  EXPECT_FALSE(read_trusted_root(""));
  EXPECT_FALSE(read_trusted_root("[]"));
  EXPECT_FALSE(read_trusted_root(R"({"mediaType":"a","mediaType":"b"})"));
  EXPECT_FALSE(read({{"tlogs", text("none")}}));
  const auto spki = test::MadeKey().spki();
  std::vector<Document> many(100, log_json(spki, "PKIX_ECDSA_P256_SHA_256"));
  EXPECT_EQ(read({{"tlogs", json_list(std::move(many))}}).error().code, Code::LimitReached);
}

TEST(TrustedRoot, ProductionRootOfSigstore) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "../shared is absent";
  const auto root =
      read_trusted_root(test::read_file(shared + "/vectors/oms/trust/trusted_root.production.json"));
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->logs.size(), 2U);
  EXPECT_EQ(root->certificate_authorities.size(), 2U);
  EXPECT_EQ(root->certificate_logs.size(), 2U);
  EXPECT_EQ(root->timestamp_authorities.size(), 1U);
  for (const LogKey& log : root->logs) EXPECT_TRUE(log.key);
}

}  // namespace
}  // namespace bulwark::trust
