#include "support/sigstore.h"

#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "ledger/merkle.h"
#include "trust/dsse.h"

namespace bulwark::test {
namespace {

using crypto::HashAlgorithm;
using trust::Blob;

constexpr std::string_view kFirstName = "rekor.example";
constexpr std::string_view kSecondName = "log2026.rekor.example";

void put(Blob& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * bytes) & 0xff));
}

void put_sized(Blob& out, Bytes content) {
  put(out, content.size(), 2);
  out.insert(out.end(), content.begin(), content.end());
}

Blob key_id(const MadeKey& key) {
  const auto id = crypto::sha256_bytes(key.spki());
  return {id.begin(), id.end()};
}

// C2SP signed-note: of name and key.
Blob note_key_id(const MadeKey& key) {
  Blob bytes(kSecondName.begin(), kSecondName.end());
  bytes.insert(bytes.end(), {'\n', 0x01});
  const auto raw = key.public_key().raw();
  bytes.insert(bytes.end(), raw.begin(), raw.end());
  const auto id = crypto::sha256_bytes(bytes);
  return {id.begin(), id.end()};
}

Blob certificate_promise(const MadeKey& log, const crypto::Certificate& issuer, Bytes part, Instant time) {
  Blob message;
  put(message, 0, 2);
  const auto milliseconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  put(message, milliseconds, 8);
  put(message, 1, 2);
  const auto hash = issuer.key_hash();
  message.insert(message.end(), hash.begin(), hash.end());
  put(message, part.size(), 3);
  message.insert(message.end(), part.begin(), part.end());
  put(message, 0, 2);
  Blob one;
  put(one, 0, 1);
  const Blob id = key_id(log);
  one.insert(one.end(), id.begin(), id.end());
  put(one, milliseconds, 8);
  put(one, 0, 2);
  put(one, 4, 1);
  put(one, 3, 1);
  put_sized(one, log.sign(message, HashAlgorithm::Sha256));
  Blob list;
  put_sized(list, one);
  Blob all;
  put_sized(all, list);
  return der(0x04, all);
}

Document text(std::string value) {
  return json_string(std::move(value));
}
Document base64(Bytes bytes) {
  return json_string(encode_base64(bytes));
}

std::string details_of(crypto::KeyType type) {
  using crypto::KeyType;
  return type == KeyType::P384      ? "PKIX_ECDSA_P384_SHA_384"
         : type == KeyType::P521    ? "PKIX_ECDSA_P521_SHA_512"
         : type == KeyType::Ed25519 ? "PKIX_ED25519"
         : type == KeyType::Rsa     ? "PKIX_RSA_PKCS1V15_2048_SHA256"
                                    : "PKIX_ECDSA_P256_SHA_256";
}

struct Signer {
  MadeKey key;
  std::optional<crypto::Certificate> certificate;

  [[nodiscard]] Document pem() const {
    const std::string text = certificate ? certificate->pem() : key.public_key().pem();
    return base64(bytes_of(text));
  }
  [[nodiscard]] Document verifier() const {
    const Document raw =
        json_map({{"rawBytes", base64(certificate ? Blob(certificate->der().begin(), certificate->der().end())
                                                  : key.spki())}});
    return json_map(
        {{"keyDetails", text(details_of(key.type()))}, {certificate ? "x509Certificate" : "publicKey", raw}});
  }
};

Document first_hash(Bytes content) {
  return json_map({{"algorithm", text("sha256")}, {"value", text(hex(crypto::sha256_bytes(content)))}});
}
Document second_hash(Bytes content) {
  return json_map({{"algorithm", text("SHA2_256")}, {"digest", base64(crypto::sha256_bytes(content))}});
}

