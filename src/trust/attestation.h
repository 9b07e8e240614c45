#pragma once
// Attestations: signed in-toto statements about artifacts that are here.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/signing.h"
#include "trust/bundle.h"
#include "trust/predicates.h"
#include "trust/signer_trust.h"
#include "trust/statement.h"
#include "trust/verification.h"

namespace bulwark::trust {

// Ed25519 besides the keys of model signatures.
[[nodiscard]] std::span<const crypto::KeyType> attestation_keys();

// An artifact as it is now. Of a folder the root digest of OpenSSF Model Signing, of a file its SHA-256.
struct Artifact {
  std::string path;    // as given, for messages
  std::string name;    // last part
  std::string sha256;  // hex
};

// Errors: InvalidInput (the predicate is not what its type asks for), and those of the signer.
[[nodiscard]] Result<Bundle> attest(const std::vector<Artifact>& artifacts, std::string_view predicate_type,
                                    const Document& predicate, const crypto::Signer& signer,
                                    VerificationMaterial material);

struct AttestationPolicy {
  std::string path;            // of the attestation, for messages
  std::string predicate_type;  // that is expected; empty: any
  std::string builder;         // of provenance: the only builder that is believed; empty: not asked for
};

// `json`: a Sigstore bundle or a bare DSSE envelope. Every artifact must be a subject. Lines "bundle",
// "signer-key" …, "statement", "predicate", "builder", "subjects".
struct VerifiedAttestation {
  Verification verification;
  std::string method;
  std::optional<Statement> statement;  // once its signature holds
};
[[nodiscard]] VerifiedAttestation verify_attestation(std::string_view json, const SignerTrust& trust,
                                                     const std::vector<Artifact>& artifacts,
                                                     const AttestationPolicy& policy);

}  // namespace bulwark::trust
