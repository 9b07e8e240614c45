#pragma once
// Key-encryption keys: what wraps the data keys of stored objects. Versioned, so that a key can be replaced
// without touching the data.

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace bulwark::crypto {

// A keyring, a token, or keys of a test. Threads: safe from many at once.
class KeyEncryption {
 public:
  virtual ~KeyEncryption() = default;
  // The version that new keys are wrapped with; from 1.
  [[nodiscard]] virtual Result<std::uint32_t> current() const = 0;
  // AES-256 key wrap with padding (RFC 5649): 32 bytes become 40.
  // Errors: NotFound (no such version), Denied (revoked), Unavailable (a token that is gone).
  [[nodiscard]] virtual Result<std::vector<std::uint8_t>> wrap(std::uint32_t version, Bytes key) const = 0;
  // A revoked version still unwraps, so that its objects can be rotated; a destroyed one is NotFound.
  // Errors: as above, and Corrupt: wrapped with another key, or changed.
  [[nodiscard]] virtual Result<Secret> unwrap(std::uint32_t version, Bytes wrapped) const = 0;
};

}  // namespace bulwark::crypto
