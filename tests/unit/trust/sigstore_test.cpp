#include "trust/sigstore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "support/sigstore.h"

namespace bulwark::trust {
namespace {

using crypto::KeyType;
using test::BundleWish;
using test::EntryForm;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view kArtifact = "the model";

const test::MadeSigstore& sigstore() {
  static const test::MadeSigstore made;
  return made;
}

const Identity kIdentity{.name = "https://example.org/workflow@main", .issuer = "https://issuer.example"};

Result<VerifiedBundle> verified(const Bundle& bundle, const TrustedRoot& root = sigstore().trusted_root(),
                                const Identity& identity = kIdentity, std::string_view artifact = kArtifact) {
  const SignedArtifact what = SignedArtifact::of_bytes(bytes_of(artifact));
  return verify_keyless(bundle, &what, identity, root);
}

std::string why(const Result<VerifiedBundle>& result) {
  return result ? "accepted" : result.error().message;
}

Bundle made(const BundleWish& wish = {}) {
  return sigstore().bundle(kArtifact, wish);
}

// What clients make, in every form.
const std::vector<BundleWish> kForms = {
    {},
    {.version = BundleVersion::V01},
    {.version = BundleVersion::V02},
    {.promise = false, .stamped = true},
    {.stamped = true},
    {.entry = EntryForm::HashedRecord2, .stamped = true},
    {.envelope = true, .entry = EntryForm::Dsse1},
    {.envelope = true, .entry = EntryForm::Dsse2, .stamped = true},
    {.envelope = true, .entry = EntryForm::InToto2, .version = BundleVersion::V02},
    {.envelope = true, .entry = EntryForm::HashedRecord2, .stamped = true},
    {.key = KeyType::P384, .envelope = true, .entry = EntryForm::Dsse1},
    {.key = KeyType::P521, .envelope = true, .entry = EntryForm::Dsse2, .stamped = true},
    {.key = KeyType::Ed25519, .envelope = true, .entry = EntryForm::Dsse1},
    {.key = KeyType::Rsa, .envelope = true, .entry = EntryForm::Dsse1},
    {.key = KeyType::P384},
    {.key = KeyType::Ed25519},
    {.key = KeyType::Rsa, .entry = EntryForm::HashedRecord2, .stamped = true},
};

TEST(Sigstore, EveryFormThatClientsMakeIsAccepted) {
  for (std::size_t i = 0; i < kForms.size(); ++i) {
    const Bundle bundle = made(kForms[i]);
    const auto result = verified(bundle);
    ASSERT_EQ(why(result), "accepted") << "form " << i;
    EXPECT_EQ(result->identity.name, kIdentity.name);
    EXPECT_EQ(result->times.size(),
              (kForms[i].stamped ? 1U : 0U) + (result->entries.front().promised ? 1U : 0U));
    EXPECT_EQ(result->times.front().time, kForms[i].time);
    EXPECT_TRUE(result->entries.front().included);
    EXPECT_EQ(result->payload.empty(), !kForms[i].envelope);
    EXPECT_TRUE(result->not_verified.empty());
    std::set<Step> steps;
    for (const VerifiedStep& step : result->steps) steps.insert(step.step);
    for (const Step step : {Step::Time, Step::Certificate, Step::CertificateLog, Step::Identity,
                            Step::LogEntry, Step::Inclusion, Step::Signature, Step::Artifact})
      EXPECT_TRUE(steps.contains(step)) << name_of(step);
    // The same artifact by its digest.
    const SignedArtifact digest = SignedArtifact::of_sha256(crypto::sha256_bytes(bytes_of(kArtifact)));
    const auto again = verify_keyless(bundle, &digest, kIdentity, sigstore().trusted_root());
    const bool needs_content =
        !kForms[i].envelope && (kForms[i].key == KeyType::P384 || kForms[i].key == KeyType::Ed25519);
    EXPECT_EQ(again.has_value(), !needs_content) << i << ": " << why(again);
    EXPECT_THAT(why(verified(bundle, sigstore().trusted_root(), kIdentity, "another model")),
                testing::AnyOf(StartsWith("artifact: "), StartsWith("log entry: ")));
  }
}

TEST(Sigstore, SubjectsOfAnEnvelopeMayBeLeftToTheCaller) {
  const Bundle bundle = made({.envelope = true, .entry = EntryForm::Dsse1});
  const auto result = verify_keyless(bundle, nullptr, kIdentity, sigstore().trusted_root());
  ASSERT_EQ(why(result), "accepted");
  EXPECT_EQ(result->payload, bundle.envelope->payload);
  EXPECT_THAT(result->not_verified, testing::ElementsAre(HasSubstr("subjects")));
  EXPECT_THAT(why(verify_keyless(made(), nullptr, kIdentity, sigstore().trusted_root())),
              StartsWith("bundle: a signature over an artifact"));
}

struct Attack {
  std::string name;
  BundleWish wish;
  std::function<void(Bundle&, TrustedRoot&)> change;
  std::string refusal;
};

LogEntry& entry(Bundle& bundle) {
  return bundle.material.log_entries.front();
}

// What an attacker, a broken client or a stale trusted root would bring; and the step that has to see it.
const std::vector<Attack> kAttacks = {
    // form
    {"no entry",
     {},
     [](Bundle& b, TrustedRoot&) { b.material.log_entries.clear(); },
     "trusted time: neither"},
    {"no entry, stamped",
     {.stamped = true},
     [](Bundle& b, TrustedRoot&) { b.material.log_entries.clear(); },
     "log entry: the bundle has no log entry"},
    {"entry twice",
     {},
     [](Bundle& b, TrustedRoot&) { b.material.log_entries.push_back(entry(b)); },
     "bundle: log entry 1002 comes twice"},
    {"timestamp twice",
     {.stamped = true},
     [](Bundle& b, TrustedRoot&) { b.material.timestamps.push_back(b.material.timestamps[0]); },
     "bundle: a timestamp comes twice"},
    {"0.1 without promise",
     {.version = BundleVersion::V01, .promise = false},
     {},
     "bundle: a bundle of version 0.1"},
    {"0.2 without proof",
     {.version = BundleVersion::V02},
     [](Bundle& b, TrustedRoot&) { entry(b).inclusion_proof.reset(); },
     "bundle: a log entry without inclusion"},
    {"0.3 without checkpoint",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).inclusion_proof->checkpoint.clear(); },
     "bundle: a log entry without inclusion"},
    {"chain in 0.3",
     {},
     [](Bundle& b, TrustedRoot&) { b.material.kind = MaterialKind::CertificateChain; },
     "bundle: a bundle of version 0.3"},
    {"root in the chain",
     {.version = BundleVersion::V02},
     [](Bundle& b, TrustedRoot&) {
       const Bytes root = sigstore().root.certificate.der();
       b.material.certificates.emplace_back(root.begin(), root.end());
     },
     "bundle: its certificates contain a self-signed one"},
    {"two signatures",
     {.envelope = true, .entry = EntryForm::Dsse1},
     [](Bundle& b, TrustedRoot&) { b.envelope->signatures.push_back(b.envelope->signatures[0]); },
     "bundle: the envelope has 2 signatures"},
    {"key instead of a certificate", {.managed = true}, {}, "bundle: it is signed with a key"},
    // time
    {"nothing says when", {.promise = false}, {}, "trusted time: neither"},
    {"version 2 without timestamp", {.entry = EntryForm::HashedRecord2}, {}, "trusted time: neither"},
    {"integrated time changed",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).integrated_time -= 1; },
     "trusted time: signed entry timestamp"},
    {"index changed",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).log_index += 1; },
     "trusted time: signed entry timestamp"},
    {"promise of another log",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).signed_entry_timestamp = test::MadeKey().sign(bytes_of("x")); },
     "trusted time: signed entry timestamp"},
    {"unknown log", {}, [](Bundle& b, TrustedRoot&) { entry(b).log_id[0] ^= 1; }, "trusted time: log "},
    {"log key not yet valid",
     {},
     [](Bundle&, TrustedRoot& r) { r.logs[0].valid_for.start = BundleWish().time + 1ms; },
     "trusted time: no key of the log is valid"},
    {"log key no longer valid",
     {},
     [](Bundle&, TrustedRoot& r) { r.logs[0].valid_for.end = BundleWish().time - 1ms; },
     "trusted time: no key of the log is valid"},
    {"log key of unknown kind",
     {},
     [](Bundle&, TrustedRoot& r) { r.logs[0].key.reset(); },
     "trusted time: signed entry timestamp: the key of"},
    {"timestamp of something else",
     {.stamped = true},
     [](Bundle& b, TrustedRoot&) {
       b.material.timestamps[0] = test::stamp(sigstore().stamper, bytes_of("x"), {.time = BundleWish().time});
     },
     "trusted time: timestamp: it was made over other bytes"},
    {"authority no longer trusted",
     {.stamped = true},
     [](Bundle&, TrustedRoot& r) { r.timestamp_authorities[0].valid_for.end = BundleWish().time - 1ms; },
     "trusted time: timestamp of 2026"},
    {"no authority for timestamps",
     {.stamped = true},
     [](Bundle&, TrustedRoot& r) { r.timestamp_authorities.clear(); },
     "trusted time: no time-stamping authority"},
    {"timestamp of a stranger",
     {.stamped = true},
     [](Bundle&, TrustedRoot& r) {
       const test::MadeSigstore other;
       r.timestamp_authorities = other.trusted_root().timestamp_authorities;
     },
     "trusted time: timestamp: its signature is not of this authority"},
    // certificate
    {"signed before the certificate",
     {.time = *instant_from("2025-12-31T23:59:59Z")},
     {},
     "certificate chain: "},
    {"signed after the certificate",
     {.time = *instant_from("2027-01-01T00:00:01Z")},
     {},
     "certificate chain: "},
    {"one of two times outside",
     {.stamped = true,
      .stamp_time = *instant_from("2026-12-31T00:00:00Z"),
      .leaf = {.not_after = *instant_from("2026-06-02T00:00:00Z")}},
     {},
     "certificate chain: "},
    {"another authority",
     {},
     [](Bundle&, TrustedRoot& r) {
       const test::MadeSigstore other;
       r.certificate_authorities = other.trusted_root().certificate_authorities;
     },
     "certificate chain: certificate chain of"},
    {"no authority",
     {},
     [](Bundle&, TrustedRoot& r) { r.certificate_authorities.clear(); },
     "certificate chain: no"},
    {"authority no longer trusted for certificates",
     {},
     [](Bundle&, TrustedRoot& r) { r.certificate_authorities[0].valid_for.end = BundleWish().time - 1ms; },
     "certificate chain: authority"},
    {"certificate for servers", {.leaf = {.extended_key_usage = "serverAuth"}}, {}, "certificate chain: "},
    {"certificate for key agreement",
     {.leaf = {.key_usage = "critical,keyAgreement"}},
     {},
     "certificate chain: "},
    {"certificate of an authority",
     {.leaf = {.basic_constraints = "critical,CA:TRUE"}},
     {},
     "bundle: the signer"},
    // certificate log
    {"certificate was not logged",
     {.logged_certificate = false},
     {},
     "certificate log: the certificate has no"},
    {"certificate log unknown",
     {},
     [](Bundle&, TrustedRoot& r) { r.certificate_logs.clear(); },
     "certificate log: no log"},
    {"certificate log has another key",
     {},
     [](Bundle&, TrustedRoot& r) { r.certificate_logs[0].key = test::MadeKey().public_key(); },
     "certificate log: the signature does not verify"},
    {"certificate log no longer trusted",
     {},
     [](Bundle&, TrustedRoot& r) { r.certificate_logs[0].valid_for.end = BundleWish().time - 1ms; },
     "certificate log: timestamp of"},
    // identity
    {"another identity", {.identity = "https://example.org/workflow@mainx"}, {}, "identity: signed by"},
    {"identity in another case",
     {.identity = "https://example.org/Workflow@main"},
     {},
     "identity: signed by"},
    {"identity as a host name",
     {.leaf = {.alternative_names = "DNS:https://example.org/workflow@main"}},
     {},
     "identity: signed by nobody"},
    {"another issuer", {.issuer = "https://issuer.example/"}, {}, "identity: signed in with"},
    {"no issuer", {.issuer = ""}, {}, "identity: the certificate does not say"},
    {"two issuers",
     {.leaf = {.extensions = {{"1.3.6.1.4.1.57264.1.1", {'h', 't', 't', 'p'}}}}},
     {},
     "identity: the certificate names two issuers"},
    // log entry
    {"entry of another signature",
     {},
     [](Bundle& b, TrustedRoot&) { b.material.log_entries = made().material.log_entries; },
     "log entry: "},
    {"entry of another signature, version 2",
     {.entry = EntryForm::HashedRecord2, .stamped = true},
     [](Bundle& b, TrustedRoot&) {
       b.material.log_entries = made({.entry = EntryForm::HashedRecord2}).material.log_entries;
     },
     "log entry: the entry is about another signature"},
    {"entry of another kind",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).kind = "dsse"; },
     "log entry: the entry is about another kind"},
    {"unknown kind",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).kind = "rpm"; },
     "log entry: an entry of kind 'rpm'"},
    {"unknown version",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).version = "0.0.3"; },
     "log entry: an entry of kind"},
    // inclusion
    {"another tree",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).inclusion_proof->hashes[0][0] ^= 1; },
     "inclusion: root of the tree"},
    {"another leaf",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).inclusion_proof->log_index = 3; },
     "inclusion: "},
    {"a hash too many",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).inclusion_proof->hashes.emplace_back(32, 0); },
     "inclusion: "},
    {"a hash too short",
     {},
     [](Bundle& b, TrustedRoot&) { entry(b).inclusion_proof->hashes[1].pop_back(); },
     "inclusion: a hash of the inclusion proof has 31 bytes"},
    {"checkpoint of another log",
     {},
     [](Bundle& b, TrustedRoot&) {
       entry(b).inclusion_proof->checkpoint =
           made({.entry = EntryForm::HashedRecord2}).material.log_entries[0].inclusion_proof->checkpoint;
     },
     "inclusion: the checkpoint has no signature"},
    {"checkpoint of another tree",
     {},
     [](Bundle& b, TrustedRoot&) {
       entry(b).inclusion_proof->checkpoint = made().material.log_entries[0].inclusion_proof->checkpoint;
     },
     "inclusion: the checkpoint's root"},
    {"checkpoint with another size",
     {},
     [](Bundle& b, TrustedRoot&) {
       std::string& text = entry(b).inclusion_proof->checkpoint;
       text.replace(text.find("\n4\n"), 3, "\n5\n");
     },
     "inclusion: the checkpoint's signature"},
    {"checkpoint without signature",
     {},
     [](Bundle& b, TrustedRoot&) {
       std::string& text = entry(b).inclusion_proof->checkpoint;
       text.resize(text.find("\u2014"));
     },
     "inclusion: "},
    {"checkpoint line under another name",
     {.entry = EntryForm::HashedRecord2, .stamped = true},
     [](Bundle& b, TrustedRoot&) {
       std::string& text = entry(b).inclusion_proof->checkpoint;
       text.replace(text.find("\u2014 log2026") + 4, 7, "log2027");
     },
     "inclusion: the checkpoint has no signature"},
    {"outer index of version 2",
     {.entry = EntryForm::HashedRecord2, .stamped = true},
     [](Bundle& b, TrustedRoot&) { entry(b).log_index = 3; },
     "inclusion: log index 3"},
    {"log key not valid at the timestamp",
     {.entry = EntryForm::HashedRecord2, .stamped = true},
     [](Bundle&, TrustedRoot& r) { r.logs[1].valid_for.end = BundleWish().time - 1ms; },
     "inclusion: the log's key"},
    // signature and artifact
    {"payload type changed",
     {.envelope = true, .entry = EntryForm::Dsse1},
     [](Bundle& b, TrustedRoot&) { b.envelope->payload_type = "text/plain"; },
     "signature: "},
    {"hint of another artifact",
     {},
     [](Bundle& b, TrustedRoot&) { b.message->digest[0] ^= 1; },
     "artifact: "},
    {"statement about something else",
     {.envelope = true, .entry = EntryForm::Dsse1, .payload = test::statement_about("another model")},
     {},
     "artifact: "},
    {"statement about nothing",
     {.envelope = true,
      .entry = EntryForm::Dsse1,
      .payload = R"({"_type":"https://in-toto.io/Statement/v1","subject":[]})"},
     {},
     "artifact: none of the"},
    {"statement of unknown type",
     {.envelope = true, .entry = EntryForm::Dsse1, .payload = R"({"_type":"x","subject":[]})"},
     {},
     "artifact: "},
    {"no statement", {.envelope = true, .entry = EntryForm::Dsse1, .payload = "text"}, {}, "artifact: "},
};

