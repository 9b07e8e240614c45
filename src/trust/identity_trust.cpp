#include "trust/identity_trust.h"

#include "trust/rules.h"

namespace bulwark::trust {
namespace {

// The line of the checklist that a step belongs to.
std::string_view line_of(Step step) {
  switch (step) {
    case Step::Bundle: return "bundle";
    case Step::Time: return "time";
    case Step::Certificate: return "certificate-chain";
    case Step::CertificateLog: return "certificate-log";
    case Step::Identity: return "identity";
    case Step::LogEntry:
    case Step::Inclusion: return "transparency-log";
    case Step::Signature:
    case Step::Artifact: return "signature";
  }
  return "bundle";
}

const Rule& rule_of(const Refusal& refusal) {
  switch (refusal.step) {
    case Step::Bundle: return refusal.code == Code::Denied ? kSignerUnexpected : kBundleMalformed;
    case Step::Identity: return kSignerUnexpected;
    case Step::Certificate: return kCertificateUntrusted;
    case Step::Signature:
    case Step::Artifact: return kSignatureWrong;
    default: return kEvidenceMissing;
  }
}

}  // namespace

std::expected<crypto::PublicKey, Distrust> IdentityTrust::key_of(const Bundle& bundle,
                                                                 Verification& out) const {
  auto verified = verify_keyless(bundle, nullptr, identity_, root_);
  if (!verified) {
    const Refusal& refusal = verified.error();
    // The line says the step already.
    return std::unexpected(Distrust{.check = line_of(refusal.step),
                                    .rule = &rule_of(refusal),
                                    .reason = {},
                                    .message = refusal.message.substr(name_of(refusal.step).size() + 2)});
  }
  // The caller checks the signature and the subjects once more, and has lines of its own for them.
  for (VerifiedStep& step : verified->steps)
    if (step.step != Step::Signature) out.pass(line_of(step.step), std::move(step.text));
  out.pass("signer-key", describe(*verified->key) + " is the one in the certificate");
  return std::move(*verified->key);
}

}  // namespace bulwark::trust
