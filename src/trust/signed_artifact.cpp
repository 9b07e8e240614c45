#include "trust/signed_artifact.h"

#include <string>

#include "base/text.h"
#include "trust/dsse.h"
#include "trust/fields.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyType;
using crypto::Padding;

// Whether one of the statement's subjects has the artifact's digest. All digests of it that can be computed
// must agree.
Result<bool> is_subject(const Fields& subject, const SignedArtifact& artifact) {
  const Fields digests = TRY(subject.object("digest"));
  bool same = false;
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512}) {
    if (!digests.has(name_of(algorithm))) continue;
    const std::string value = TRY(digests.text(name_of(algorithm)));
    const auto own = artifact.digest(algorithm);
    if (!own) continue;
    if (lower(value) != hex(*own)) return false;
    same = true;
  }
  return same;
}

}  // namespace

SignedArtifact SignedArtifact::of_bytes(Bytes content) {
  SignedArtifact artifact;
  artifact.content_ = content;
  artifact.sha256_ = crypto::sha256_bytes(content);
  return artifact;
}

SignedArtifact SignedArtifact::of_sha256(const crypto::Hash256& digest) {
  SignedArtifact artifact;
  artifact.sha256_ = digest;
  return artifact;
}

std::optional<Blob> SignedArtifact::digest(HashAlgorithm algorithm) const {
  if (algorithm == HashAlgorithm::Sha256) return Blob(sha256_.begin(), sha256_.end());
  if (!content_) return std::nullopt;
  auto [known, fresh] = others_.try_emplace(algorithm);
  if (fresh) known->second = crypto::hash(algorithm, *content_);
  return known->second;
}

Result<void> verify_message(const MessageSignature& message, const SignedArtifact& artifact,
                            const crypto::PublicKey& key) {
  const Padding padding = key.type() == KeyType::Rsa ? Padding::RsaPkcs1 : Padding::None;
  if (key.type() == KeyType::Ed25519) {
    if (!artifact.content())
      return fail(Code::Unsupported, "an Ed25519 signature is over the artifact; give it, not its digest");
    auto verified = key.verify(HashAlgorithm::Sha512, *artifact.content(), message.signature);
    if (!verified && message.algorithm == HashAlgorithm::Sha512)
      verified.error().message += "; the variant over a hash (Ed25519ph) is not verified";
    return verified;
  }
  // Signers have used SHA-256 with all curves; the bundle says which hash, and the wrong one does not verify.
  const HashAlgorithm algorithm = message.algorithm.value_or(hash_for(key.type()));
  const auto digest = artifact.digest(algorithm);
  if (!digest)
    return fail(Code::Unsupported, "it is over the " + std::string(name_of(algorithm)) +
                                       " of the artifact; give the artifact, not its SHA-256");
  return key.verify_digest(algorithm, *digest, message.signature, padding);
}

Result<void> check_hint(const MessageSignature& message, const SignedArtifact& artifact) {
  if (!message.algorithm) return {};
  const auto digest = artifact.digest(*message.algorithm);
  if (!digest || *digest == message.digest) return {};
  return fail(Code::Denied, "the bundle is for " + std::string(name_of(*message.algorithm)) + " " +
                                hex(message.digest) + ", the artifact has " + hex(*digest));
}

Result<void> check_subjects(const Envelope& envelope, const SignedArtifact& artifact) {
  if (envelope.payload_type != kInTotoType)
    return fail(Code::Unsupported, "the envelope holds '" + printable(envelope.payload_type) + "'" +
                                       ", which does not say what it is about; expected '" +
                                       std::string(kInTotoType) + "'");
  const Document document = TRY(read_object(text_of(envelope.payload), "statement"));
  const Fields statement = TRY(Fields::of(document, ""));
  const std::string type = TRY(statement.text("_type"));
  if (type != "https://in-toto.io/Statement/v1" && type != "https://in-toto.io/Statement/v0.1")
    return fail(Code::Unsupported, "a statement of type '" + printable(type) + "'");
  const auto* subjects = TRY(statement.list("subject", TrustLimits::kSubjects));
  for (const Document& one : *subjects) {
    const Fields subject = TRY(Fields::of(one, "subject"));
    const bool same = TRY(is_subject(subject, artifact));
    if (same) return {};
  }
  const auto digest = artifact.digest(HashAlgorithm::Sha256);
  return fail(Code::Denied, "none of the statement's " + std::to_string(subjects->size()) +
                                " subjects is the artifact (sha256 " + hex(digest.value_or(Blob{})) + ")");
}

}  // namespace bulwark::trust
