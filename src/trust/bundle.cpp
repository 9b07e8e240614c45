#include "trust/bundle.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"
#include "trust/fields.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

struct MediaType {
  std::string_view name;
  BundleVersion version;
};
constexpr auto kMediaTypes = std::to_array<MediaType>({
    {"application/vnd.dev.sigstore.bundle+json;version=0.1", BundleVersion::V01},
    {"application/vnd.dev.sigstore.bundle+json;version=0.2", BundleVersion::V02},
    {"application/vnd.dev.sigstore.bundle+json;version=0.3", BundleVersion::V03},
    {kBundleMediaType, BundleVersion::V03},
});

struct DigestName {
  std::string_view name;
  crypto::HashAlgorithm algorithm;
};
constexpr auto kDigestNames = std::to_array<DigestName>({
    {"SHA2_256", crypto::HashAlgorithm::Sha256},
    {"SHA2_384", crypto::HashAlgorithm::Sha384},
    {"SHA2_512", crypto::HashAlgorithm::Sha512},
});

Result<BundleVersion> version_of(const Fields& root) {
  const std::string name = TRY(root.text("mediaType"));
  const auto found = std::ranges::find(kMediaTypes, name, &MediaType::name);
  if (found == kMediaTypes.end())
    return fail(Code::Unsupported, "mediaType: '" + printable(name, 80) +
                                       "' is no Sigstore bundle that can be read; expected '" +
                                       std::string(kBundleMediaType) + "'");
  return found->version;
}

Result<Blob> certificate_of(const Document& value, const std::string& path) {
  const Fields fields = TRY(Fields::of(value, path));
  Blob der = TRY(fields.base64("rawBytes"));
  if (der.empty()) return fail(Code::InvalidInput, path + ".rawBytes is empty");
  return der;
}

Result<std::vector<Blob>> chain_of(const Fields& chain) {
  const auto* list = TRY(chain.list("certificates", TrustLimits::kCertificates));
  if (list->empty()) return fail(Code::InvalidInput, chain.name_of("certificates") + " is empty");
  std::vector<Blob> certificates;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string path = chain.name_of("certificates") + "[" + std::to_string(i) + "]";
    Blob der = TRY(certificate_of((*list)[i], path));
    certificates.push_back(std::move(der));
  }
  return certificates;
}

Result<InclusionProof> proof_of(const Fields& fields) {
  TRY(fields.only({"logIndex", "treeSize", "rootHash", "hashes", "checkpoint"}));
  InclusionProof proof;
  proof.log_index = TRY(fields.optional_number("logIndex")).value_or(0);  // ProtoJSON leaves zeros out
  proof.tree_size = TRY(fields.number("treeSize"));
  proof.root_hash = TRY(fields.base64("rootHash"));
  const auto* hashes = TRY(fields.optional_list("hashes", TrustLimits::kProofHashes));
  for (const Document& hash : *hashes) {
    const auto bytes = hash.is_string() ? strict_base64(hash.string) : std::nullopt;
    if (!bytes) return fail(Code::InvalidInput, fields.name_of("hashes") + ": not base64");
    proof.hashes.push_back(*bytes);
  }
  if (fields.has("checkpoint")) {
    const Fields checkpoint = TRY(fields.object("checkpoint"));
    proof.checkpoint = TRY(checkpoint.text("envelope"));
    if (proof.checkpoint.size() > TrustLimits::kCheckpointBytes)
      return fail(Code::LimitReached, checkpoint.name_of("envelope") + " is longer than " +
                                          std::to_string(TrustLimits::kCheckpointBytes) + " bytes");
  }
  return proof;
}

Result<LogEntry> log_entry_of(const Document& value, const std::string& path) {
  const Fields fields = TRY(Fields::of(value, path));
  // A field that we do not know could be evidence that we drop unseen.
  TRY(fields.only({"logIndex", "logId", "kindVersion", "integratedTime", "canonicalizedBody",
                   "inclusionPromise", "inclusionProof"}));
  LogEntry entry;
  entry.log_index = TRY(fields.optional_number("logIndex")).value_or(0);
  const Fields id = TRY(fields.object("logId"));
  entry.log_id = TRY(id.base64("keyId"));
  const Fields kind = TRY(fields.object("kindVersion"));
  entry.kind = TRY(kind.text("kind"));
  entry.version = TRY(kind.text("version"));
  entry.integrated_time = TRY(fields.optional_number("integratedTime")).value_or(0);
  entry.canonicalized_body = TRY(fields.base64("canonicalizedBody"));
  if (fields.has("inclusionPromise")) {
    const Fields promise = TRY(fields.object("inclusionPromise"));
    TRY(promise.only({"signedEntryTimestamp"}));
    if (promise.has("signedEntryTimestamp"))
      entry.signed_entry_timestamp = TRY(promise.base64("signedEntryTimestamp"));
  }
  if (fields.has("inclusionProof")) {
    const Fields proof = TRY(fields.object("inclusionProof"));
    entry.inclusion_proof = TRY(proof_of(proof));
  }
  return entry;
}

