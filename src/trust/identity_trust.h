#pragma once
// Believing a person or workload by name: keyless signatures of Sigstore.

#include <string>
#include <string_view>

#include "trust/signer_trust.h"
#include "trust/sigstore.h"
#include "trust/trusted_root.h"

namespace bulwark::trust {

class IdentityTrust : public SignerTrust {
 public:
  // Both parts of `identity` are compared exactly; empty ones are believed by nobody.
  IdentityTrust(Identity identity, TrustedRoot root)
      : identity_(std::move(identity)), root_(std::move(root)) {}

  [[nodiscard]] std::string_view method() const override { return "sigstore"; }
  [[nodiscard]] std::expected<crypto::PublicKey, Distrust> key_of(const Bundle& bundle,
                                                                  Verification& out) const override;

 private:
  Identity identity_;
  TrustedRoot root_;
};

}  // namespace bulwark::trust
