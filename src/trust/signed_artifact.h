#pragma once
// The bytes that a signature should be over, whole or by their digest, and whether a bundle speaks of them.

#include <map>
#include <optional>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/signing.h"
#include "trust/bundle.h"

namespace bulwark::trust {

// What the signature should be over. Used by one thread at a time.
class SignedArtifact {
 public:
  [[nodiscard]] static SignedArtifact of_bytes(Bytes content);  // must outlive the artifact
  [[nodiscard]] static SignedArtifact of_sha256(const crypto::Hash256& digest);

  [[nodiscard]] std::optional<Bytes> content() const { return content_; }
  // Nothing where only the SHA-256 is known. Computed once: a bundle may ask a hundred thousand times.
  [[nodiscard]] std::optional<Blob> digest(crypto::HashAlgorithm algorithm) const;

 private:
  std::optional<Bytes> content_;
  crypto::Hash256 sha256_{};
  mutable std::map<crypto::HashAlgorithm, Blob> others_;
};

// A signature over the artifact itself. Errors: Corrupt: does not verify; Unsupported: the artifact is
// needed, not its SHA-256.
[[nodiscard]] Result<void> verify_message(const MessageSignature& message, const SignedArtifact& artifact,
                                          const crypto::PublicKey& key);
// The digest that a bundle hints at is not signed, but one that differs is another artifact's. Errors:
// Denied.
[[nodiscard]] Result<void> check_hint(const MessageSignature& message, const SignedArtifact& artifact);
// That a subject of the in-toto statement (v0.1 or v1) is the artifact. Errors: Denied; Unsupported: another
// kind of payload; InvalidInput, LimitReached.
[[nodiscard]] Result<void> check_subjects(const Envelope& envelope, const SignedArtifact& artifact);

}  // namespace bulwark::trust
