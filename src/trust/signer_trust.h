#pragma once
// Whom we believe: a key, an authority of certificates, or an identity. Finds the public key that a bundle
// must be signed with, and says what was proved about its owner.

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "crypto/signing.h"
#include "trust/bundle.h"
#include "trust/verification.h"

namespace bulwark::trust {

// Why a signer is not believed.
struct Distrust {
  std::string_view check;      // the failed line of the checklist
  const Rule* rule = nullptr;  // null: it could not be told; a gap of `reason`
  GapReason reason = GapReason::Unsupported;
  std::string message;
};

class SignerTrust {
 public:
  virtual ~SignerTrust() = default;
  [[nodiscard]] virtual std::string_view method() const = 0;  // "key", "certificate", "sigstore"
  // Adds a line for everything that was checked. The signature over the payload is left to the caller.
  [[nodiscard]] virtual std::expected<crypto::PublicKey, Distrust> key_of(const Bundle& bundle,
                                                                          Verification& out) const = 0;
};

// The key itself is known.
class KeyTrust : public SignerTrust {
 public:
  explicit KeyTrust(crypto::PublicKey key) : key_(std::move(key)) {}
  [[nodiscard]] std::string_view method() const override { return "key"; }
  // Strict: a bundle that carries a certificate is not for this method, even if the key is the same.
  [[nodiscard]] std::expected<crypto::PublicKey, Distrust> key_of(const Bundle& bundle,
                                                                  Verification& out) const override;

 private:
  crypto::PublicKey key_;
};

// Hex SHA-256 of the key's PEM text: how model signatures name a key.
[[nodiscard]] std::string key_hint(const crypto::PublicKey& key);
// "P-256 key 28be9fa59c93…" for people.
[[nodiscard]] std::string describe(const crypto::PublicKey& key);

// Checks the signature of the bundle's envelope with the key that `trust` finds. Lines "signer-key" and
// "signature". True if it holds. `allowed`: types of keys.
[[nodiscard]] bool verify_signature(const Bundle& bundle, const SignerTrust& trust,
                                    std::span<const crypto::KeyType> allowed, bool legacy, Verification& out);

}  // namespace bulwark::trust
