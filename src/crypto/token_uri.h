#pragma once
// Names of keys on tokens: PKCS #11 URIs (RFC 7512), such as
// pkcs11:token=release;object=signing?module-path=/usr/lib/softhsm/libsofthsm2.so

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::crypto {

// What is not given is empty and matches everything.
struct TokenUri {
  std::string token;  // the token's label
  std::string manufacturer;
  std::string model;
  std::string serial;
  std::optional<std::uint64_t> slot;
  std::string object;            // the key's label
  std::vector<std::uint8_t> id;  // the key's id
  std::string module_path;       // the library that speaks to the token
  std::string pin_source;        // env:NAME or file:PATH
};

// Errors: InvalidInput (says which attribute; comes twice, unknown, a PIN in the URI itself).
[[nodiscard]] Result<TokenUri> read_token_uri(std::string_view text);

}  // namespace bulwark::crypto
