// Canonical bodies of Rekor's entries. Version 1 has PEM in base64, version 2 has DER.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/hash.h"
#include "trust/fields.h"
#include "trust/limits.h"
#include "trust/sigstore_log.h"

namespace bulwark::trust {
namespace {

using crypto::HashAlgorithm;

std::unexpected<Error> differs(std::string_view what, const std::string& found, const std::string& expected) {
  return fail(Code::Denied,
              "the entry is about another " + std::string(what) + ": " + found + ", expected " + expected);
}

Result<void> same_bytes(std::string_view what, Bytes found, Bytes expected) {
  if (std::ranges::equal(found, expected)) return {};
  return differs(what, hex(crypto::sha256_bytes(found)) + " (SHA-256 of it)",
                 hex(crypto::sha256_bytes(expected)));
}

std::string signer_text(const LoggedSignature& signature) {
  return signature.certificate != nullptr
             ? "certificate " + hex(signature.certificate->fingerprint()).substr(0, 16) + "…"
             : "key " + hex(crypto::sha256_bytes(signature.key->spki())).substr(0, 16) + "…";
}

// PEM of the certificate or key, as version 1 keeps it.
Result<void> same_signer_pem(const Blob& pem, const LoggedSignature& signature) {
  const std::string_view text = text_of(pem);
  if (signature.certificate == nullptr) {
    const auto key = crypto::PublicKey::from_pem(text);
    if (key && *key == *signature.key) return {};
    return differs("signer", key ? "another key" : key.error().message, signer_text(signature));
  }
  const auto certificates = crypto::Certificate::from_pem(text);
  if (!certificates) return differs("signer", certificates.error().message, signer_text(signature));
  if (certificates->size() == 1 &&
      std::ranges::equal(certificates->front().der(), signature.certificate->der()))
    return {};
  return differs("signer", "certificate " + hex(certificates->front().fingerprint()).substr(0, 16) + "…",
                 signer_text(signature));
}

// {"keyDetails": …, "x509Certificate" or "publicKey": {"rawBytes": …}} of version 2.
Result<void> same_verifier(const Fields& verifier, const LoggedSignature& signature) {
  TRY(verifier.only({"keyDetails", "x509Certificate", "publicKey"}));
  const bool certified = signature.certificate != nullptr;
  if (verifier.has("x509Certificate") != certified || verifier.has("publicKey") == certified)
    return differs("signer", certified ? "a bare key" : "a certificate", signer_text(signature));
  const Fields material = TRY(verifier.object(certified ? "x509Certificate" : "publicKey"));
  const Blob raw = TRY(material.base64("rawBytes"));
  return same_bytes("signer", raw,
                    certified ? Blob(signature.certificate->der().begin(), signature.certificate->der().end())
                              : signature.key->spki());
}

struct AlgorithmName {
  std::string_view first;   // version 1
  std::string_view second;  // version 2
  HashAlgorithm algorithm;
};
constexpr auto kAlgorithms = std::to_array<AlgorithmName>({
    {"sha256", "SHA2_256", HashAlgorithm::Sha256},
    {"sha384", "SHA2_384", HashAlgorithm::Sha384},
    {"sha512", "SHA2_512", HashAlgorithm::Sha512},
});

struct NamedHash {
  HashAlgorithm algorithm = HashAlgorithm::Sha256;
  Blob value;
};

// {"algorithm": "sha256", "value": hex}
Result<NamedHash> hash_of_first(const Fields& fields) {
  const std::string name = TRY(fields.text("algorithm"));
  const std::string value = TRY(fields.text("value"));
  const auto known = std::ranges::find(kAlgorithms, name, &AlgorithmName::first);
  if (known == kAlgorithms.end())
    return fail(Code::Unsupported, fields.name_of("algorithm") + ": '" + printable(name, 40) + "'");
  const auto bytes = bytes_of_hex(value);
  if (!bytes) return fail(Code::InvalidInput, fields.name_of("value") + ": not lower-case hex");
  return NamedHash{known->algorithm, *bytes};
}

// {"algorithm": "SHA2_256", "digest": base64}
Result<NamedHash> hash_of_second(const Fields& fields) {
  const std::string name = TRY(fields.text("algorithm"));
  Blob value = TRY(fields.base64("digest"));
  const auto known = std::ranges::find(kAlgorithms, name, &AlgorithmName::second);
  if (known == kAlgorithms.end())
    return fail(Code::Unsupported, fields.name_of("algorithm") + ": '" + printable(name, 40) + "'");
  return NamedHash{known->algorithm, std::move(value)};
}

Result<void> same_signed_hash(const NamedHash& found, const LoggedSignature& signature) {
  const auto expected = signature.signed_hash(found.algorithm);
  if (!expected)
    return fail(Code::Unsupported, "the entry has the " + std::string(name_of(found.algorithm)) +
                                       " of the artifact; give the artifact itself, not its SHA-256");
  if (found.value == *expected) return {};
  return differs("artifact", std::string(name_of(found.algorithm)) + " " + hex(found.value), hex(*expected));
}

Result<void> same_payload_hash(const NamedHash& found, const Envelope& envelope) {
  const auto expected = crypto::hash(found.algorithm, envelope.payload);
  if (found.value == expected) return {};
  return differs("payload", std::string(name_of(found.algorithm)) + " " + hex(found.value), hex(expected));
}

const Blob& signature_bytes(const Bundle& bundle) {
  return bundle.envelope ? bundle.envelope->signatures.front().signature : bundle.message->signature;
}

Result<const Envelope*> envelope_of(const LoggedSignature& signature) {
  if (!signature.bundle.envelope)
    return differs("kind of signature", "one over an envelope", "one over an artifact");
  return &*signature.bundle.envelope;
}

Result<void> hashed_record_first(const Fields& spec, const LoggedSignature& expected) {
  TRY(spec.only({"data", "signature"}));
  const Fields data = TRY(spec.object("data"));
  const Fields hash = TRY(data.object("hash"));
  const NamedHash named = TRY(hash_of_first(hash));
  TRY(same_signed_hash(named, expected));
  const Fields signature = TRY(spec.object("signature"));
  const Blob content = TRY(signature.base64("content"));
  TRY(same_bytes("signature", content, signature_bytes(expected.bundle)));
  const Fields key = TRY(signature.object("publicKey"));
  const Blob pem = TRY(key.base64("content"));
  return same_signer_pem(pem, expected);
}

Result<void> hashed_record_second(const Fields& spec, const LoggedSignature& expected) {
  TRY(spec.only({"hashedRekordV002"}));
  const Fields record = TRY(spec.object("hashedRekordV002"));
  TRY(record.only({"data", "signature"}));
  const Fields data = TRY(record.object("data"));
  const NamedHash named = TRY(hash_of_second(data));
  TRY(same_signed_hash(named, expected));
  const Fields signature = TRY(record.object("signature"));
  const Blob content = TRY(signature.base64("content"));
  TRY(same_bytes("signature", content, signature_bytes(expected.bundle)));
  const Fields verifier = TRY(signature.object("verifier"));
  return same_verifier(verifier, expected);
}

// The one signature that an entry over an envelope lists.
Result<Fields> only_signature(const Fields& spec) {
  const auto* list = TRY(spec.list("signatures", TrustLimits::kSignatures));
  if (list->size() != 1) return differs("number of signatures", std::to_string(list->size()), "1");
  return Fields::of(list->front(), spec.name_of("signatures"));
}

Result<void> dsse_first(const Fields& spec, const LoggedSignature& expected) {
  TRY(spec.only({"envelopeHash", "payloadHash", "signatures"}));
  const Envelope* const envelope = TRY(envelope_of(expected));
  const Fields payload_hash = TRY(spec.object("payloadHash"));
  const NamedHash named = TRY(hash_of_first(payload_hash));
  TRY(same_payload_hash(named, *envelope));
  const Fields signature = TRY(only_signature(spec));
  const Blob content = TRY(signature.base64("signature"));
  TRY(same_bytes("signature", content, signature_bytes(expected.bundle)));
  const Blob pem = TRY(signature.base64("verifier"));
  return same_signer_pem(pem, expected);
}

Result<void> dsse_second(const Fields& outer, const LoggedSignature& expected) {
  TRY(outer.only({"dsseV002"}));
  const Fields spec = TRY(outer.object("dsseV002"));
  TRY(spec.only({"payloadHash", "signatures"}));
  const Envelope* const envelope = TRY(envelope_of(expected));
  const Fields payload_hash = TRY(spec.object("payloadHash"));
  const NamedHash named = TRY(hash_of_second(payload_hash));
  TRY(same_payload_hash(named, *envelope));
  const Fields signature = TRY(only_signature(spec));
  const Blob content = TRY(signature.base64("content"));
  TRY(same_bytes("signature", content, signature_bytes(expected.bundle)));
  const Fields verifier = TRY(signature.object("verifier"));
  return same_verifier(verifier, expected);
}

// Signers put base64 into fields that the log encodes once more, or did not.
bool is_encoded_once_or_twice(const Blob& found, const Blob& expected) {
  if (found == expected) return true;
  const auto inner = strict_base64(text_of(found));
  return inner && *inner == expected;
}

Result<void> in_toto_second(const Fields& spec, const LoggedSignature& expected) {
  TRY(spec.only({"content"}));
  const Envelope* const envelope = TRY(envelope_of(expected));
  const Fields content = TRY(spec.object("content"));
  const Fields payload_hash = TRY(content.object("payloadHash"));
  const NamedHash named = TRY(hash_of_first(payload_hash));
  TRY(same_payload_hash(named, *envelope));
  const Fields logged = TRY(content.object("envelope"));
  const std::string type = TRY(logged.text("payloadType"));
  if (type != envelope->payload_type)
    return differs("payload type", "'" + printable(type, 80) + "'",
                   "'" + printable(envelope->payload_type, 80) + "'");
  if (logged.has("payload")) {
    const Blob payload = TRY(logged.base64("payload"));
    if (!is_encoded_once_or_twice(payload, envelope->payload))
      return same_bytes("payload", payload, envelope->payload);
  }
  const Fields signature = TRY(only_signature(logged));
  const Blob bytes = TRY(signature.base64("sig"));
  const Blob& own = envelope->signatures.front().signature;
  if (!is_encoded_once_or_twice(bytes, own)) return same_bytes("signature", bytes, own);
  const Blob pem = TRY(signature.base64("publicKey"));
  return same_signer_pem(pem, expected);
}

struct BodyKind {
  std::string_view kind;
  std::string_view version;
  Result<void> (*check)(const Fields& spec, const LoggedSignature& expected);
};
constexpr auto kKinds = std::to_array<BodyKind>({
    {"hashedrekord", "0.0.1", hashed_record_first},
    {"hashedrekord", "0.0.2", hashed_record_second},
    {"dsse", "0.0.1", dsse_first},
    {"dsse", "0.0.2", dsse_second},
    {"intoto", "0.0.2", in_toto_second},
});

}  // namespace

Result<void> check_body(const LogEntry& entry, const LoggedSignature& signature) {
  const auto known = std::ranges::find_if(
      kKinds, [&](const BodyKind& one) { return one.kind == entry.kind && one.version == entry.version; });
  if (known == kKinds.end())
    return fail(Code::Unsupported, "an entry of kind '" + printable(entry.kind, 40) + "' version '" +
                                       printable(entry.version, 20) +
                                       "'; known are hashedrekord and dsse 0.0.1 and 0.0.2, intoto 0.0.2");
  const Document document = TRY(read_object(text_of(entry.canonicalized_body), "canonical body"));
  const Fields body = TRY(Fields::of(document, ""));
  TRY(body.only({"apiVersion", "kind", "spec"}));
  const std::string kind = TRY(body.text("kind"));
  const std::string version = TRY(body.text("apiVersion"));
  if (kind != entry.kind || version != entry.version)
    return differs("kind", "'" + printable(kind, 40) + " " + printable(version, 20) + "'",
                   "'" + entry.kind + " " + entry.version + "'");
  const Fields spec = TRY(body.object("spec"));
  return known->check(spec, signature);
}

}  // namespace bulwark::trust