Result<void> read_key_material(const Fields& material, VerificationMaterial& out) {
  const int given = int{material.has("publicKey")} + int{material.has("x509CertificateChain")} +
                    int{material.has("certificate")};
  if (given != 1)
    return fail(Code::InvalidInput,
                material.path() +
                    ": expected exactly one of publicKey, x509CertificateChain and certificate, "
                    "found " +
                    std::to_string(given));
  if (material.has("publicKey")) {
    const Fields key = TRY(material.object("publicKey"));
    out.kind = MaterialKind::PublicKey;
    out.hint = TRY(key.text_or("hint", ""));
    if (key.has("rawBytes")) out.raw_key = TRY(key.base64("rawBytes"));
    return {};
  }
  if (material.has("x509CertificateChain")) {
    const Fields chain = TRY(material.object("x509CertificateChain"));
    out.kind = MaterialKind::CertificateChain;
    out.certificates = TRY(chain_of(chain));
    return {};
  }
  const Document* certificate = TRY(material.required("certificate"));
  Blob der = TRY(certificate_of(*certificate, material.name_of("certificate")));
  out.kind = MaterialKind::Certificate;
  out.certificates.push_back(std::move(der));
  return {};
}

Result<void> read_log_entries(const Fields& material, VerificationMaterial& out) {
  const auto* entries = TRY(material.optional_list("tlogEntries", TrustLimits::kLogEntries));
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const std::string path = material.name_of("tlogEntries") + "[" + std::to_string(i) + "]";
    LogEntry entry = TRY(log_entry_of((*entries)[i], path));
    out.log_entries.push_back(std::move(entry));
  }
  return {};
}

Result<void> read_timestamps(const Fields& material, VerificationMaterial& out) {
  if (!material.has("timestampVerificationData")) return {};
  const Fields timestamps = TRY(material.object("timestampVerificationData"));
  TRY(timestamps.only({"rfc3161Timestamps"}));
  const auto* list = TRY(timestamps.optional_list("rfc3161Timestamps", TrustLimits::kTimestamps));
  for (const Document& value : *list) {
    const Fields timestamp = TRY(Fields::of(value, timestamps.name_of("rfc3161Timestamps")));
    Blob der = TRY(timestamp.base64("signedTimestamp"));
    out.timestamps.push_back(std::move(der));
  }
  return {};
}

Result<VerificationMaterial> material_of(const Fields& root) {
  const Fields fields = TRY(root.object("verificationMaterial"));
  TRY(fields.only(
      {"publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData"}));
  VerificationMaterial material;
  TRY(read_key_material(fields, material));
  TRY(read_log_entries(fields, material));
  TRY(read_timestamps(fields, material));
  return material;
}

Result<MessageSignature> message_of(const Fields& fields) {
  TRY(fields.only({"messageDigest", "signature"}));
  MessageSignature message;
  message.signature = TRY(fields.base64("signature"));
  if (!fields.has("messageDigest")) return message;
  const Fields digest = TRY(fields.object("messageDigest"));
  const std::string name = TRY(digest.text("algorithm"));
  const auto found = std::ranges::find(kDigestNames, name, &DigestName::name);
  if (found == kDigestNames.end())
    return fail(Code::Unsupported, digest.name_of("algorithm") + ": '" + printable(name, 40) + "'");
  message.algorithm = found->algorithm;
  message.digest = TRY(digest.base64("digest"));
  return message;
}

Result<Envelope> envelope_of(const Fields& fields) {
  TRY(fields.only({"payload", "payloadType", "signatures"}));
  Envelope envelope;
  envelope.payload_type = TRY(fields.text("payloadType"));
  envelope.payload = TRY(fields.base64("payload"));
  const auto* list = TRY(fields.list("signatures", TrustLimits::kSignatures));
  if (list->empty()) return fail(Code::InvalidInput, fields.name_of("signatures") + " is empty");
  for (const Document& value : *list) {
    const Fields signature = TRY(Fields::of(value, fields.name_of("signatures")));
    TRY(signature.only({"sig", "keyid"}));
    EnvelopeSignature read;
    read.signature = TRY(signature.base64("sig"));
    read.key_id = TRY(signature.text_or("keyid", ""));
    if (read.signature.empty()) return fail(Code::InvalidInput, signature.name_of("sig") + " is empty");
    envelope.signatures.push_back(std::move(read));
  }
  return envelope;
}

Document base64_text(const Blob& bytes) {
  return json_string(encode_base64(bytes));
}

Document certificate_json(const Blob& der) {
  return json_map({{"rawBytes", base64_text(der)}});
}

