#pragma once
// A Sigstore bundle: a signature with everything that is needed to check it offline. Reads the JSON of
// versions 0.1, 0.2 and 0.3, writes 0.3.
//
// Reading checks form only. What comes out is as hostile as what went in, until trust/dsse.h,
// trust/model_signature.h or trust/sigstore.h has verified it.
// Source: sigstore/protobuf-specs, sigstore_bundle.proto.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"

namespace bulwark::trust {

using Blob = std::vector<std::uint8_t>;

// Where a leaf stands in a log of RFC 6962, as sent by Rekor.
struct InclusionProof {
  std::uint64_t log_index = 0;
  std::uint64_t tree_size = 0;
  Blob root_hash;
  std::vector<Blob> hashes;  // leaf to root; at most 64
  std::string checkpoint;    // signed note; empty: none (old entries)
};

struct LogEntry {
  std::uint64_t log_index = 0;
  Blob log_id;                        // SHA-256 of the log's key
  std::string kind;                   // "hashedrekord", "dsse", "intoto"
  std::string version;                // "0.0.1"
  std::uint64_t integrated_time = 0;  // seconds since 1970; 0: none (Rekor v2)
  Blob canonicalized_body;
  std::optional<Blob> signed_entry_timestamp;  // the inclusion promise
  std::optional<InclusionProof> inclusion_proof;
};

enum class MaterialKind : std::uint8_t { PublicKey, CertificateChain, Certificate };

struct VerificationMaterial {
  MaterialKind kind = MaterialKind::PublicKey;
  std::string hint;                // PublicKey: what names the key; may be empty
  Blob raw_key;                    // PublicKey of signers before 1.1: the key itself, PEM; usually empty
  std::vector<Blob> certificates;  // DER, leaf first; Certificate: exactly one
  std::vector<LogEntry> log_entries;
  std::vector<Blob> timestamps;  // RFC 3161 responses, DER
};

struct MessageSignature {
  std::optional<crypto::HashAlgorithm> algorithm;  // of `digest`; empty: none was given
  Blob digest;                                     // of the artifact; untrusted, may be empty
  Blob signature;
};

struct EnvelopeSignature {
  Blob signature;
  std::string key_id;  // never trusted
};

// DSSE. `payload` is what is signed, byte for byte: never made anew from its meaning.
struct Envelope {
  std::string payload_type;
  Blob payload;
  std::vector<EnvelopeSignature> signatures;  // at least one
};

enum class BundleVersion : std::uint8_t { V01, V02, V03 };

// Exactly one of `message` and `envelope` is set.
struct Bundle {
  BundleVersion version = BundleVersion::V03;
  VerificationMaterial material;
  std::optional<MessageSignature> message;
  std::optional<Envelope> envelope;
};

inline constexpr std::string_view kBundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

// Errors: InvalidInput (no such bundle, a field missing, unknown or of another type, a key twice),
// Unsupported (media type), LimitReached.
[[nodiscard]] Result<Bundle> read_bundle(std::string_view json);
// A bare DSSE envelope, as attestations come. Errors: as above.
[[nodiscard]] Result<Envelope> read_envelope(std::string_view json);

// Pretty JSON with a line feed at the end; `bundle.version` is ignored.
[[nodiscard]] std::string write_bundle(const Bundle& bundle);
[[nodiscard]] std::string write_envelope(const Envelope& envelope);

}  // namespace bulwark::trust
