#include "crypto/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/certificates.h"
#include "support/support.h"

namespace bulwark::crypto {
namespace {

using test::authority_wish;
using test::Issued;
using test::Wish;
using testing::HasSubstr;
using namespace std::chrono_literals;

const Instant kDuring = *instant_from("2026-06-01T00:00:00Z");

Wish signer_wish() {
  Wish wish;
  wish.key_usage = "critical,digitalSignature";
  wish.extended_key_usage = "codeSigning";
  return wish;
}

// root -> intermediate -> leaf
struct Chain {
  Issued root = test::issue(authority_wish("root"), nullptr);
  Issued middle = test::issue(authority_wish("middle"), &root);
  Issued leaf = test::issue(signer_wish(), &middle);

  [[nodiscard]] Result<std::vector<Certificate>> verified(const Certificate& one, Instant time = kDuring,
                                                          Purpose purpose = Purpose::CodeSigning) const {
    const std::vector<Certificate> intermediates{middle.certificate};
    const std::vector<Certificate> roots{root.certificate};
    return one.verified_chain(
        {.intermediates = intermediates, .roots = roots, .time = time, .purpose = purpose});
  }
};

std::string why(const Result<std::vector<Certificate>>& result) {
  return result ? "accepted" : result.error().message;
}

TEST(Certificate, SaysWhatIsInIt) {
  Wish wish = signer_wish();
  wish.common_name = "Signer";
  wish.alternative_names =
      "critical,email:who@example.org,URI:https://example.org/w,DNS:host.example.org,"
      "otherName:1.3.6.1.4.1.57264.1.7;UTF8:name of a service,IP:127.0.0.1";
  wish.extensions = {{"1.3.6.1.4.1.57264.1.8", test::der(0x0c, bytes_of("https://issuer.example"))}};
  const Certificate certificate = test::issue(wish, nullptr).certificate;
  EXPECT_EQ(certificate.subject(), "CN = Signer");
  EXPECT_EQ(certificate.issuer(), "CN = Signer");
  EXPECT_EQ(certificate.not_before(), wish.not_before);
  EXPECT_EQ(certificate.not_after(), wish.not_after);
  EXPECT_TRUE(certificate.may_sign());
  EXPECT_TRUE(certificate.lists(Purpose::CodeSigning));
  EXPECT_FALSE(certificate.allows(Purpose::TimeStamping));
  EXPECT_FALSE(certificate.is_authority());
  EXPECT_TRUE(certificate.self_signed());
  using Kind = AlternativeName::Kind;
  EXPECT_THAT(certificate.alternative_names().value(),
              testing::ElementsAre(AlternativeName{Kind::Email, "who@example.org"},
                                   AlternativeName{Kind::Uri, "https://example.org/w"},
                                   AlternativeName{Kind::Dns, "host.example.org"},
                                   AlternativeName{Kind::Other, "name of a service"}));
  const auto extension = certificate.extension("1.3.6.1.4.1.57264.1.8");
  ASSERT_TRUE(extension && *extension);
  EXPECT_FALSE((*extension)->critical);
  EXPECT_EQ(text_from_der((*extension)->value), "https://issuer.example");
  EXPECT_FALSE(certificate.extension("1.2.3.4").value());
  EXPECT_EQ(certificate.public_key()->type(), KeyType::P256);
}

TEST(Certificate, PemHoldsOneOrMoreAndNothingElse) {
  const Chain chain;
  const std::string pem = chain.leaf.certificate.pem() + "\n# middle\n" + chain.middle.certificate.pem();
  const auto read = Certificate::from_pem(pem);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_TRUE(std::ranges::equal(read->front().der(), chain.leaf.certificate.der()));
  EXPECT_FALSE(Certificate::from_pem(""));
  EXPECT_FALSE(Certificate::from_pem("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"));
  EXPECT_FALSE(Certificate::from_pem(pem.substr(0, pem.size() - 30)));
  EXPECT_FALSE(Certificate::from_pem(pem + "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"));
  std::string many;
  for (std::size_t i = 0; i <= CertificateLimits::kCertificates; ++i) many += chain.leaf.certificate.pem();
  EXPECT_EQ(Certificate::from_pem(many).error().code, Code::LimitReached);
}

TEST(Certificate, DerCutOrContinuedIsRefused) {
  const Certificate certificate = test::issue(signer_wish(), nullptr).certificate;
  std::vector<std::uint8_t> bytes(certificate.der().begin(), certificate.der().end());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(Certificate::from_der(Bytes(bytes).first(size))) << size;
  bytes.push_back(0);
  EXPECT_THAT(Certificate::from_der(bytes).error().message, HasSubstr("1 bytes behind its end"));
  EXPECT_EQ(Certificate::from_der(std::vector<std::uint8_t>(CertificateLimits::kBytes + 1)).error().code,
            Code::LimitReached);
}

TEST(Certificate, ChainIsVerifiedAtTheGivenTimeAndItsEndsBelongToIt) {
  const Chain chain;
  EXPECT_EQ(why(chain.verified(chain.leaf.certificate)), "accepted");
  EXPECT_EQ(chain.verified(chain.leaf.certificate)->size(), 3U);
  EXPECT_EQ(why(chain.verified(chain.leaf.certificate, chain.leaf.certificate.not_before())), "accepted");
  EXPECT_EQ(why(chain.verified(chain.leaf.certificate, chain.leaf.certificate.not_after())), "accepted");
  const auto before = chain.verified(chain.leaf.certificate, chain.leaf.certificate.not_before() - 1ms);
  EXPECT_THAT(why(before), HasSubstr("not at 2025-12-31T23:59:59.999Z"));
  EXPECT_EQ(before.error().code, Code::Denied);
  EXPECT_THAT(why(chain.verified(chain.leaf.certificate, chain.leaf.certificate.not_after() + 1ms)),
              HasSubstr("not at"));
}

TEST(Certificate, AuthorityOutsideItsValidityIsNotUsed) {
  Chain chain;
  Wish expired = authority_wish("middle");
  expired.not_after = kDuring - 1s;
  chain.middle = test::issue(expired, &chain.root);
  chain.leaf = test::issue(signer_wish(), &chain.middle);
  EXPECT_THAT(why(chain.verified(chain.leaf.certificate)), HasSubstr("not valid at 2026-06-01T00:00:00Z"));
  EXPECT_EQ(why(chain.verified(chain.leaf.certificate, kDuring - 1s)), "accepted");
}

TEST(Certificate, ChainNeedsARootThatWasNamed) {
  const Chain chain;
  const Chain other;
  const std::vector<Certificate> all{chain.middle.certificate, chain.root.certificate};
  const std::vector<Certificate> others{other.root.certificate};
  const auto elsewhere =
      chain.leaf.certificate.verified_chain({.intermediates = all, .roots = others, .time = kDuring});
  EXPECT_EQ(elsewhere.error().code, Code::Denied);
  EXPECT_THAT(why(chain.leaf.certificate.verified_chain({.intermediates = all, .time = kDuring})),
              HasSubstr("there are no default ones"));
  // The root has the same name and another key: the signature decides.
  const std::vector<Certificate> middle{chain.middle.certificate};
  EXPECT_FALSE(
      chain.leaf.certificate.verified_chain({.intermediates = middle, .roots = others, .time = kDuring}));
  // An intermediate that was named is a root.
  EXPECT_TRUE(chain.leaf.certificate.verified_chain({.roots = middle, .time = kDuring}));
}

TEST(Certificate, LeafThatSharesItsNameWithItsIssuerIsNotSelfSigned) {
  Chain chain;
  Wish wish = signer_wish();
  wish.common_name = "middle";
  const Issued leaf = test::issue(wish, &chain.middle);
  EXPECT_EQ(leaf.certificate.subject(), leaf.certificate.issuer());
  EXPECT_FALSE(leaf.certificate.self_signed());
  EXPECT_EQ(why(chain.verified(leaf.certificate)), "accepted");
}

TEST(Certificate, WhoMayNotIssueIsNotInAChain) {
  const Chain chain;
  // The leaf signs a certificate of its own.
  const Issued forged = test::issue(signer_wish(), &chain.leaf);
  const std::vector<Certificate> intermediates{chain.leaf.certificate, chain.middle.certificate};
  const std::vector<Certificate> roots{chain.root.certificate};
  EXPECT_FALSE(
      forged.certificate.verified_chain({.intermediates = intermediates, .roots = roots, .time = kDuring}));
  // An authority that may have no authorities below it.
  Wish last = authority_wish("last");
  last.basic_constraints = "critical,CA:TRUE,pathlen:0";
  const Issued limited = test::issue(last, &chain.root);
  const Issued below = test::issue(authority_wish("below"), &limited);
  const Issued leaf = test::issue(signer_wish(), &below);
  const std::vector<Certificate> path{limited.certificate, below.certificate};
  EXPECT_THAT(why(leaf.certificate.verified_chain({.intermediates = path, .roots = roots, .time = kDuring})),
              HasSubstr("path length"));
}

TEST(Certificate, PurposeIsAskedOfTheLeafAndOfWhoRestrictsIt) {
  Chain chain;
  Wish wish = signer_wish();
  wish.extended_key_usage = "serverAuth";
  EXPECT_THAT(why(chain.verified(test::issue(wish, &chain.middle).certificate)),
              HasSubstr("not for code signing"));
  wish.extended_key_usage = "";
  EXPECT_THAT(why(chain.verified(test::issue(wish, &chain.middle).certificate)),
              HasSubstr("not for code signing"));
  EXPECT_EQ(why(chain.verified(test::issue(wish, &chain.middle).certificate, kDuring, Purpose::Any)),
            "accepted");
  wish = signer_wish();
  wish.key_usage = "critical,keyAgreement";
  EXPECT_THAT(why(chain.verified(test::issue(wish, &chain.middle).certificate)),
              HasSubstr("digitalSignature"));
  Wish stamping = authority_wish("middle");
  stamping.extended_key_usage = "timeStamping";
  chain.middle = test::issue(stamping, &chain.root);
  EXPECT_THAT(why(chain.verified(test::issue(signer_wish(), &chain.middle).certificate)),
              HasSubstr("may not issue"));
}

TEST(Certificate, UnknownCriticalExtensionIsRefused) {
  const Chain chain;
  Wish wish = signer_wish();
  wish.extensions = {{"1.2.3.4.5", {0x05, 0x00}}};
  EXPECT_EQ(why(chain.verified(test::issue(wish, &chain.middle).certificate)), "accepted");
  wish.critical_extensions.swap(wish.extensions);
  EXPECT_THAT(why(chain.verified(test::issue(wish, &chain.middle).certificate)),
              HasSubstr("critical extension"));
}

TEST(Certificate, LeafMayHaveAnyKindOfKeyThatWeKnow) {
  const Chain chain;
  for (const KeyType type : {KeyType::P256, KeyType::P384, KeyType::P521, KeyType::Ed25519, KeyType::Rsa}) {
    const Issued leaf = test::issue(signer_wish(), &chain.middle, type);
    EXPECT_EQ(why(chain.verified(leaf.certificate)), "accepted") << name_of(type);
    EXPECT_EQ(leaf.certificate.public_key()->type(), type);
  }
}

TEST(Certificate, ChangedBytesAreNeverAccepted) {
  const Chain chain;
  const Bytes der = chain.leaf.certificate.der();
  for (std::size_t i = 0; i < der.size(); ++i) {
    std::vector<std::uint8_t> changed(der.begin(), der.end());
    changed[i] ^= 0x01;
    const auto read = Certificate::from_der(changed);
    if (!read) continue;
    EXPECT_FALSE(chain.verified(*read)) << "byte " << i;
  }
}

TEST(Certificate, SignedPartWithoutAnExtensionIsWhatItWasBefore) {
  const Chain chain;
  std::vector<std::uint8_t> before;
  const Issued leaf = test::issue(signer_wish(), &chain.middle, KeyType::P256, [&](Bytes part) {
    before.assign(part.begin(), part.end());
    return std::vector<std::uint8_t>{0x04, 0x00};
  });
  EXPECT_EQ(leaf.certificate.signed_part_without("1.3.6.1.4.1.11129.2.4.2"), before);
  EXPECT_EQ(chain.leaf.certificate.signed_part_without("1.3.6.1.4.1.11129.2.4.2").error().code,
            Code::NotFound);
}

TEST(Certificate, TextFromDerIsOneTextAndNothingMore) {
  EXPECT_EQ(text_from_der(test::der(0x0c, bytes_of("https://a"))), "https://a");
  for (const auto& wrong : std::vector<std::vector<std::uint8_t>>{{},
                                                                  {0x0c, 0x05, 'a'},
                                                                  {0x0c, 0x01, 'a', 'b'},
                                                                  {0x04, 0x01, 'a'},
                                                                  {0x0c, 0x01, 0xff},
                                                                  {0x05, 0x00}})
    EXPECT_FALSE(text_from_der(wrong));
}

TEST(Certificate, ReferenceCertificatesOfModelSigning) {
  const std::string shared = test::shared_folder();
  if (shared.empty()) GTEST_SKIP() << "../shared is absent";
  const std::string keys = shared + "/vectors/oms/keys/";
  const auto root = Certificate::from_pem(test::read_file(keys + "ca-cert.pem"));
  const auto middle = Certificate::from_pem(test::read_file(keys + "int-ca-cert.pem"));
  const auto leaf = Certificate::from_pem(test::read_file(keys + "signing-key-cert.pem"));
  ASSERT_TRUE(root && middle && leaf);
  const Certificate& signer = leaf->front();
  EXPECT_EQ(signer.subject(), signer.issuer());
  EXPECT_FALSE(signer.self_signed());
  const auto chain = signer.verified_chain({.intermediates = *middle, .roots = *root, .time = kDuring});
  EXPECT_EQ(why(chain), "accepted");
}

}  // namespace
}  // namespace bulwark::crypto
