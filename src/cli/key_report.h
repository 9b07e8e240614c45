#pragma once
// Keys for people and machines. No secret half is ever in it.

#include <string>

#include "crypto/keyring.h"
#include "crypto/token_uri.h"

namespace bulwark::cli {

// `authenticated`: the key's secret was given, so its file is known to be as we wrote it.
[[nodiscard]] std::string key_text(const crypto::KeyFile& key, bool authenticated);
[[nodiscard]] std::string key_json(const crypto::KeyFile& key, bool authenticated);
[[nodiscard]] std::string keys_text(const crypto::KeyListing& listing, const std::string& folder);
[[nodiscard]] std::string keys_json(const crypto::KeyListing& listing, const std::string& folder);

// A key pair on a token, and a version of a key-encryption key on one.
[[nodiscard]] std::string token_key_text(const crypto::TokenUri& uri, const crypto::PublicKey& key,
                                         bool json);
[[nodiscard]] std::string token_key_text(const crypto::TokenUri& uri, std::uint32_t version, bool json);

}  // namespace bulwark::cli