Document proof_json(const InclusionProof& proof) {
  std::vector<Document> hashes;
  for (const Blob& hash : proof.hashes) hashes.push_back(base64_text(hash));
  Document json = json_map({{"logIndex", json_string(std::to_string(proof.log_index))},
                            {"rootHash", base64_text(proof.root_hash)},
                            {"treeSize", json_string(std::to_string(proof.tree_size))},
                            {"hashes", json_list(std::move(hashes))}});
  if (!proof.checkpoint.empty())
    json.map.emplace_back("checkpoint", json_map({{"envelope", json_string(proof.checkpoint)}}));
  return json;
}

Document log_entry_json(const LogEntry& entry) {
  Document json =
      json_map({{"logIndex", json_string(std::to_string(entry.log_index))},
                {"logId", json_map({{"keyId", base64_text(entry.log_id)}})},
                {"kindVersion",
                 json_map({{"kind", json_string(entry.kind)}, {"version", json_string(entry.version)}})}});
  if (entry.integrated_time != 0)
    json.map.emplace_back("integratedTime", json_string(std::to_string(entry.integrated_time)));
  if (entry.signed_entry_timestamp)
    json.map.emplace_back("inclusionPromise",
                          json_map({{"signedEntryTimestamp", base64_text(*entry.signed_entry_timestamp)}}));
  if (entry.inclusion_proof) json.map.emplace_back("inclusionProof", proof_json(*entry.inclusion_proof));
  json.map.emplace_back("canonicalizedBody", base64_text(entry.canonicalized_body));
  return json;
}

Document material_json(const VerificationMaterial& material) {
  Document json = json_map();
  if (material.kind == MaterialKind::PublicKey) {
    json.map.emplace_back("publicKey", json_map({{"hint", json_string(material.hint)}}));
  } else if (material.kind == MaterialKind::Certificate) {
    json.map.emplace_back("certificate", certificate_json(material.certificates.front()));
  } else {
    std::vector<Document> chain;
    for (const Blob& der : material.certificates) chain.push_back(certificate_json(der));
    json.map.emplace_back("x509CertificateChain", json_map({{"certificates", json_list(std::move(chain))}}));
  }
  std::vector<Document> entries;
  for (const LogEntry& entry : material.log_entries) entries.push_back(log_entry_json(entry));
  json.map.emplace_back("tlogEntries", json_list(std::move(entries)));
  if (material.timestamps.empty()) return json;
  std::vector<Document> timestamps;
  for (const Blob& der : material.timestamps)
    timestamps.push_back(json_map({{"signedTimestamp", base64_text(der)}}));
  json.map.emplace_back("timestampVerificationData",
                        json_map({{"rfc3161Timestamps", json_list(std::move(timestamps))}}));
  return json;
}

Document message_json(const MessageSignature& message) {
  Document json = json_map();
  for (const DigestName& known : kDigestNames)
    if (message.algorithm == known.algorithm)
      json.map.emplace_back("messageDigest", json_map({{"algorithm", json_string(std::string(known.name))},
                                                       {"digest", base64_text(message.digest)}}));
  json.map.emplace_back("signature", base64_text(message.signature));
  return json;
}

Document envelope_json(const Envelope& envelope) {
  std::vector<Document> signatures;
  for (const EnvelopeSignature& signature : envelope.signatures)
    signatures.push_back(
        json_map({{"sig", base64_text(signature.signature)}, {"keyid", json_string(signature.key_id)}}));
  return json_map({{"payload", base64_text(envelope.payload)},
                   {"payloadType", json_string(envelope.payload_type)},
                   {"signatures", json_list(std::move(signatures))}});
}

}  // namespace

Result<Bundle> read_bundle(std::string_view json) {
  const Document document = TRY(read_object(json, "bundle"));
  const Fields root = TRY(Fields::of(document, ""));
  Bundle bundle;
  bundle.version = TRY(version_of(root));
  TRY(root.only({"mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope"}));
  bundle.material = TRY(material_of(root));
  if (root.has("messageSignature") == root.has("dsseEnvelope"))
    return fail(Code::InvalidInput, "bundle: expected exactly one of dsseEnvelope and messageSignature");
  if (root.has("messageSignature")) {
    const Fields message = TRY(root.object("messageSignature"));
    bundle.message = TRY(message_of(message));
  } else {
    const Fields envelope = TRY(root.object("dsseEnvelope"));
    bundle.envelope = TRY(envelope_of(envelope));
  }
  return bundle;
}

Result<Envelope> read_envelope(std::string_view json) {
  const Document document = TRY(read_object(json, "envelope"));
  const Fields root = TRY(Fields::of(document, ""));
  return envelope_of(root);
}

std::string write_bundle(const Bundle& bundle) {
  Document json = json_map({{"mediaType", json_string(std::string(kBundleMediaType))},
                            {"verificationMaterial", material_json(bundle.material)}});
  if (bundle.message) json.map.emplace_back("messageSignature", message_json(*bundle.message));
  if (bundle.envelope) json.map.emplace_back("dsseEnvelope", envelope_json(*bundle.envelope));
  return pretty_json(json);
}

std::string write_envelope(const Envelope& envelope) {
  return pretty_json(envelope_json(envelope));
}

}  // namespace bulwark::trust
