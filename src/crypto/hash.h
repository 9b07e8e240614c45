#pragma once
// Hash functions and HMAC, as bytes (crypto/digest.h has SHA-256 as text). Over OpenSSL.
//
// These cannot fail for any input. A crypto library that refuses to hash leaves nothing to stand on: the
// process ends with a message.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark::crypto {

enum class HashAlgorithm : std::uint8_t { Sha256, Sha384, Sha512, Blake2b512 };

[[nodiscard]] std::string_view name_of(HashAlgorithm algorithm);  // "sha256", "sha384", "sha512", "blake2b"
[[nodiscard]] std::optional<HashAlgorithm> hash_algorithm_from(std::string_view name);
[[nodiscard]] std::size_t size_of(HashAlgorithm algorithm);  // bytes of its result

using Hash256 = std::array<std::uint8_t, 32>;

// Content in pieces. Reusable: finish() starts anew. Movable. Used by one thread at a time.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(Bytes piece);
  [[nodiscard]] std::vector<std::uint8_t> finish();
  [[nodiscard]] Hash256 finish256();  // only of Sha256

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::vector<std::uint8_t> hash(HashAlgorithm algorithm, Bytes content);
[[nodiscard]] Hash256 sha256_bytes(Bytes content);
// SHA-256 of the pieces one after another; fast for small ones (no allocation), as Merkle trees need it.
[[nodiscard]] Hash256 sha256_bytes(Bytes first, Bytes second, Bytes third = {});

// RFC 2104. `key` may be empty.
[[nodiscard]] std::vector<std::uint8_t> hmac(HashAlgorithm algorithm, Bytes key, Bytes content);

// HMAC-SHA-256 over content in pieces.
class Hmac256 {
 public:
  explicit Hmac256(Bytes key);
  ~Hmac256();
  Hmac256(Hmac256&&) noexcept;
  Hmac256& operator=(Hmac256&&) noexcept;

  void update(Bytes piece);
  [[nodiscard]] Hash256 finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// In time that depends on the length only.
[[nodiscard]] bool equal_in_constant_time(Bytes left, Bytes right);

}  // namespace bulwark::crypto
