#pragma once
// Certificates and timestamps made to order: a certification authority, a time-stamping authority and
// whatever an attacker would try, in a few lines of a test. Over OpenSSL.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "crypto/signing.h"

namespace bulwark::test {

// Also RSA, which crypto::PrivateKey does not make.
class MadeKey {
 public:
  explicit MadeKey(crypto::KeyType type = crypto::KeyType::P256);  // RSA: 2,048 bits

  [[nodiscard]] std::vector<std::uint8_t> spki() const;
  [[nodiscard]] crypto::PublicKey public_key() const;
  [[nodiscard]] crypto::KeyType type() const { return type_; }
  // ECDSA (DER), Ed25519 or RSA PKCS#1 v1.5.
  [[nodiscard]] std::vector<std::uint8_t> sign(Bytes message, crypto::HashAlgorithm algorithm) const;
  [[nodiscard]] std::vector<std::uint8_t> sign(Bytes message) const {
    return sign(message, crypto::hash_for(type_));
  }

 private:
  friend struct MadeAccess;
  crypto::KeyType type_;
  std::shared_ptr<void> key_;  // EVP_PKEY
};

// Extensions in the syntax of OpenSSL's configuration; empty: left out.
struct Wish {
  std::string common_name = "leaf";  // empty: no subject at all
  Instant not_before = *instant_from("2026-01-01T00:00:00Z");
  Instant not_after = *instant_from("2027-01-01T00:00:00Z");
  std::string basic_constraints;   // "critical,CA:TRUE,pathlen:0"
  std::string key_usage;           // "critical,digitalSignature"
  std::string extended_key_usage;  // "codeSigning"
  std::string alternative_names;   // "critical,URI:https://example.org/workflow"
  using Extensions = std::vector<std::pair<std::string, std::vector<std::uint8_t>>>;  // dotted id, DER
  Extensions extensions;
  Extensions critical_extensions;
  bool key_ids = true;  // subject and authority key id
};

struct Issued {
  MadeKey key;
  crypto::Certificate certificate;
};

[[nodiscard]] Wish authority_wish(std::string common_name);
// `issuer` null: self-signed. `embed`: gets the signed part as it is without it and returns the value (DER)
// of the extension 1.3.6.1.4.1.11129.2.4.2, which is then added (timestamps of a certificate log).
using Embed = std::function<std::vector<std::uint8_t>(Bytes signed_part)>;
[[nodiscard]] Issued issue(const Wish& wish, const Issued* issuer,
                           crypto::KeyType type = crypto::KeyType::P256, const Embed& embed = {});

struct StampWish {
  Instant time;  // whole seconds
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::Sha256;
  std::vector<crypto::Certificate> embedded = {};  // besides the signer's, which is always in it
};
// A granted TimeStampResp over `message`. `authority`: extended key usage must be critical timeStamping only.
[[nodiscard]] std::vector<std::uint8_t> stamp(const Issued& authority, Bytes message, const StampWish& wish);

// DER: tag, length, content.
[[nodiscard]] std::vector<std::uint8_t> der(std::uint8_t tag, Bytes content);

}  // namespace bulwark::test