// `signed_bytes`: what the signature covers; `payload`: of the envelope.
Document spec_of(EntryForm form, Bytes signed_bytes, const trust::Envelope* envelope, const Blob& signature,
                 const Signer& signer) {
  switch (form) {
    case EntryForm::HashedRecord1:
      return json_map({{"data", json_map({{"hash", first_hash(signed_bytes)}})},
                       {"signature", json_map({{"content", base64(signature)},
                                               {"publicKey", json_map({{"content", signer.pem()}})}})}});
    case EntryForm::HashedRecord2:
      return json_map(
          {{"hashedRekordV002", json_map({{"data", second_hash(signed_bytes)},
                                          {"signature", json_map({{"content", base64(signature)},
                                                                  {"verifier", signer.verifier()}})}})}});
    case EntryForm::Dsse1:
      return json_map(
          {{"envelopeHash", first_hash(signed_bytes)},
           {"payloadHash", first_hash(envelope->payload)},
           {"signatures",
            json_list({json_map({{"signature", base64(signature)}, {"verifier", signer.pem()}})})}});
    case EntryForm::Dsse2:
      return json_map({{"dsseV002", json_map({{"payloadHash", second_hash(envelope->payload)},
                                              {"signatures",
                                               json_list({json_map({{"content", base64(signature)},
                                                                    {"verifier", signer.verifier()}})})}})}});
    default: {
      const std::string once = encode_base64(signature);
      return json_map(
          {{"content",
            json_map({{"envelope",
                       json_map({{"payloadType", text(envelope->payload_type)},
                                 {"signatures", json_list({json_map({{"publicKey", signer.pem()},
                                                                     {"sig", base64(bytes_of(once))}})})}})},
                      {"hash", first_hash(signed_bytes)},
                      {"payloadHash", first_hash(envelope->payload)}})}});
    }
  }
}

std::pair<std::string, std::string> kind_of(EntryForm form) {
  switch (form) {
    case EntryForm::HashedRecord1: return {"hashedrekord", "0.0.1"};
    case EntryForm::HashedRecord2: return {"hashedrekord", "0.0.2"};
    case EntryForm::Dsse1: return {"dsse", "0.0.1"};
    case EntryForm::Dsse2: return {"dsse", "0.0.2"};
    default: return {"intoto", "0.0.2"};
  }
}

trust::LogKey log_key(std::string name, const MadeKey& key, Blob id) {
  trust::LogKey log;
  log.name = std::move(name);
  log.id = id;
  log.note_id = std::move(id);
  log.key = key.public_key();
  log.details = details_of(key.type());
  log.hash = crypto::hash_for(key.type());
  log.valid_for.start = *instant_from("2025-01-01T00:00:00Z");
  return log;
}

}  // namespace

std::string statement_about(std::string_view artifact) {
  return R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":")" +
         hex(crypto::sha256_bytes(bytes_of(artifact))) +
         R"("}}],"predicateType":"https://example.org/p","predicate":{}})";
}

MadeSigstore::MadeSigstore()
    : root(issue(authority_wish("root"), nullptr)),
      middle(issue(
          [] {
            Wish wish = authority_wish("middle");
            wish.extended_key_usage = "codeSigning";
            return wish;
          }(),
          &root)),
      stamp_root(issue(authority_wish("stamp root"), nullptr)),
      stamper(issue(
          [] {
            Wish wish;
            wish.common_name = "stamper";
            wish.key_usage = "critical,digitalSignature";
            wish.extended_key_usage = "critical,timeStamping";
            return wish;
          }(),
          &stamp_root)) {}

trust::TrustedRoot MadeSigstore::trusted_root() const {
  const trust::ValidFor always{.start = *instant_from("2025-01-01T00:00:00Z")};
  trust::TrustedRoot trusted;
  trusted.logs = {log_key("https://" + std::string(kFirstName), first_log, key_id(first_log)),
                  log_key("https://" + std::string(kSecondName), second_log, note_key_id(second_log))};
  trusted.certificate_logs = {log_key("https://ct.example", certificate_log, key_id(certificate_log))};
  trusted.certificate_authorities = {
      {.name = "https://ca.example", .chain = {middle.certificate, root.certificate}, .valid_for = always}};
  trusted.timestamp_authorities = {{.name = "https://tsa.example",
                                    .chain = {stamper.certificate, stamp_root.certificate},
                                    .valid_for = always}};
  return trusted;
}

