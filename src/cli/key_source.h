#pragma once
// The keyring as verbs see it: where it is, what opens its keys, and what new ones are sealed with. Verbs
// that only use keys need cli/secret_source.h alone.

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/verb.h"
#include "crypto/keyring.h"
#include "crypto/token.h"

namespace bulwark::cli {

// `keys` in the home folder; nothing is made.
[[nodiscard]] Result<crypto::Keyring> keyring(const Arguments& arguments, const World& world);

// Reads the passphrase from where `flag` says, or asks; a root key from where the key says. The arguments
// must outlive it.
[[nodiscard]] crypto::Unlock unlock_with(const Arguments& arguments, std::string keyring_folder,
                                         std::string_view flag = "passphrase-from");

// From --root-key, --unsealed (makes the file of the root key where it is missing), or else a new passphrase
// from where `flag` says. Errors: InvalidInput (more than one of them), and those of secrets.
[[nodiscard]] Result<crypto::Protector> new_protector(const Arguments& arguments, const World& world,
                                                      const crypto::Keyring& ring, std::string_view name,
                                                      std::string_view flag = "passphrase-from");

// 32 bytes as they are, as 64 hex digits, or as base64. Errors: InvalidInput.
[[nodiscard]] Result<crypto::Secret> symmetric_key(const crypto::Secret& content);

// A private key from a PEM file or a reference. `flag`: where its own passphrase comes from.
[[nodiscard]] Result<crypto::PrivateKey> read_private_key(const Arguments& arguments, std::string_view key,
                                                          std::string_view flag = "passphrase-from");

// A key on a token, with the library that speaks to it. Errors: InvalidInput.
[[nodiscard]] Result<crypto::TokenUri> token_uri(std::string_view text);
// From the URI's pin-source, from --passphrase-from, or asked for. Both must outlive it.
[[nodiscard]] crypto::Pin pin_for(const Arguments& arguments, const crypto::TokenUri& uri);

// What is no name of a key in the keyring: a token's, a path or a reference.
[[nodiscard]] bool is_on_token(std::string_view key);
[[nodiscard]] bool is_path_of_key(std::string_view key);
[[nodiscard]] bool is_reference(std::string_view key);

}  // namespace bulwark::cli
