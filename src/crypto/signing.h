#pragma once
// Signing keys: ECDSA over the NIST curves and Ed25519, and RSA for verifying what others signed. Over
// OpenSSL.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace bulwark::crypto {

enum class KeyType : std::uint8_t { P256, P384, P521, Ed25519, Rsa };

[[nodiscard]] std::string_view name_of(KeyType type);  // "p256", "p384", "p521", "ed25519", "rsa"
[[nodiscard]] std::optional<KeyType> key_type_from(std::string_view name);
// The hash that goes with a curve (SHA-256/384/512 for P-256/384/521); Sha256 for RSA, unused for Ed25519.
[[nodiscard]] HashAlgorithm hash_for(KeyType type);

enum class Padding : std::uint8_t { None, RsaPkcs1, RsaPss };  // RsaPss: MGF1 and salt of the hash's size

// Immutable, shared when copied. Threads: safe from many at once.
class PublicKey {
 public:
  // "-----BEGIN PUBLIC KEY-----". Errors: InvalidInput; Unsupported for other curves (secp256k1 …) and for
  // RSA below 2,048 or above 8,192 bits.
  [[nodiscard]] static Result<PublicKey> from_pem(std::string_view pem);
  [[nodiscard]] static Result<PublicKey> from_spki(Bytes der);     // SubjectPublicKeyInfo, nothing behind it
  [[nodiscard]] static Result<PublicKey> from_ed25519(Bytes raw);  // 32 bytes

  [[nodiscard]] KeyType type() const;
  [[nodiscard]] std::string pem() const;                 // 64 columns, line feed at the end
  [[nodiscard]] std::vector<std::uint8_t> spki() const;  // DER
  [[nodiscard]] std::vector<std::uint8_t> raw() const;   // Ed25519: 32 bytes; others: empty

  // ECDSA signatures are DER, strictly. `algorithm` is ignored for Ed25519. Errors: Corrupt: does not verify.
  [[nodiscard]] Result<void> verify(HashAlgorithm algorithm, Bytes message, Bytes signature,
                                    Padding padding = Padding::None) const;
  // The same where only the hash of the message is at hand. Errors: also Unsupported: Ed25519 signs messages,
  // not hashes; InvalidInput: a digest of another size.
  [[nodiscard]] Result<void> verify_digest(HashAlgorithm algorithm, Bytes digest, Bytes signature,
                                           Padding padding = Padding::None) const;

  friend bool operator==(const PublicKey& left, const PublicKey& right);

 private:
  friend class PrivateKey;
  friend class Certificate;
  struct State;
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// Whoever can sign: a key in memory, a token. Threads: safe from many at once.
class Signer {
 public:
  virtual ~Signer() = default;
  [[nodiscard]] virtual const PublicKey& public_key() const = 0;
  // With hash_for(its type). ECDSA: DER. Errors: Unavailable (a token that is gone).
  [[nodiscard]] virtual Result<std::vector<std::uint8_t>> sign(Bytes message) const = 0;
};

class PrivateKey : public Signer {
 public:
  // Not Rsa: we make none. Errors: Unsupported.
  [[nodiscard]] static Result<PrivateKey> generate(KeyType type);
  // PKCS#8 or SEC1 PEM; `passphrase` for encrypted PKCS#8. Errors: InvalidInput, Unsupported, Denied
  // (passphrase).
  [[nodiscard]] static Result<PrivateKey> from_pem(std::string_view pem, std::string_view passphrase = {});
  [[nodiscard]] static Result<PrivateKey> from_pkcs8(Bytes der);

  [[nodiscard]] const PublicKey& public_key() const override { return public_; }
  [[nodiscard]] Result<std::vector<std::uint8_t>> sign(Bytes message) const override;
  [[nodiscard]] Result<Secret> pkcs8() const;  // DER

 private:
  struct State;
  PrivateKey(std::shared_ptr<const State> state, PublicKey public_key)
      : state_(std::move(state)), public_(std::move(public_key)) {}
  std::shared_ptr<const State> state_;
  PublicKey public_;
};

}  // namespace bulwark::crypto
