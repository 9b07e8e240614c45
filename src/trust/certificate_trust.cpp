#include "trust/certificate_trust.h"

#include "base/text.h"
#include "trust/rules.h"

namespace bulwark::trust {
namespace {

using crypto::Certificate;
using crypto::Purpose;

std::unexpected<Distrust> distrust(std::string_view check, const Rule& rule, std::string message) {
  return std::unexpected(
      Distrust{.check = check, .rule = &rule, .reason = {}, .message = std::move(message)});
}

bool may_sign_models(const Certificate& leaf) {
  return leaf.may_sign() || leaf.lists(Purpose::CodeSigning);
}

// "CN=signer" or, without a subject, its names.
std::string called(const Certificate& certificate) {
  const std::string subject = certificate.subject();
  return "'" + printable(subject.empty() ? certificate.serial() : subject, 120) + "'";
}

Result<std::vector<Certificate>> certificates_of(const VerificationMaterial& material) {
  std::vector<Certificate> certificates;
  for (const Blob& der : material.certificates) {
    Certificate certificate = TRY(Certificate::from_der(der));
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

}  // namespace

std::expected<crypto::PublicKey, Distrust> CertificateTrust::key_of(const Bundle& bundle,
                                                                    Verification& out) const {
  const VerificationMaterial& material = bundle.material;
  if (material.kind != MaterialKind::CertificateChain)
    return distrust("certificate-chain", kSignerUnexpected,
                    material.kind == MaterialKind::PublicKey
                        ? "the bundle names a public key, but authorities of certificates were given"
                        : "the bundle is signed by the keyless method; give --identity and --issuer");
  const auto certificates = certificates_of(material);
  if (!certificates) return distrust("certificate-chain", kBundleMalformed, certificates.error().message);
  const Certificate& leaf = certificates->front();
  const Instant time = time_ == CertificateTime::Issue ? leaf.not_before() : now_;
  const auto chain = leaf.verified_chain({.intermediates = std::span(*certificates).subspan(1),
                                          .roots = authorities_,
                                          .time = time,
                                          .purpose = Purpose::Any});
  if (!chain)
    return distrust("certificate-chain", kCertificateUntrusted,
                    called(leaf) + " at " + instant_text(time) + ": " + chain.error().message);
  if (!may_sign_models(leaf))
    return distrust("certificate-chain", kCertificateUntrusted,
                    called(leaf) +
                        " may not sign: neither key usage digitalSignature nor extended key usage "
                        "code signing");
  auto key = leaf.public_key();
  if (!key) return distrust("signer-key", kCertificateUntrusted, key.error().message);

  std::string path;
  for (const Certificate& certificate : *chain) path += (path.empty() ? "" : " <- ") + called(certificate);
  out.pass("certificate-chain", path);
  if (time_ == CertificateTime::Issue) {
    out.note("time", Outcome::NotProved,
             "judged by " + instant_text(time) + ", when the certificate was issued (--cert-time=issue)");
    out.find(kCertificateTimeLenient, {},
             "the certificate is valid until " + instant_text(leaf.not_after()) +
                 "; whether the signature was made by then was not checked");
  } else {
    out.note(
        "time", Outcome::NotProved,
        "the chain is valid now, " + instant_text(time) + "; when the signature was made is not recorded");
  }
  out.pass("identity", called(leaf) + ", as its authority certifies");
  out.pass("signer-key", describe(*key) + " is the one in the certificate");
  return std::move(*key);
}

Result<VerificationMaterial> chain_material(const std::vector<Certificate>& chain,
                                            const crypto::PublicKey& key) {
  if (chain.empty()) return fail(Code::InvalidInput, "the chain holds no certificate");
  const auto certified = TRY(chain.front().public_key());
  if (!(certified == key))
    return fail(Code::InvalidInput, "the first certificate, " + called(chain.front()) +
                                        ", is for another key than the one that signs");
  if (!may_sign_models(chain.front()))
    return fail(Code::InvalidInput, "the certificate " + called(chain.front()) + " may not sign");
  VerificationMaterial material;
  material.kind = MaterialKind::CertificateChain;
  for (const Certificate& certificate : chain)
    material.certificates.emplace_back(certificate.der().begin(), certificate.der().end());
  return material;
}

}  // namespace bulwark::trust
