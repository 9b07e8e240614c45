#pragma once
// Authenticated encryption, key derivation and key wrapping. Over OpenSSL and libargon2.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace bulwark::crypto {

inline constexpr std::size_t kTagBytes = 16;

// AES-256-GCM (SP 800-38D), 12-byte nonces, one key for many messages; the caller never repeats a nonce.
// Movable. Used by one thread at a time.
class AesGcm {
 public:
  explicit AesGcm(Bytes key);  // 16 or 32 bytes
  ~AesGcm();
  AesGcm(AesGcm&&) noexcept;
  AesGcm& operator=(AesGcm&&) noexcept;

  // `out`: plain.size() + kTagBytes bytes; may start at plain's first byte.
  void seal(Bytes nonce, Bytes associated, Bytes plain, std::span<std::uint8_t> out);
  // `out`: sealed.size() - kTagBytes bytes; wiped when it fails. Errors: Corrupt (also if sealed is too
  // short).
  [[nodiscard]] Result<void> open(Bytes nonce, Bytes associated, Bytes sealed, std::span<std::uint8_t> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// RFC 5869. `hash`: Sha256, Sha384 or Sha512. At most 255 hash lengths. Errors: InvalidInput.
[[nodiscard]] Secret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes key);
[[nodiscard]] Result<Secret> hkdf_expand(HashAlgorithm algorithm, Bytes pseudorandom_key, Bytes info,
                                         std::size_t size);

// AES key wrap with padding, RFC 5649. `key_encryption_key`: 32 bytes (16 and 24 for the vectors).
[[nodiscard]] Result<std::vector<std::uint8_t>> wrap_key(Bytes key_encryption_key, Bytes key);
// Errors: Corrupt: another key, or changed bytes.
[[nodiscard]] Result<Secret> unwrap_key(Bytes key_encryption_key, Bytes wrapped);

// Argon2id, RFC 9106.
struct Argon2 {
  std::uint32_t passes = 3;
  std::uint32_t kibibytes = 65'536;  // second recommended option of RFC 9106: 64 MiB
  std::uint32_t lanes = 4;
};
// Errors: InvalidInput (parameters out of range: a file may name them), Unavailable (no memory).
[[nodiscard]] Result<Secret> argon2id(const Argon2& parameters, Bytes passphrase, Bytes salt,
                                      std::size_t size);

// PBKDF2-HMAC (RFC 8018): for reading what others sealed. Errors: InvalidInput.
[[nodiscard]] Result<Secret> pbkdf2(HashAlgorithm algorithm, Bytes passphrase, Bytes salt,
                                    std::uint32_t rounds, std::size_t size);

}  // namespace bulwark::crypto
