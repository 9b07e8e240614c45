#pragma once
// One key of a keyring as it lies on the disk: docs/formats/keyring.md. Reading and writing only; what opens
// and changes keys is in crypto/keyring.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "crypto/signing.h"

namespace bulwark::crypto {

struct KeyFileLimits {
  static constexpr std::size_t kBytes = std::size_t{4} << 20U;  // 4,096 versions need some 3 MiB
  static constexpr std::size_t kVersions = 4'096;               // a rotation a day for eleven years
  static constexpr std::size_t kName = 64;
  static constexpr std::size_t kReason = 1'000;
  static constexpr std::size_t kSealed = std::size_t{16} << 10U;  // a P-521 key in PKCS#8 has 241 bytes
  static constexpr std::size_t kReference = 4'096;                // a path
};

enum class KeyKind : std::uint8_t { Signing, KeyEncryption };
enum class KeyState : std::uint8_t {
  Active,     // signs, wraps; at most one version is
  Retired,    // a newer version has taken its place; still unwraps, its signatures hold
  Revoked,    // may have been seen by others: signs and wraps nothing more, still unwraps
  Destroyed,  // its secret half is gone
};
[[nodiscard]] std::string_view name_of(KeyKind kind);    // "signing", "key-encryption"
[[nodiscard]] std::string_view name_of(KeyState state);  // "active" …

struct KeyVersion {
  std::uint32_t number = 1;  // from 1, without holes
  KeyState state = KeyState::Active;
  Instant created;
  Instant changed;                        // when it got this state
  std::string reason;                     // why; of Revoked and Destroyed
  std::optional<PublicKey> public_key{};  // of Signing
  std::vector<std::uint8_t> nonce;        // 12 bytes
  std::vector<std::uint8_t> sealed;       // secret half and tag; empty: destroyed
};

// What the secret halves are sealed with.
struct Protection {
  enum class Method : std::uint8_t {
    Passphrase,  // through Argon2id
    RootKey,     // 32 bytes that somebody else keeps
  };
  Method method = Method::Passphrase;
  Argon2 argon2;                    // of Passphrase
  std::string root_key;             // of RootKey: env:NAME or file:PATH, relative to the keyring's folder
  std::vector<std::uint8_t> salt;   // 16 bytes
  std::vector<std::uint8_t> check;  // 16 bytes: tells a wrong passphrase from a changed file
};
[[nodiscard]] std::string_view name_of(Protection::Method method);  // "argon2id", "root-key"

struct KeyFile {
  std::string name;
  KeyKind kind = KeyKind::Signing;
  KeyType type = KeyType::P256;  // of Signing
  Protection protection;
  std::vector<KeyVersion> versions;  // in order, at least one
  std::vector<std::uint8_t> mac;     // 32 bytes; empty if no version has a secret half

  [[nodiscard]] std::string_view type_name() const;  // "p256" …, "aes256"
  [[nodiscard]] const KeyVersion* active() const;    // null: none is
};

// a-z 0-9 - _, a letter or digit first, 64 at most: a name is a file's name and never looks like a path.
[[nodiscard]] bool is_key_name(std::string_view name);

// What the MAC covers: the canonical JSON of everything else. Errors: InvalidInput (text that is no UTF-8).
[[nodiscard]] Result<std::string> authenticated_text(const KeyFile& key);
[[nodiscard]] std::string write_key_file(const KeyFile& key);
// The MAC is not checked: that needs the secret. Errors: Corrupt (says where), LimitReached, Unsupported (a
// later format).
[[nodiscard]] Result<KeyFile> read_key_file(std::string_view text);

}  // namespace bulwark::crypto
