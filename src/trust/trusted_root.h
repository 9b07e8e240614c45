#pragma once
// Sigstore's trusted root: which logs, certificate authorities and time-stamping authorities are believed,
// and when. Whoever can change this file decides what verifies: it is given by name, never fetched. Source:
// sigstore/protobuf-specs, sigstore_trustroot.proto.

#include <cstdint>
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

namespace bulwark::trust {

// Closed at both ends.
struct ValidFor {
  Instant start;
  std::optional<Instant> end;

  [[nodiscard]] bool contains(Instant time) const { return start <= time && (!end || time <= *end); }
  [[nodiscard]] std::string text() const;  // "2021-01-12T11:53:27Z to now on"
};

// The key of a transparency log or of a log of certificates.
struct LogKey {
  std::string name;                      // base URL
  Blob id;                               // what entries and timestamps call the log
  Blob note_id;                          // first bytes of it begin the log's lines in a checkpoint
  std::optional<crypto::PublicKey> key;  // empty: of a kind that we do not know, see `details`
  std::string details;                   // "PKIX_ECDSA_P256_SHA_256"
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::Sha256;
  crypto::Padding padding = crypto::Padding::None;
  ValidFor valid_for;

  // Errors: Corrupt: does not verify; Unsupported: see `key`.
  [[nodiscard]] Result<void> verify(Bytes message, Bytes signature) const;
};

// Who issues certificates, or timestamps: for timestamps the signer comes first. The last one is the root.
struct Authority {
  std::string name;  // URI
  std::vector<crypto::Certificate> chain;
  ValidFor valid_for;
};

struct TrustedRoot {
  std::vector<LogKey> logs;
  std::vector<LogKey> certificate_logs;
  std::vector<Authority> certificate_authorities;
  std::vector<Authority> timestamp_authorities;
};

// Fields that are not named here (signing configuration, operators) are passed over. A key of a kind that we
// do not know is kept without `key`: it refuses what it should have verified, not the whole root.
// Errors: InvalidInput (no trusted root, a validity without its start, a key that is not what its details
// say), Unsupported (media type), LimitReached.
[[nodiscard]] Result<TrustedRoot> read_trusted_root(std::string_view json);

}  // namespace bulwark::trust