TEST(Sigstore, EveryAttackIsRefusedInTheStepThatIsThereForIt) {
  for (const Attack& attack : kAttacks) {
    Bundle bundle = made(attack.wish);
    TrustedRoot root = sigstore().trusted_root();
    if (attack.change) attack.change(bundle, root);
    EXPECT_THAT(why(verified(bundle, root)), StartsWith(attack.refusal)) << attack.name;
  }
}

TEST(Sigstore, IntervalsOfTheTrustedRootAreClosed) {
  const Instant time = BundleWish().time;
  for (const BundleWish& wish :
       {BundleWish{.stamped = true}, BundleWish{.entry = EntryForm::HashedRecord2, .stamped = true}}) {
    TrustedRoot root = sigstore().trusted_root();
    const ValidFor moment{.start = time, .end = time};
    for (LogKey& log : root.logs) log.valid_for = moment;
    for (LogKey& log : root.certificate_logs) log.valid_for = moment;
    for (Authority& authority : root.certificate_authorities) authority.valid_for = moment;
    for (Authority& authority : root.timestamp_authorities) authority.valid_for = moment;
    EXPECT_EQ(why(verified(made(wish), root)), "accepted");
  }
}

TEST(Sigstore, BothIdentityAndIssuerMustBeGiven) {
  const TrustedRoot root = sigstore().trusted_root();
  EXPECT_THAT(why(verified(made(), root, {.name = "", .issuer = kIdentity.issuer})),
              StartsWith("identity: both"));
  EXPECT_THAT(why(verified(made(), root, {.name = kIdentity.name, .issuer = ""})),
              StartsWith("identity: both"));
}

