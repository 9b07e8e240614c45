#include "trust/sigstore.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "crypto/certificate_log.h"
#include "crypto/timestamp.h"
#include "trust/dsse.h"
#include "trust/sigstore_log.h"

namespace bulwark::trust {
namespace {

using crypto::Certificate;
using crypto::HashAlgorithm;
using crypto::KeyType;
using crypto::Padding;

constexpr std::string_view kIssuer = "1.3.6.1.4.1.57264.1.8";     // DER UTF8String
constexpr std::string_view kOldIssuer = "1.3.6.1.4.1.57264.1.1";  // the text itself

constexpr auto kStepNames = std::to_array<std::pair<Step, std::string_view>>({
    {Step::Bundle, "bundle"},
    {Step::Time, "trusted time"},
    {Step::Certificate, "certificate chain"},
    {Step::CertificateLog, "certificate log"},
    {Step::Identity, "identity"},
    {Step::LogEntry, "log entry"},
    {Step::Inclusion, "inclusion"},
    {Step::Signature, "signature"},
    {Step::Artifact, "artifact"},
});

using Verified = std::expected<VerifiedBundle, Refusal>;

std::string quoted(std::string_view text) {
  return "'" + printable(text) + "'";
}

// One verification: what is to be verified, and what came out so far. Each step either adds to `verified` or
// ends with an error.
class Verification {
 public:
  Verification(const Bundle& bundle, const SignedArtifact* artifact, const TrustedRoot* root)
      : bundle_(bundle), artifact_(artifact), root_(root) {}

  [[nodiscard]] Verified keyless(const Identity& identity);
  [[nodiscard]] Verified with_key(const crypto::PublicKey& key);

 private:
  [[nodiscard]] Result<void> check_form() const;
  [[nodiscard]] Result<void> read_certificates();
  [[nodiscard]] Result<void> check_key_material() const;
  [[nodiscard]] Result<void> find_times();
  [[nodiscard]] Result<void> add_timestamp(const Blob& der);
  [[nodiscard]] Result<void> verify_chain();
  [[nodiscard]] Result<void> verify_certificate_log();
  [[nodiscard]] Result<void> check_identity(const Identity& expected);
  [[nodiscard]] Result<void> check_entries();
  [[nodiscard]] Result<void> verify_inclusions();
  [[nodiscard]] Result<void> verify_signature();
  [[nodiscard]] Result<void> check_artifact();

  [[nodiscard]] std::optional<Blob> signed_hash(HashAlgorithm algorithm) const;
  [[nodiscard]] std::vector<Instant> instants() const;  // every trusted time once

  // Runs one step; an error gets its name in front.
  template <class Check>
  [[nodiscard]] std::expected<void, Refusal> run(Step step, const Check& check) {
    auto result = check();
    if (!result) return std::unexpected(Refusal{std::move(result.error()).within(name_of(step)), step});
    return {};
  }
  void passed(Step step, std::string text) { verified_.steps.push_back({step, std::move(text)}); }

