#include "trust/signer_trust.h"

#include <algorithm>

#include "base/text.h"
#include "trust/dsse.h"
#include "trust/rules.h"

namespace bulwark::trust {
namespace {

using crypto::HashAlgorithm;

std::string_view kind_of(MaterialKind kind) {
  switch (kind) {
    case MaterialKind::PublicKey: return "a public key";
    case MaterialKind::CertificateChain: return "a certificate chain";
    case MaterialKind::Certificate: return "a certificate of the keyless method";
  }
  return "nothing";
}

std::string_view curve_of(crypto::KeyType type) {
  switch (type) {
    case crypto::KeyType::P256: return "P-256";
    case crypto::KeyType::P384: return "P-384";
    case crypto::KeyType::P521: return "P-521";
    case crypto::KeyType::Ed25519: return "Ed25519";
    case crypto::KeyType::Rsa: return "RSA";
  }
  return "unknown";
}

bool verifies(const crypto::PublicKey& key, HashAlgorithm hash, const std::string& encoding,
              const Blob& signature) {
  return key.verify(hash, bytes_of(encoding), signature).has_value();
}

// Whether an old signer covered the payload: by SHA-256 or by the hash of the curve.
bool verifies_legacy(const crypto::PublicKey& key, const Envelope& envelope) {
  const std::string encoding = legacy_encoding(envelope.payload_type, envelope.payload);
  const Blob& signature = envelope.signatures.front().signature;
  return verifies(key, HashAlgorithm::Sha256, encoding, signature) ||
         verifies(key, crypto::hash_for(key.type()), encoding, signature);
}

// What a signer may have done wrong, so that its owner finds out.
std::string guess(const crypto::PublicKey& key, const Envelope& envelope) {
  const std::string encoding = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  const HashAlgorithm right = crypto::hash_for(key.type());
  for (const HashAlgorithm hash : {HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512})
    if (hash != right && verifies(key, hash, encoding, envelope.signatures.front().signature))
      return "; it was made with " + std::string(crypto::name_of(hash)) + ", but a " +
             std::string(curve_of(key.type())) + " key signs with " + std::string(crypto::name_of(right));
  if (verifies_legacy(key, envelope))
    return "; it was made by release 0.2.0 of the reference implementation, see --legacy-v0.2";
  return "";
}

}  // namespace

std::string key_hint(const crypto::PublicKey& key) {
  return hex(crypto::sha256_bytes(bytes_of(key.pem())));
}

std::string describe(const crypto::PublicKey& key) {
  return std::string(curve_of(key.type())) + " key " + key_hint(key).substr(0, 16) + "…";
}

std::expected<crypto::PublicKey, Distrust> KeyTrust::key_of(const Bundle& bundle, Verification& out) const {
  const VerificationMaterial& material = bundle.material;
  const auto distrust = [](std::string message) {
    return std::unexpected(Distrust{
        .check = "signer-key", .rule = &kSignerUnexpected, .reason = {}, .message = std::move(message)});
  };
  if (material.kind != MaterialKind::PublicKey)
    return distrust("the bundle carries " + std::string(kind_of(material.kind)) +
                    ", but a public key was given to verify with");
  const std::string hint = key_hint(key_);
  if (!material.hint.empty() && material.hint != hint)
    return distrust("the bundle is signed with key " + printable(material.hint, 64) +
                    ", but the given key is " + hint);
  if (!material.raw_key.empty()) {
    const auto carried = crypto::PublicKey::from_pem(text_of(material.raw_key));
    if (!carried || !(*carried == key_))
      return distrust("the bundle carries another key than the one that was given (" + hint + ")");
  }
  out.pass("signer-key", describe(key_) + " is the one that was given");
  out.note("identity", Outcome::NotProved, "a key does not say who holds it");
  out.note("time", Outcome::NotProved, "a signature by key does not say when it was made");
  return key_;
}

bool verify_signature(const Bundle& bundle, const SignerTrust& trust,
                      std::span<const crypto::KeyType> allowed, bool legacy, Verification& out) {
  auto key = trust.key_of(bundle, out);
  if (!key) {
    const Distrust& why = key.error();
    if (why.rule != nullptr) {
      out.fail(why.check, *why.rule, why.message);
    } else {
      out.note(why.check, Outcome::NotDone, why.message);
      out.gap(why.reason, {}, why.message);
    }
    return false;
  }
  if (std::ranges::find(allowed, key->type()) == allowed.end()) {
    out.fail("signer-key", kSignerUnexpected,
             std::string(curve_of(key->type())) + " keys are not for this kind of signature");
    return false;
  }
  const Envelope& envelope = *bundle.envelope;
  if (envelope.signatures.size() != 1) {
    out.fail("signature", kBundleMalformed,
             "the envelope has " + std::to_string(envelope.signatures.size()) +
                 " signatures, expected exactly one: which of them counts is not for a verifier to guess");
    return false;
  }
  if (verify_envelope(envelope, *key)) {
    out.pass("signature", "covers the statement, " + std::to_string(envelope.payload.size()) + " bytes");
    return true;
  }
  if (legacy && verifies_legacy(*key, envelope)) {
    out.pass("signature", "covers the statement, in the encoding of release 0.2.0");
    out.find(kLegacySignature, {}, "the signature covers the faulty encoding of release 0.2.0");
    return true;
  }
  out.fail("signature", kSignatureWrong,
           "the signature does not verify with the " + describe(*key) + guess(*key, envelope));
  return false;
}

}  // namespace bulwark::trust