TEST(Sigstore, IdentityMayBeAnAddressOrANameOfFulcio) {
  const TrustedRoot root = sigstore().trusted_root();
  const Identity who{.name = "who@example.org", .issuer = kIdentity.issuer};
  EXPECT_EQ(why(verified(made({.leaf = {.alternative_names = "critical,email:who@example.org"}}), root, who)),
            "accepted");
  const Bundle named =
      made({.leaf = {.alternative_names = "critical,otherName:1.3.6.1.4.1.57264.1.7;UTF8:who@example.org"}});
  EXPECT_EQ(why(verified(named, root, who)), "accepted");
}

TEST(Sigstore, OldExtensionNamesTheIssuerWhereTheNewOneIsAbsent) {
  const std::string issuer = kIdentity.issuer;
  const BundleWish wish{.issuer = "",
                        .leaf = {.extensions = {{"1.3.6.1.4.1.57264.1.1", {issuer.begin(), issuer.end()}}}}};
  EXPECT_EQ(why(verified(made(wish))), "accepted");
}

TEST(Sigstore, EntriesOfVersionOneMayComeWithThePromiseAlone) {
  Bundle bundle = made({.version = BundleVersion::V01});
  entry(bundle).inclusion_proof->checkpoint.clear();
  auto result = verified(bundle);
  ASSERT_EQ(why(result), "accepted");
  EXPECT_THAT(result->not_verified, testing::ElementsAre(HasSubstr("no checkpoint")));
  EXPECT_FALSE(result->entries.front().included);
  entry(bundle).inclusion_proof->hashes[0][0] ^= 1;
  EXPECT_THAT(why(verified(bundle)), StartsWith("inclusion: "));
  entry(bundle).inclusion_proof.reset();
  EXPECT_EQ(why(verified(bundle)), "accepted");
}

