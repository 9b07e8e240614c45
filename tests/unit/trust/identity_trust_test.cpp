#include "trust/identity_trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sigstore.h"
#include "trust/rules.h"

namespace bulwark::trust {
namespace {

using test::BundleWish;
using test::EntryForm;

const Identity kWho{.name = BundleWish().identity, .issuer = BundleWish().issuer};

const Rule* refused_by(const Bundle& bundle, const Identity& identity, const TrustedRoot& root) {
  Verification out("model");
  const auto key = IdentityTrust(identity, root).key_of(bundle, out);
  return key ? nullptr : key.error().rule;
}

TEST(IdentityTrust, ChecklistNamesWhatWasProvedAndTheKeyIsTheCertificates) {
  const test::MadeSigstore sigstore;
  const Bundle bundle =
      sigstore.bundle("model", {.envelope = true, .entry = EntryForm::Dsse1, .stamped = true});
  Verification out("model");
  const auto key = IdentityTrust(kWho, sigstore.trusted_root()).key_of(bundle, out);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(*key, sigstore.last_key());
  std::vector<std::string> lines;
  for (const Check& check : out.checks()) {
    lines.emplace_back(check.id);
    EXPECT_EQ(check.outcome, Outcome::Passed);
  }
  for (const std::string line :
       {"time", "certificate-chain", "certificate-log", "identity", "transparency-log", "signer-key"})
    EXPECT_THAT(lines, testing::Contains(line));
}

TEST(IdentityTrust, EveryRefusalHasTheRuleOfItsStep) {
  const test::MadeSigstore sigstore;
  const TrustedRoot root = sigstore.trusted_root();
  const BundleWish wish{.envelope = true, .entry = EntryForm::Dsse1};
  const Bundle good = sigstore.bundle("model", wish);
  EXPECT_EQ(refused_by(good, kWho, root), nullptr);
  EXPECT_EQ(refused_by(good, {.name = "somebody", .issuer = kWho.issuer}, root), &kSignerUnexpected);
  EXPECT_EQ(refused_by(good, {.name = "", .issuer = ""}, root), &kSignerUnexpected);
  Bundle bundle = good;
  bundle.material.log_entries.clear();
  EXPECT_EQ(refused_by(bundle, kWho, root), &kEvidenceMissing);
  bundle = good;
  bundle.material.log_entries.front().inclusion_proof.reset();
  EXPECT_EQ(refused_by(bundle, kWho, root), &kBundleMalformed);
  bundle = good;
  bundle.envelope->payload_type = "text/plain";
  EXPECT_EQ(refused_by(bundle, kWho, root), &kSignatureWrong);
  TrustedRoot other = root;
  other.certificate_authorities.clear();
  EXPECT_EQ(refused_by(good, kWho, other), &kCertificateUntrusted);
  BundleWish managed = wish;
  managed.managed = true;
  EXPECT_EQ(refused_by(sigstore.bundle("model", managed), kWho, root), &kSignerUnexpected);
}

}  // namespace
}  // namespace bulwark::trust
