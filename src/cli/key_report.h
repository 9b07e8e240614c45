#pragma once
// Keys for people and machines. No secret half is ever in it.

#include <string>

#include "crypto/keyring.h"

namespace bulwark::cli {

// Hex of SHA-256 over the PEM, as bundles of model signatures name a key.
[[nodiscard]] std::string key_id(const crypto::PublicKey& key);

// `authenticated`: the key's secret was given, so its file is known to be as we wrote it.
[[nodiscard]] std::string key_text(const crypto::KeyFile& key, bool authenticated);
[[nodiscard]] std::string key_json(const crypto::KeyFile& key, bool authenticated);
[[nodiscard]] std::string keys_text(const crypto::KeyListing& listing, const std::string& folder);
[[nodiscard]] std::string keys_json(const crypto::KeyListing& listing, const std::string& folder);

}  // namespace bulwark::cli
