#include "trust/attestation.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "trust/dsse.h"
#include "trust/rules.h"

namespace bulwark::trust {
namespace {

constexpr auto kKeys = std::to_array<crypto::KeyType>(
    {crypto::KeyType::P256, crypto::KeyType::P384, crypto::KeyType::P521, crypto::KeyType::Ed25519});

// A bare envelope becomes a bundle that names no key: the key is the one that was given.
Result<Bundle> read_either(std::string_view json) {
  auto bundle = read_bundle(json);
  if (bundle) return bundle;
  auto envelope = read_envelope(json);
  if (!envelope) return bundle;
  Bundle bare;
  bare.envelope = std::move(*envelope);
  return bare;
}

std::optional<Statement> signed_statement(std::string_view json, const SignerTrust& trust,
                                          Verification& out) {
  const auto bundle = read_either(json);
  if (!bundle || !bundle->envelope) {
    out.fail("bundle", kBundleMalformed,
             bundle ? std::string("the bundle signs a message, not a statement") : bundle.error().message);
    return std::nullopt;
  }
  out.pass("bundle", "DSSE envelope");
  if (!verify_signature(*bundle, trust, kKeys, false, out)) return std::nullopt;
  if (bundle->envelope->payload_type != kInTotoType) {
    out.fail("statement", kStatementForeign,
             "payloadType is '" + printable(bundle->envelope->payload_type, 80) + "', expected '" +
                 std::string(kInTotoType) + "'");
    return std::nullopt;
  }
  auto statement = read_statement(bundle->envelope->payload);
  if (!statement) {
    out.fail("statement", kStatementForeign, statement.error().message);
    return std::nullopt;
  }
  out.pass("statement", "in-toto statement about " + std::to_string(statement->subjects.size()) +
                            (statement->subjects.size() == 1 ? " subject" : " subjects"));
  return std::move(*statement);
}

void check_builder(const PredicateSummary& summary, const AttestationPolicy& policy, Verification& out) {
  if (summary.builder.empty() && policy.builder.empty()) return;
  if (policy.builder.empty()) {
    out.note("builder", Outcome::NotProved,
             "whether this signer may speak for " + printable(summary.builder, 200) +
                 " was not asked; --builder names the one that is believed");
  } else if (summary.builder == policy.builder) {
    out.pass("builder", printable(summary.builder, 200) + ", as expected of this signer");
  } else {
    out.fail("builder", kBuilderUnexpected,
             "built by '" + printable(summary.builder, 200) + "', expected '" +
                 printable(policy.builder, 200) + "'");
  }
}

void check_content(const Statement& statement, const AttestationPolicy& policy, Verification& out) {
  if (!policy.predicate_type.empty() && statement.predicate_type != policy.predicate_type) {
    out.fail("predicate", kStatementForeign,
             "predicateType is '" + printable(statement.predicate_type, 120) + "', expected '" +
                 policy.predicate_type + "'");
    return;
  }
  const auto summary = check_predicate(statement.predicate_type, statement.predicate);
  if (!summary) {
    out.fail("predicate", kPredicateContradictory, summary.error().message);
    return;
  }
  if (!summary->understood) {
    out.note("predicate", Outcome::NotProved, summary->text);
  } else {
    out.pass("predicate", summary->text);
  }
  if (summary->negative) out.find(kPredicateNegative, {}, summary->text);
  check_builder(*summary, policy, out);
}

void check_subjects(const Statement& statement, const std::vector<Artifact>& artifacts, Verification& out) {
  if (artifacts.empty()) {
    out.note("subjects", Outcome::NotProved,
             "no artifact was given: what the statement is about was not compared");
    return;
  }
  std::size_t matched = 0;
  for (const Artifact& artifact : artifacts) {
    const bool named = std::ranges::any_of(statement.subjects, [&](const Subject& subject) {
      return subject.digest("sha256") == artifact.sha256;
    });
    if (named) {
      ++matched;
      continue;
    }
    out.find(
        kSubjectForeign, {},
        printable(artifact.path, 200) + " (sha256 " + artifact.sha256 + ") is no subject of the statement");
  }
  out.note("subjects", matched == artifacts.size() ? Outcome::Passed : Outcome::Failed,
           std::to_string(matched) + " of " + std::to_string(artifacts.size()) +
               " given artifacts are what the statement is about");
}

}  // namespace

std::span<const crypto::KeyType> attestation_keys() {
  return kKeys;
}

Result<Bundle> attest(const std::vector<Artifact>& artifacts, std::string_view predicate_type,
                      const Document& predicate, const crypto::Signer& signer,
                      VerificationMaterial material) {
  if (artifacts.empty()) return fail(Code::InvalidInput, "an attestation is about at least one artifact");
  TRY(check_predicate(predicate_type, predicate));
  const crypto::KeyType type = signer.public_key().type();
  if (std::ranges::find(kKeys, type) == kKeys.end())
    return fail(Code::InvalidInput,
                "attestations are not signed with keys of type " + std::string(crypto::name_of(type)));
  Statement statement;
  for (const Artifact& artifact : artifacts)
    statement.subjects.push_back({.name = artifact.name, .digests = {{"sha256", artifact.sha256}}});
  statement.predicate_type = predicate_type;
  statement.predicate = predicate;
  const std::string payload = TRY(write_statement(statement));
  Bundle bundle;
  bundle.material = std::move(material);
  bundle.envelope = TRY(sign_envelope(signer, kInTotoType, bytes_of(payload)));
  return bundle;
}

VerifiedAttestation verify_attestation(std::string_view json, const SignerTrust& trust,
                                       const std::vector<Artifact>& artifacts,
                                       const AttestationPolicy& policy) {
  VerifiedAttestation result{
      .verification = Verification(policy.path), .method = std::string(trust.method()), .statement = {}};
  Verification& out = result.verification;
  result.statement = signed_statement(json, trust, out);
  if (result.statement) {
    check_content(*result.statement, policy, out);
    check_subjects(*result.statement, artifacts, out);
  } else {
    for (const std::string_view id : {"predicate", "subjects"})
      out.note(id, Outcome::NotDone, "an earlier check failed");
  }
  out.close();
  return result;
}

}  // namespace bulwark::trust
