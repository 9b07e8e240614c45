#pragma once
// Verifying Sigstore bundles without a network: signed by a person or workload that a certificate names for
// ten minutes ("keyless"), or by a key that the caller has.
//
// Nothing of a bundle is believed because it is in the bundle: what counts are the keys of the trusted root,
// the identity and the bytes that the caller gives. The current time is never asked.
// Source: the Sigstore client specification and sigstore/protobuf-specs.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "crypto/signing.h"
#include "trust/bundle.h"
#include "trust/signed_artifact.h"
#include "trust/trusted_root.h"

namespace bulwark::trust {

// Whom the caller expects. Both are compared as they are, byte by byte: no patterns, no defaults.
struct Identity {
  std::string name;    // subject alternative name: an email address, a URI or a name of Fulcio's own kind
  std::string issuer;  // of the sign-in: "https://token.actions.githubusercontent.com"
};

// In the order of checking.
enum class Step : std::uint8_t {
  Bundle,          // form and version
  Time,            // when it was signed: timestamps and the log's promise
  Certificate,     // the chain to an authority of the trusted root
  CertificateLog,  // the certificate is public
  Identity,        // who signed
  LogEntry,        // the log's entry is about this signature
  Inclusion,       // the log has the entry
  Signature,
  Artifact,  // the signature is about these bytes
};
[[nodiscard]] std::string_view name_of(Step step);  // "certificate log"

// Why a bundle is not believed, and in which step that was found. Its text begins with the step's name.
struct Refusal : Error {
  Step step = Step::Bundle;
};

// A step that passed, in words for people: with which key, of whom, at what time.
struct VerifiedStep {
  Step step = Step::Bundle;
  std::string text;
};

struct TrustedTime {
  Instant time;
  std::string source;  // "timestamp authority …", "log …"
};

struct LoggedEntry {
  std::string log;  // base URL in the trusted root
  std::string kind;
  std::uint64_t index = 0;
  bool promised = false;  // signed entry timestamp
  bool included = false;  // inclusion proof and checkpoint
};

struct VerifiedBundle {
  std::optional<crypto::Certificate> certificate;  // keyless
  std::optional<crypto::PublicKey> key;            // of the signer, in both cases
  Identity identity;                               // as it stands in the certificate; keyless
  std::vector<TrustedTime> times;
  std::vector<LoggedEntry> entries;
  std::string payload_type;  // of an envelope; empty: the signature is over the artifact itself
  Blob payload;
  std::vector<VerifiedStep> steps;
  std::vector<std::string> not_verified;  // what a reader might expect and was not looked at, and why
};

// `artifact` null: the bundle must hold an envelope, and comparing its subjects is left to the caller (and
// said in `not_verified`).
// Errors: Denied, Corrupt (a signature or proof does not verify), InvalidInput (form), Unsupported. The text
// names the step, what was expected and what was found.
[[nodiscard]] std::expected<VerifiedBundle, Refusal> verify_keyless(const Bundle& bundle,
                                                                    const SignedArtifact* artifact,
                                                                    const Identity& identity,
                                                                    const TrustedRoot& root);

// With a key that the caller trusts. Log entries and timestamps of the bundle are verified, too, and at least
// one entry is asked for; `root` null: neither is (and that is said).
[[nodiscard]] std::expected<VerifiedBundle, Refusal> verify_with_key(const Bundle& bundle,
                                                                     const SignedArtifact* artifact,
                                                                     const crypto::PublicKey& key,
                                                                     const TrustedRoot* root);

}  // namespace bulwark::trust
