#pragma once
// Believing whoever a named authority has certified.

#include <vector>

#include "base/instant.h"
#include "crypto/certificate.h"
#include "trust/signer_trust.h"

namespace bulwark::trust {

enum class CertificateTime : std::uint8_t {
  Now,    // a certificate that has expired signs nothing any more
  Issue,  // when the leaf was issued, as the reference implementation does: it never expires
};

class CertificateTrust : public SignerTrust {
 public:
  // `authorities`: what a chain may end at; never the system's. `now`: the current time.
  CertificateTrust(std::vector<crypto::Certificate> authorities, CertificateTime time, Instant now)
      : authorities_(std::move(authorities)), time_(time), now_(now) {}

  [[nodiscard]] std::string_view method() const override { return "certificate"; }
  [[nodiscard]] std::expected<crypto::PublicKey, Distrust> key_of(const Bundle& bundle,
                                                                  Verification& out) const override;

 private:
  std::vector<crypto::Certificate> authorities_;
  CertificateTime time_;
  Instant now_;
};

// The verification material of a chain: leaf first. Errors: InvalidInput: the leaf certifies another key, or
// may not sign.
[[nodiscard]] Result<VerificationMaterial> chain_material(const std::vector<crypto::Certificate>& chain,
                                                          const crypto::PublicKey& key);

}  // namespace bulwark::trust
