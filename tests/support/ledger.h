#pragma once
// A signing key that is the same in every run, for tests of the ledger.

#include <string>

#include "crypto/signing.h"

namespace bulwark::test {

// Ed25519. Signs each message once and remembers the signature: a simulation writes the same checkpoints
// again and again. Threads: safe from many at once.
class MemorySigner : public crypto::Signer {
 public:
  MemorySigner();
  [[nodiscard]] const crypto::PublicKey& public_key() const override { return key_.public_key(); }
  [[nodiscard]] Result<std::vector<std::uint8_t>> sign(Bytes message) const override;

 private:
  crypto::PrivateKey key_;
};

}  // namespace bulwark::test
