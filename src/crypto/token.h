#pragma once
// Keys on tokens (PKCS #11): smart cards, hardware security modules, SoftHSM. Private halves and
// key-encryption keys never leave the token.
//
// The library that speaks to a token runs inside this process: name only those that you trust.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/key_encryption.h"
#include "crypto/signing.h"
#include "crypto/token_uri.h"

namespace bulwark::crypto {

// Asked for when the token wants it. `token`: its label.
using Pin = std::function<Result<Secret>(const std::string& token)>;

// Errors everywhere: InvalidInput (the URI names no key, or several), NotFound (library, key), Denied (wrong
// PIN, locked), Unavailable (no such token, or it is gone), Unsupported (the token cannot do it).
// `uri.module_path` is not empty. What is returned holds a session of its own until it is destroyed.

[[nodiscard]] Result<std::unique_ptr<Signer>> open_token_signer(const TokenUri& uri, const Pin& pin);
// Needs no PIN where the token shows public keys without one.
[[nodiscard]] Result<PublicKey> token_public_key(const TokenUri& uri);
// AES-256 keys of one label; their id is the version, as a big-endian number of at most four bytes.
[[nodiscard]] Result<std::unique_ptr<KeyEncryption>> open_token_key_encryption(const TokenUri& uri,
                                                                               const Pin& pin);

// Makes a key pair of label `uri.object` that cannot leave the token. Errors: InvalidInput (exists).
[[nodiscard]] Result<PublicKey> create_token_key(const TokenUri& uri, const Pin& pin, KeyType type);
// Makes the next version of a key-encryption key, or its first; returns its number.
[[nodiscard]] Result<std::uint32_t> create_token_key_encryption(const TokenUri& uri, const Pin& pin);

}  // namespace bulwark::crypto