void MadeSigstore::relog(trust::LogEntry& entry, bool second_version, bool promise, Instant time) const {
  const MadeKey& key = second_version ? second_log : first_log;
  entry.log_id = second_version ? note_key_id(second_log) : key_id(first_log);
  // Third of four entries.
  const auto a = ledger::leaf_hash(bytes_of("a"));
  const auto b = ledger::leaf_hash(bytes_of("b"));
  const auto d = ledger::leaf_hash(bytes_of("d"));
  const auto left = ledger::node_hash(a, b);
  const auto tree_root =
      ledger::node_hash(left, ledger::node_hash(ledger::leaf_hash(entry.canonicalized_body), d));
  trust::InclusionProof proof;
  proof.log_index = 2;
  proof.tree_size = 4;
  proof.root_hash.assign(tree_root.begin(), tree_root.end());
  proof.hashes = {Blob(d.begin(), d.end()), Blob(left.begin(), left.end())};
  const std::string name(second_version ? kSecondName : kFirstName);
  const std::string note =
      name + (second_version ? "" : " - 123456") + "\n4\n" + encode_base64(tree_root) + "\n";
  Blob line(entry.log_id.begin(), entry.log_id.begin() + 4);
  const Blob signature = key.sign(bytes_of(note));
  line.insert(line.end(), signature.begin(), signature.end());
  proof.checkpoint = note + "\n\u2014 " + name + " " + encode_base64(line) + "\n";
  entry.inclusion_proof = std::move(proof);
  entry.log_index = second_version ? 2 : 1002;  // version 1 counts over all its shards
  entry.integrated_time = 0;
  entry.signed_entry_timestamp.reset();
  if (second_version) return;
  entry.integrated_time = static_cast<std::uint64_t>(time.time_since_epoch().count() / 1000);
  if (!promise) return;
  const std::string set = R"({"body":")" + encode_base64(entry.canonicalized_body) +
                          R"(","integratedTime":)" + std::to_string(entry.integrated_time) + R"(,"logID":")" +
                          hex(entry.log_id) + R"(","logIndex":)" + std::to_string(entry.log_index) + "}";
  entry.signed_entry_timestamp = first_log.sign(bytes_of(set));
}

trust::Bundle MadeSigstore::bundle(std::string_view artifact, const BundleWish& wish) const {
  Signer signer{MadeKey(wish.key), {}};
  if (!wish.managed) {
    Wish leaf = wish.leaf;
    leaf.common_name = "";
    if (leaf.key_usage.empty()) leaf.key_usage = "critical,digitalSignature";
    if (leaf.extended_key_usage.empty()) leaf.extended_key_usage = "codeSigning";
    if (leaf.alternative_names.empty()) leaf.alternative_names = "critical,URI:" + wish.identity;
    if (!wish.issuer.empty())
      leaf.extensions.emplace_back("1.3.6.1.4.1.57264.1.8", der(0x0c, bytes_of(wish.issuer)));
    const Embed promise = [&](Bytes part) {
      return certificate_promise(certificate_log, middle.certificate, part, wish.time);
    };
    Issued issued = issue(leaf, &middle, wish.key, wish.logged_certificate ? promise : Embed{});
    signer = {issued.key, issued.certificate};
  }
  last_key_ = signer.key.public_key();

  trust::Bundle bundle;
  bundle.version = wish.version;
  std::string signed_bytes(artifact);
  Blob signature;
  if (wish.envelope) {
    trust::Envelope envelope;
    envelope.payload_type = trust::kInTotoType;
    const std::string payload = wish.payload.empty() ? statement_about(artifact) : wish.payload;
    envelope.payload.assign(payload.begin(), payload.end());
    signed_bytes = trust::pre_authentication_encoding(envelope.payload_type, envelope.payload);
    signature = signer.key.sign(bytes_of(signed_bytes));
    envelope.signatures = {{.signature = signature, .key_id = ""}};
    bundle.envelope = std::move(envelope);
  } else {
    const HashAlgorithm algorithm =
        wish.key == crypto::KeyType::Ed25519 ? HashAlgorithm::Sha256 : crypto::hash_for(wish.key);
    signature = signer.key.sign(bytes_of(artifact));
    bundle.message = trust::MessageSignature{.algorithm = algorithm,
                                             .digest = crypto::hash(algorithm, bytes_of(artifact)),
                                             .signature = signature};
  }
  trust::VerificationMaterial& material = bundle.material;
  material.kind = wish.managed                                ? trust::MaterialKind::PublicKey
                  : wish.version == trust::BundleVersion::V03 ? trust::MaterialKind::Certificate
                                                              : trust::MaterialKind::CertificateChain;
  if (signer.certificate)
    material.certificates = {Blob(signer.certificate->der().begin(), signer.certificate->der().end())};
  const auto [kind, version] = kind_of(wish.entry);
  trust::LogEntry entry;
  entry.kind = kind;
  entry.version = version;
  const std::string body =
      canonical_json(
          json_map({{"apiVersion", text(version)},
                    {"kind", text(kind)},
                    {"spec", spec_of(wish.entry, bytes_of(signed_bytes),
                                     bundle.envelope ? &*bundle.envelope : nullptr, signature, signer)}}))
          .value();
  entry.canonicalized_body.assign(body.begin(), body.end());
  relog(entry, wish.entry == EntryForm::HashedRecord2 || wish.entry == EntryForm::Dsse2, wish.promise,
        wish.time);
  material.log_entries = {std::move(entry)};
  if (wish.stamped) material.timestamps = {stamp(stamper, signature, {.time = wish.stamp_time})};
  return bundle;
}

}  // namespace bulwark::test