TEST(Sigstore, CheckpointMayHaveOtherSignaturesAroundTheLogs) {
  Bundle bundle = made({.entry = EntryForm::HashedRecord2, .stamped = true});
  std::string& text = entry(bundle).inclusion_proof->checkpoint;
  const std::string stranger = "\u2014 witness.example AAAAAGFueXRoaW5nIGF0IGFsbCwgaGVyZQ==\n";
  text.insert(text.find("\u2014"), stranger);
  text += stranger;
  EXPECT_EQ(why(verified(bundle)), "accepted");
}

TEST(Sigstore, ManagedKeyVerifiesWithAndWithoutTrustedRoot) {
  const TrustedRoot root = sigstore().trusted_root();
  const SignedArtifact what = SignedArtifact::of_bytes(bytes_of(kArtifact));
  for (const KeyType type : {KeyType::P256, KeyType::P384, KeyType::Ed25519, KeyType::Rsa})
    for (const bool envelope : {false, true}) {
      const Bundle bundle = made({.key = type,
                                  .managed = true,
                                  .envelope = envelope,
                                  .entry = envelope ? EntryForm::Dsse1 : EntryForm::HashedRecord1});
      const crypto::PublicKey key = sigstore().last_key();
      const auto full = verify_with_key(bundle, &what, key, &root);
      ASSERT_EQ(why(full), "accepted");
      EXPECT_TRUE(full->not_verified.empty());
      const auto bare = verify_with_key(bundle, &what, key, nullptr);
      ASSERT_EQ(why(bare), "accepted");
      EXPECT_THAT(bare->not_verified, testing::ElementsAre(HasSubstr("no trusted root")));
      const crypto::PublicKey other = test::MadeKey(type).public_key();
      EXPECT_THAT(why(verify_with_key(bundle, &what, other, &root)), StartsWith("log entry: "));
      EXPECT_THAT(why(verify_with_key(bundle, &what, other, nullptr)), StartsWith("signature: "));
    }
  const Bundle keyless = made();
  EXPECT_THAT(why(verify_with_key(keyless, &what, sigstore().last_key(), &root)), StartsWith("bundle: "));
}