  const Bundle& bundle_;
  const SignedArtifact* artifact_;
  const TrustedRoot* root_;
  std::vector<Certificate> certificates_;  // of the bundle, leaf first
  std::optional<Certificate> issuer_;      // of the leaf, from the verified chain
  std::string encoding_;                   // what an envelope's signature covers
  VerifiedBundle verified_;
};

// --- form

Result<void> Verification::check_form() const {
  if (bundle_.envelope && bundle_.envelope->signatures.size() != 1)
    return fail(Code::InvalidInput, "the envelope has " +
                                        std::to_string(bundle_.envelope->signatures.size()) +
                                        " signatures, expected exactly one");
  if (bundle_.message && bundle_.message->signature.empty())
    return fail(Code::InvalidInput, "the signature is empty");
  if (!bundle_.envelope && artifact_ == nullptr)
    return fail(Code::InvalidInput, "a signature over an artifact, and no artifact is given");
  std::set<std::pair<Blob, std::uint64_t>> places;
  for (const LogEntry& entry : bundle_.material.log_entries) {
    if (!places.emplace(entry.log_id, entry.log_index).second)
      return fail(Code::InvalidInput, "log entry " + std::to_string(entry.log_index) + " comes twice");
    // Version 0.1 came before inclusion proofs, 0.2 and later must bring one.
    if (bundle_.version == BundleVersion::V01 && !entry.signed_entry_timestamp)
      return fail(Code::InvalidInput,
                  "a bundle of version 0.1 needs an inclusion promise for each log entry");
    if (bundle_.version != BundleVersion::V01 &&
        (!entry.inclusion_proof || entry.inclusion_proof->checkpoint.empty()))
      return fail(Code::InvalidInput,
                  "a log entry without inclusion proof and checkpoint; bundles from "
                  "version 0.2 on need both");
  }
  std::set<Blob> timestamps;
  for (const Blob& timestamp : bundle_.material.timestamps)
    if (!timestamps.insert(timestamp).second) return fail(Code::InvalidInput, "a timestamp comes twice");
  return {};
}

Result<void> Verification::read_certificates() {
  const VerificationMaterial& material = bundle_.material;
  if (material.kind == MaterialKind::PublicKey)
    return fail(Code::Denied, "it is signed with a key (hint " + quoted(material.hint) +
                                  "), not by an identity; verify it with that key");
  if (bundle_.version == BundleVersion::V03 && material.kind == MaterialKind::CertificateChain)
    return fail(Code::InvalidInput, "a bundle of version 0.3 has the signer's certificate only, not a chain");
  if (bundle_.version != BundleVersion::V03 && material.kind == MaterialKind::Certificate)
    return fail(Code::InvalidInput, "a bundle before version 0.3 has a chain, not a single certificate");
  for (const Blob& der : material.certificates) {
    Certificate certificate = TRY(Certificate::from_der(der));
    // A root in the bundle is what an attacker would add; the trusted ones are elsewhere.
    if (certificate.self_signed())
      return fail(Code::Denied, "its certificates contain a self-signed one (" +
                                    quoted(certificate.subject()) +
                                    "); roots come from the trusted root only");
    certificates_.push_back(std::move(certificate));
  }
  if (certificates_.front().is_authority())
    return fail(Code::Denied, "the signer's certificate is an authority's");
  verified_.certificate = certificates_.front();
  verified_.key = TRY(certificates_.front().public_key());
  return {};
}

Result<void> Verification::check_key_material() const {
  if (bundle_.material.kind == MaterialKind::PublicKey) return {};
  return fail(
      Code::Denied,
      "it is signed by an identity with a certificate, not with a key; verify it with the identity and "
      "its issuer");
}

// --- time

// A timestamp must be of an authority that was trusted at that time.
Result<void> Verification::add_timestamp(const Blob& der) {
  const crypto::Timestamp timestamp = TRY(crypto::Timestamp::from_response(der));
  const Blob& signature =
      bundle_.envelope ? bundle_.envelope->signatures.front().signature : bundle_.message->signature;
  Error last{Code::Denied, "no time-stamping authority in the trusted root"};
  for (const Authority& authority : root_->timestamp_authorities) {
    if (!authority.valid_for.contains(timestamp.time())) {
      last = Error{Code::Denied, "timestamp of " + instant_text(timestamp.time()) + ": authority " +
                                     quoted(authority.name) + " is trusted " + authority.valid_for.text()};
      continue;
    }
    const auto verified = timestamp.verify(signature, authority.chain);
    if (verified) {
      verified_.times.push_back({timestamp.time(), "timestamp authority " + quoted(authority.name)});
      return {};
    }
    last = verified.error();
  }
  return std::unexpected(std::move(last));
}

Result<void> Verification::find_times() {
  for (const Blob& der : bundle_.material.timestamps) TRY(add_timestamp(der));
  for (const LogEntry& entry : bundle_.material.log_entries) {
    if (!entry.signed_entry_timestamp) continue;
    const auto keys = TRY(keys_of(entry, *root_));
    const LogKey* const log = TRY(verify_promise(entry, keys));
    verified_.times.push_back(
        {Instant(std::chrono::seconds(static_cast<std::int64_t>(entry.integrated_time))),
         "log " + quoted(log->name)});
  }
  if (verified_.times.empty())
    return fail(Code::Denied, "neither a timestamp nor a log's promise says when it was signed");
  for (const TrustedTime& one : verified_.times)
    passed(Step::Time, "signed by " + instant_text(one.time) + " (" + one.source + ")");
  return {};
}

std::vector<Instant> Verification::instants() const {
  std::vector<Instant> found;
  for (const TrustedTime& one : verified_.times) found.push_back(one.time);
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  return found;
}

// --- certificate

// At every trusted time there must be an authority, trusted then, that the certificate leads to.
Result<void> Verification::verify_chain() {
  const std::span<const Certificate> own = certificates_;
  for (const Instant time : instants()) {
    Error last{Code::Denied, "no certificate authority in the trusted root"};
    bool found = false;
    for (const Authority& authority : root_->certificate_authorities) {
      if (found) break;
      if (!authority.valid_for.contains(time)) {
        last = Error{Code::Denied, "authority " + quoted(authority.name) + " is trusted " +
                                       authority.valid_for.text() + ", not at " + instant_text(time)};
        continue;
      }
      std::vector<Certificate> intermediates(own.begin() + 1, own.end());
      intermediates.insert(intermediates.end(), authority.chain.begin(), authority.chain.end() - 1);
      const auto chain = own.front().verified_chain({.intermediates = intermediates,
                                                     .roots = std::span(authority.chain).last(1),
                                                     .time = time,
                                                     .purpose = crypto::Purpose::CodeSigning});
      if (!chain) {
        last = chain.error();
        continue;
      }
      found = true;
      if (chain->size() < 2) return fail(Code::Denied, "the signer's certificate is the root itself");
      issuer_ = (*chain)[1];
      passed(Step::Certificate, "certificate of " + instant_text(own.front().not_before()) + " to " +
                                    instant_text(own.front().not_after()) + ", issued by " +
                                    quoted(issuer_->subject()) + " (" + quoted(authority.name) +
                                    "), valid at " + instant_text(time));
    }
    if (!found) return std::unexpected(std::move(last));
  }
  return {};
}

Result<void> Verification::verify_certificate_log() {
  const auto timestamps = TRY(crypto::embedded_timestamps(certificates_.front()));
  if (timestamps.empty())
    return fail(Code::Denied, "the certificate has no timestamp (SCT) of a certificate log");
  Error last{Code::Denied, "no log of the trusted root"};
  for (const crypto::CertificateTimestamp& one : timestamps) {
    last.message += "; log " + hex(one.log_id) + " is unknown";
    for (const LogKey& log : root_->certificate_logs) {
      if (!std::ranges::equal(log.id, one.log_id)) continue;
      if (!log.valid_for.contains(one.time)) {
        last = Error{Code::Denied, "timestamp of " + instant_text(one.time) + ": log " + quoted(log.name) +
                                       " is trusted " + log.valid_for.text()};
        continue;
      }
      if (!log.key) {
        last = Error{Code::Unsupported,
                     "the key of log " + quoted(log.name) + " is of kind " + quoted(log.details)};
        continue;
      }
      const auto verified = verify(one, certificates_.front(), *issuer_, *log.key);
      if (!verified) {
        last = verified.error();
        continue;
      }
      passed(Step::CertificateLog,
             "published in certificate log " + quoted(log.name) + " at " + instant_text(one.time));
      return {};
    }
  }
  return std::unexpected(std::move(last));
}

// The issuer that the certificate names, in the new or the old extension; both must agree.
Result<std::string> sign_in_issuer(const Certificate& certificate) {
  const auto current = TRY(certificate.extension(kIssuer));
  const auto old = TRY(certificate.extension(kOldIssuer));
  if (!current && !old)
    return fail(Code::Denied, "the certificate does not say who the issuer of the sign-in is");
  std::string issuer;
  if (current) issuer = TRY(crypto::text_from_der(current->value));
  if (!current) issuer = std::string(text_of(old->value));
  if (current && old && issuer != text_of(old->value))
    return fail(Code::Denied, "the certificate names two issuers: " + quoted(issuer) + " and " +
                                  quoted(text_of(old->value)));
  return issuer;
}

Result<void> Verification::check_identity(const Identity& expected) {
  if (expected.name.empty() || expected.issuer.empty())
    return fail(Code::InvalidInput, "both the signer's identity and its issuer must be given");
  const auto names = TRY(certificates_.front().alternative_names());
  std::string found;
  for (const crypto::AlternativeName& name : names) {
    if (name.kind == crypto::AlternativeName::Kind::Dns) continue;
    if (name.text == expected.name) verified_.identity.name = name.text;
    found += (found.empty() ? "" : ", ") + quoted(name.text);
  }
  if (verified_.identity.name.empty())
    return fail(Code::Denied, "signed by " + (found.empty() ? "nobody with a name" : found) + ", expected " +
                                  quoted(expected.name));
  verified_.identity.issuer = TRY(sign_in_issuer(certificates_.front()));
  if (verified_.identity.issuer != expected.issuer)
    return fail(Code::Denied, "signed in with " + quoted(verified_.identity.issuer) + ", expected " +
                                  quoted(expected.issuer));
  passed(Step::Identity, "signed by " + quoted(verified_.identity.name) + ", who signed in with " +
                             quoted(verified_.identity.issuer));
  return {};
}

// --- transparency log

std::optional<Blob> Verification::signed_hash(HashAlgorithm algorithm) const {
  if (bundle_.envelope) return crypto::hash(algorithm, bytes_of(encoding_));
  return artifact_->digest(algorithm);
}

Result<void> Verification::check_entries() {
  if (bundle_.material.log_entries.empty()) return fail(Code::Denied, "the bundle has no log entry");
  for (const LogEntry& entry : bundle_.material.log_entries) {
    TRY(check_body(entry, {.bundle = bundle_,
                           .signed_hash = [this](HashAlgorithm algorithm) { return signed_hash(algorithm); },
                           .certificate = verified_.certificate ? &*verified_.certificate : nullptr,
                           .key = &*verified_.key}));
    passed(Step::LogEntry, "the entry (" + entry.kind + " " + entry.version + ") names this " +
                               (bundle_.envelope ? "payload" : "artifact") + ", signature and signer");
  }
  return {};
}

Result<void> Verification::verify_inclusions() {
  const std::vector<Instant> times = instants();
  for (const LogEntry& entry : bundle_.material.log_entries) {
    LoggedEntry logged{.kind = entry.kind + " " + entry.version,
                       .index = entry.log_index,
                       .promised = entry.signed_entry_timestamp.has_value()};
    const auto keys = TRY(keys_of(entry, *root_));
    logged.log = keys.front()->name;
    if (entry.inclusion_proof && entry.inclusion_proof->checkpoint.empty()) {
      TRY(check_proof(entry));
      verified_.not_verified.push_back("inclusion of log entry " + std::to_string(entry.log_index) +
                                       ": its proof has no checkpoint (bundle of version 0.1); the log's "
                                       "promise was verified");
    } else if (entry.inclusion_proof) {
      const LoggedAt at = TRY(verify_inclusion(entry, keys, times));
      logged.included = true;
      logged.log = at.log->name;
      // Without a promise nothing covers the outer index.
      if (!logged.promised) logged.index = at.index;
      passed(Step::Inclusion, "entry " + std::to_string(at.index) + " of log " + quoted(at.log->name) +
                                  ", in the checkpoint of " + quoted(at.origin) + " for " +
                                  std::to_string(at.tree_size) + " entries");
    } else {
      verified_.not_verified.push_back("inclusion of log entry " + std::to_string(entry.log_index) +
                                       ": the bundle (version 0.1) has the log's promise only");
    }
    verified_.entries.push_back(std::move(logged));
  }
  return {};
}

// --- signature and artifact

Result<void> Verification::verify_signature() {
  const crypto::PublicKey& key = *verified_.key;
  if (bundle_.envelope) {
    const Padding padding = key.type() == KeyType::Rsa ? Padding::RsaPkcs1 : Padding::None;
    TRY(key.verify(hash_for(key.type()), bytes_of(encoding_), bundle_.envelope->signatures.front().signature,
                   padding));
    verified_.payload_type = bundle_.envelope->payload_type;
    verified_.payload = bundle_.envelope->payload;
  } else {
    TRY(verify_message(*bundle_.message, *artifact_, key));
  }
  passed(Step::Signature, std::string(name_of(key.type())) + " signature over " +
                              (bundle_.envelope ? "an envelope of type " + quoted(verified_.payload_type)
                                                : std::string("the artifact")));
  return {};
}

Result<void> Verification::check_artifact() {
  if (artifact_ == nullptr) {
    verified_.not_verified.push_back("the subjects of the statement: no artifact was compared in this step");
    return {};
  }
  if (bundle_.envelope) {
    TRY(check_subjects(*bundle_.envelope, *artifact_));
  } else {
    TRY(check_hint(*bundle_.message, *artifact_));
  }
  passed(Step::Artifact, "about sha256 " + hex(artifact_->digest(HashAlgorithm::Sha256).value_or(Blob{})));
  return {};
}

// --- the order of the steps

Verified Verification::keyless(const Identity& identity) {
  TRY(run(Step::Bundle, [&] { return check_form(); }));
  TRY(run(Step::Bundle, [&] { return read_certificates(); }));
  if (bundle_.envelope)
    encoding_ = pre_authentication_encoding(bundle_.envelope->payload_type, bundle_.envelope->payload);
  TRY(run(Step::Time, [&] { return find_times(); }));
  TRY(run(Step::Certificate, [&] { return verify_chain(); }));
  TRY(run(Step::CertificateLog, [&] { return verify_certificate_log(); }));
  TRY(run(Step::Identity, [&] { return check_identity(identity); }));
  TRY(run(Step::LogEntry, [&] { return check_entries(); }));
  TRY(run(Step::Inclusion, [&] { return verify_inclusions(); }));
  TRY(run(Step::Signature, [&] { return verify_signature(); }));
  TRY(run(Step::Artifact, [&] { return check_artifact(); }));
  return std::move(verified_);
}

Verified Verification::with_key(const crypto::PublicKey& key) {
  TRY(run(Step::Bundle, [&] { return check_form(); }));
  TRY(run(Step::Bundle, [&] { return check_key_material(); }));
  verified_.key = key;
  if (bundle_.envelope)
    encoding_ = pre_authentication_encoding(bundle_.envelope->payload_type, bundle_.envelope->payload);
  if (root_ != nullptr) {
    TRY(run(Step::Time, [&] { return find_times(); }));
    TRY(run(Step::LogEntry, [&] { return check_entries(); }));
    TRY(run(Step::Inclusion, [&] { return verify_inclusions(); }));
  } else {
    verified_.not_verified.push_back("log entries and timestamps: no trusted root was given");
  }
  TRY(run(Step::Signature, [&] { return verify_signature(); }));
  TRY(run(Step::Artifact, [&] { return check_artifact(); }));
  return std::move(verified_);
}

}  // namespace

std::string_view name_of(Step step) {
  const auto found = std::ranges::find(kStepNames, step, &std::pair<Step, std::string_view>::first);
  return found->second;
}

Verified verify_keyless(const Bundle& bundle, const SignedArtifact* artifact, const Identity& identity,
                        const TrustedRoot& root) {
  return Verification(bundle, artifact, &root).keyless(identity);
}

Verified verify_with_key(const Bundle& bundle, const SignedArtifact* artifact, const crypto::PublicKey& key,
                         const TrustedRoot* root) {
  return Verification(bundle, artifact, root).with_key(key);
}

}  // namespace bulwark::trust