// Any byte of the bundle's text may change: it is refused, or what was verified is the same as before.
TEST(Sigstore, ChangedBytesNeverChangeWhatWasVerified) {
  for (const BundleWish& wish : {BundleWish{.stamped = true},
                                 BundleWish{.envelope = true, .entry = EntryForm::Dsse2, .stamped = true}}) {
    const Bundle bundle = made(wish);
    const std::string good = write_bundle(bundle);
    const auto first = verified(bundle);
    ASSERT_EQ(why(first), "accepted");
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < good.size(); i += 17) {
      std::string changed = good;
      changed[i] = static_cast<char>(changed[i] ^ (1 << (i / 17 % 3)));
      if (changed[i] == good[i]) continue;
      const auto read = read_bundle(changed);
      if (!read) continue;
      const auto result = verified(*read);
      if (!result) continue;
      ++accepted;
      EXPECT_EQ(result->identity.name, first->identity.name) << i;
      EXPECT_EQ(result->payload, first->payload) << i;
      EXPECT_EQ(result->certificate->fingerprint(), first->certificate->fingerprint()) << i;
      EXPECT_EQ(result->times.size(), first->times.size()) << i;
      EXPECT_EQ(result->times.front().time, first->times.front().time) << i;
      EXPECT_EQ(result->entries.front().index, first->entries.front().index) << i;
      EXPECT_EQ(result->entries.front().promised, first->entries.front().promised) << i;
    }
    // Blanks and what a timestamp carries beside its signed part.
    EXPECT_LT(accepted, good.size() / 10);
  }
}

}  // namespace
}  // namespace bulwark::trust
